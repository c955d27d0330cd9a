import { createServer, Socket, type Server } from "node:net";
import { chmod, rm } from "node:fs/promises";
import { once } from "node:events";
import { KestrelError } from "../error/kestrel-error.ts";
import { Egress } from "./egress.ts";
import { type FrameBatch, maximumFrameBytes, type Sink, type Source } from "./frame-batch.ts";
import { Ingress } from "./ingress.ts";
import type { PanelEvent, PortDescription, PortStatus } from "./protocol.ts";
import { portName, portSocketPath } from "./port-socket-path.ts";

/** Takes the frames that a port's machine sends. The batch is reused after the call. */
export type FrameConsumer = (batch: FrameBatch) => void;

interface Connection {
  readonly socket: Socket;
  readonly egress: Egress;
}

/**
 * A port of a node: a listening UNIX socket to which its QEMU connects. A newer connection (the node was power-cycled)
 * replaces the older one; what the port is plugged into stays.
 */
export class Port implements Sink, Source {
  readonly name: string;
  readonly path: string;
  /** Where the frames go that the machine sends; without it they are read and forgotten, as from an unplugged NIC. */
  consumer: FrameConsumer | undefined;

  readonly #server: Server;
  readonly #report: (event: PanelEvent) => void;
  #connection: Connection | undefined;
  #connections = 0;
  #holds = 0;

  private constructor(description: PortDescription, report: (event: PanelEvent) => void) {
    this.name = portName(description.node, description.port);
    this.path = portSocketPath(description.node, description.port);
    this.#report = report;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      this.#accept(socket);
    });
  }

  /** Listen for a port's machine, below the current directory. A socket that a dead panel left there is replaced. */
  static async listen(description: PortDescription, report: (event: PanelEvent) => void): Promise<Port> {
    const port = new Port(description, report);
    try {
      await rm(port.path, { force: true });
      port.#server.listen({ path: port.path });
      await once(port.#server, "listening");
      await chmod(port.path, 0o600);
    } catch (cause) {
      throw new KestrelError(
        {
          kind: "host",
          step: "listen for a port",
          subject: port.name,
          expected: `a UNIX socket at ${port.path}`,
          found: cause instanceof Error ? cause.message : String(cause),
          hint: "the run directory must be writable and on a local file system",
        },
        { cause },
      );
    }
    return port;
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  get waitingBytes(): number {
    return this.#connection?.egress.waitingBytes ?? 0;
  }

  deliver(batch: FrameBatch, limitBytes: number): number {
    return this.#connection?.egress.deliver(batch, limitBytes) ?? batch.start;
  }

  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#connection?.socket.pause();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#connection?.socket.resume();
  }

  status(): PortStatus {
    return { name: this.name, path: this.path, connected: this.connected, connections: this.#connections };
  }

  /** Stop listening and close the connection; the socket file goes away. */
  close(): void {
    this.#server.close();
    this.#disconnect("the port was removed");
  }

  #accept(accepted: Socket): void {
    this.#disconnect("the machine connected anew");
    const ingress = new Ingress();
    ingress.batch.source = this;
    const socket = adopt(accepted, ingress, (bytes) => {
      if (this.#connection?.socket === socket) this.#received(ingress, bytes);
    });
    const connection = { socket, egress: new Egress(socket) };
    this.#connection = connection;
    this.#connections += 1;
    let reason = "the machine closed the connection";
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.on("close", () => {
      if (this.#connection === connection) this.#disconnect(reason);
    });
    if (this.#holds === 0) socket.resume();
    this.#report({ type: "port-connected", port: this.name, connections: this.#connections });
  }

  #received(ingress: Ingress, bytes: number): void {
    const senseless = ingress.filled(bytes);
    if (ingress.batch.frames > 0) this.consumer?.(ingress.batch);
    ingress.settle();
    if (senseless !== undefined) {
      this.#disconnect(
        `a frame of ${senseless} bytes was announced, at most ${maximumFrameBytes} are possible: the peer does not speak ` +
          "QEMU's stream framing (u32 big-endian length, frame)",
      );
    }
  }

  #disconnect(reason: string): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    this.#connection = undefined;
    connection.egress.close();
    connection.socket.destroy();
    this.#report({ type: "port-disconnected", port: this.name, reason });
  }
}

/**
 * The accepted connection as a socket that reads into our buffers. `net.Server` cannot be told to do so, only the
 * constructor of a socket can: the handle moves from the one to the other.
 */
function adopt(accepted: Socket, ingress: Ingress, received: (bytes: number) => void): Socket {
  const holder = accepted as unknown as { _handle: unknown };
  const options = {
    handle: holder._handle,
    writableHighWaterMark: 1,
    onread: {
      buffer: () => ingress.space(),
      callback: (bytes: number) => {
        received(bytes);
        return true;
      },
    },
  };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  holder._handle = null;
  accepted.destroy();
  return socket;
}
