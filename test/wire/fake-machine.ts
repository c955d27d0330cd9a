import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { portSocketPath } from "../../src/wire/port-socket-path.ts";
import { numberOf, stream, unstream } from "./frames.ts";

const deadlineMilliseconds = 30_000;

/** What QEMU is to a port: a real socket with the real framing. */
export class FakeMachine implements Disposable {
  readonly frames: Buffer[] = [];
  readonly socket: Socket;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => undefined);
    socket.on("data", (bytes: Buffer) => {
      const { frames, rest } = unstream(Buffer.concat([this.#rest, bytes]));
      this.frames.push(...frames);
      this.#rest = rest;
      socket.emit("frames");
    });
  }

  /** Connect to the port `node:port` of a panel. */
  static async connect(runDirectory: string, node: string, port: string): Promise<FakeMachine> {
    const socket = connect(join(runDirectory, portSocketPath(node, port)));
    await once(socket, "connect");
    return new FakeMachine(socket);
  }

  get numbers(): number[] {
    return this.frames.map(numberOf);
  }

  send(...frames: readonly Uint8Array[]): void {
    this.socket.write(stream(...frames));
  }

  /** Wait until so many frames have come since the start. */
  async received(count: number): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    while (this.frames.length < count) {
      try {
        await once(this.socket, "frames", { signal });
      } catch {
        throw new Error(`expected ${count} frames, ${this.frames.length} came: ${this.numbers.join()}`);
      }
    }
  }

  /** Wait until the panel has closed the connection. */
  async closed(): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    signal.addEventListener("abort", () => {
      reject(new Error("expected the panel to close the connection, it is still open"));
    });
    // Not events.once: it takes the reset by a killed panel for a failure.
    this.socket.on("close", () => {
      resolve(undefined);
    });
    if (!this.socket.closed) await promise;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
