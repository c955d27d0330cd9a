import { createServer, type Server, type Socket } from "node:net";
import type { SwitchControl } from "../control/switch-control.ts";
import { answerCall, type Services } from "./message.ts";
import { multicastService } from "./multicast-service.ts";
import type { Device } from "./device.ts";
import { standardService } from "./standard-service.ts";
import { switchService } from "./switch-service.ts";

/** A server of BMv2's run-time interface. */
export interface ThriftServer extends AsyncDisposable {
  /** The TCP port it listens on. */
  readonly port: number;
}

/** The three services of simple_switch, by name. */
export function switchServices(control: SwitchControl, device: Device): Services {
  return new Map([
    ["standard", standardService(control, device)],
    ["simple_pre_lag", multicastService(control)],
    ["simple_switch", switchService(control)],
  ]);
}

/** Where a server listens, and who is told. */
export interface ThriftServerOptions {
  /** TCP port; 0: any free one. */
  readonly port: number;
  /** An address of this host; all of them unless given. */
  readonly host?: string | undefined;
  /** Called after each call that was carried out, before it is answered. */
  readonly called?: () => void;
}

/**
 * Serve Thrift's binary protocol, unframed and multiplexed. Calls of one connection are answered in order. Rejects with
 * the system's error where the port is taken.
 */
export async function serveThrift(
  services: Services,
  { port, host, called = () => undefined }: ThriftServerOptions,
): Promise<ThriftServer> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
    // A client that goes away in the middle is none of our business.
    socket.on("error", () => socket.destroy());
    serveConnection(socket, services, called);
  });
  await listen(server, port, host);
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    [Symbol.asyncDispose]: () => {
      for (const socket of connections) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

/** Answers the calls of one connection, one after the other. */
function serveConnection(socket: Socket, services: Services, called: () => void): void {
  let received: Buffer = Buffer.alloc(0);
  let answering = false;
  const answer = async (): Promise<void> => {
    if (answering) return;
    answering = true;
    while (received.length > 0) {
      const { consumed, reply, close } = answerCall(received, services);
      received = received.subarray(consumed);
      const written = reply instanceof Promise ? await reply : reply;
      if (consumed > 0) called();
      if (written !== undefined) socket.write(written);
      if (close) {
        socket.end();
        received = Buffer.alloc(0);
      } else if (consumed === 0) {
        break;
      }
    }
    answering = false;
  };
  socket.on("data", (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    void answer();
  });
}

function listen(server: Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
