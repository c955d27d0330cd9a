import { buffer } from "node:stream/consumers";
import type { Guest } from "./guest.ts";

/** Where a server of a node listens, and what it is asked for. */
export interface HttpPlace {
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * GET something of an HTTP server inside a node, over the node's own line: no NIC takes part. The connection is cut when
 * `signal` aborts, and the call rejects then or gives the part that has come.
 *
 * @throws KestrelError (input) when nothing listens there
 */
export async function httpGet(
  guest: Pick<Guest, "connect">,
  { address, port, path }: HttpPlace,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const connection = await guest.connect(port, address);
  const end = (): void => void connection.destroy();
  signal.addEventListener("abort", end, { once: true });
  try {
    // In HTTP/1.0 the answer is in one piece, and ends with the connection.
    connection.write(`GET ${path} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const text = (await buffer(connection)).toString("utf8");
    const status = /^HTTP\/1\.[01] (?<status>\d{3})/.exec(text)?.groups?.["status"];
    return { status: Number(status ?? 0), body: text.slice(text.indexOf("\r\n\r\n") + 4) };
  } finally {
    signal.removeEventListener("abort", end);
    connection.destroy();
  }
}
