import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Guest } from "./guest.ts";

/** A TCP port of a node that is reachable on 127.0.0.1 until it is disposed of; connections that are open then are cut. */
export interface ForwardedPort extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
}

/** How a port is forwarded. */
export interface ForwardPortOptions {
  /** The port on 127.0.0.1; a free one unless given. */
  readonly local?: number;
  /** Called with what became of a connection that could not be carried to its end. */
  readonly onFault?: (error: unknown) => void;
}

/** Make a TCP port of a node reachable on 127.0.0.1. Rejects with the error of listen(2) when `local` cannot be had. */
export async function forwardPort(
  guest: Pick<Guest, "connect">,
  port: number,
  { local = 0, onFault = () => undefined }: ForwardPortOptions = {},
): Promise<ForwardedPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    const carry = async (): Promise<void> => {
      const inner = await guest.connect(port);
      await Promise.all([pipeline(socket, inner), pipeline(inner, socket)]);
    };
    carry().catch((error: unknown) => {
      socket.destroy();
      onFault(error);
    });
  });
  server.listen(local, "127.0.0.1");
  await once(server, "listening");
  const { address, port: listening } = server.address() as AddressInfo;
  return {
    address,
    port: listening,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
