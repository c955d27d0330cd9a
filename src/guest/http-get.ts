import { buffer } from "node:stream/consumers";
import type { Guest } from "./guest.ts";

/** Where a server of a node listens, and what it is asked for. */
export interface HttpPlace {
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

/** An answer that is known, and how long a server that can may wait for another before it says that there is none. */
export interface KnownAnswer {
  readonly tag: string;
  readonly waitSeconds: number;
}

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  /** Its entity tag (RFC 9110 section 8.8.3). */
  readonly tag: string | undefined;
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
  place: HttpPlace,
  signal: AbortSignal,
  known?: KnownAnswer,
): Promise<HttpAnswer> {
  const condition =
    known === undefined ? "" : `If-None-Match: ${known.tag}\r\nPrefer: wait=${String(known.waitSeconds)}\r\n`;
  return exchange(guest, place, signal, `GET ${place.path}`, condition);
}

/**
 * Have an HTTP server inside a node do something; `body` is sent as JSON. As {@link httpGet}.
 *
 * @throws KestrelError (input) when nothing listens there
 */
export async function httpSend(
  guest: Pick<Guest, "connect">,
  place: HttpPlace,
  signal: AbortSignal,
  method: "POST" | "PUT" | "DELETE",
  body?: unknown,
): Promise<HttpAnswer> {
  const json = body === undefined ? "" : JSON.stringify(body);
  const headers = `Content-Length: ${Buffer.byteLength(json)}\r\n`;
  const type = body === undefined ? "" : "Content-Type: application/json\r\n";
  return exchange(guest, place, signal, `${method} ${place.path}`, headers + type, json);
}

async function exchange(
  guest: Pick<Guest, "connect">,
  { address, port }: HttpPlace,
  signal: AbortSignal,
  request: string,
  headers: string,
  content = "",
): Promise<HttpAnswer> {
  const connection = await guest.connect(port, address);
  const end = (): void => void connection.destroy();
  signal.addEventListener("abort", end, { once: true });
  try {
    // In HTTP/1.0 the answer is in one piece, and ends with the connection.
    connection.write(`${request} HTTP/1.0\r\nHost: localhost\r\n${headers}Connection: close\r\n\r\n${content}`);
    const text = (await buffer(connection)).toString("utf8");
    const end = text.indexOf("\r\n\r\n");
    const head = text.slice(0, end);
    const status = /^HTTP\/1\.[01] (?<status>\d{3})/.exec(head)?.groups?.["status"];
    const tag = /^etag:\s*(?<tag>(?:W\/)?"[^"]*")/im.exec(head)?.groups?.["tag"];
    return { status: Number(status ?? 0), tag, body: text.slice(end + 4) };
  } finally {
    signal.removeEventListener("abort", end);
    connection.destroy();
  }
}
