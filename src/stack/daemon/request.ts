import { type IncomingHttpHeaders, request as httpRequest } from "node:http";
import { isIPv6 } from "node:net";

/** Where a request goes: a TCP port (an IPv6 link-local address with its zone, `fe80::1%net0`), or a UNIX socket. */
export type ApiTarget = { readonly host: string; readonly port: number } | { readonly socketPath: string };

/** A request to another daemon's API. */
export interface ApiRequest {
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** JSON that is text already, instead of `body`. */
  readonly text?: string | undefined;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
  /** The longest answer that is read, bytes; 16 MiB unless given. */
  readonly answerLimitBytes?: number;
}

/** The answer: its status, its headers (names in lower case), and its body as text. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const defaultAnswerLimitBytes = 16 * 1024 * 1024;

/**
 * Make one request on a connection of its own. `fetch` takes no zone in an address, which link-local peers need.
 * Rejects when nobody answers in time, the connection fails, or the answer is too long; any status is an answer.
 */
export function requestApi(
  target: ApiTarget,
  { method, path, body, text, headers, timeoutMs, signal, answerLimitBytes }: ApiRequest,
): Promise<ApiAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const json = text ?? (body === undefined ? undefined : JSON.stringify(body));
  const content = json === undefined ? undefined : Buffer.from(json);
  const request = httpRequest({
    ...target,
    method,
    path,
    agent: false,
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]),
    headers: {
      ...headers,
      host: "host" in target ? hostHeader(target) : "localhost",
      ...(content === undefined ? {} : { "content-type": "application/json", "content-length": content.length }),
    },
  });
  request.on("error", reject);
  request.on("response", (response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > (answerLimitBytes ?? defaultAnswerLimitBytes)) request.destroy(new Error("the answer is too long"));
    });
    response.on("error", reject);
    response.on("end", () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: singleHeaders(response.headers),
        body: Buffer.concat(chunks).toString("utf8"),
      });
    });
  });
  request.end(content);
  return promise;
}

function singleHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

/** A zone is of no use to anybody else, and no part of a Host header (RFC 6874, section 4). */
function hostHeader({ host, port }: { readonly host: string; readonly port: number }): string {
  return isIPv6(host) ? `[${host.replace(/%.*$/, "")}]:${port}` : `${host}:${port}`;
}
