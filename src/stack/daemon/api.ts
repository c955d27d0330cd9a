import { type AddressInfo, isIPv6 } from "node:net";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { HonoRequest } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** A request that cannot be done; it becomes the answer `{message, request_id, error_code?}`. */
export class ApiError extends Error {
  readonly status: ContentfulStatusCode;
  readonly errorCode: string | undefined;

  constructor(status: ContentfulStatusCode, message: string, errorCode?: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** What an API is made with. */
export interface ApiOptions {
  /** Longest body of a request, bytes; a longer one is answered with 413. */
  readonly bodyLimitBytes: number;
  /** Called once for each request that was refused (4xx) or failed (5xx); `error` is set for a fault of the daemon's own. */
  readonly onRefusal?: (status: number, message: string, error?: unknown) => void;
  /** What an error of the daemon's own kind is to a client; undefined for any that is none of its business. */
  readonly translate?: (error: unknown) => ApiError | undefined;
}

/**
 * An HTTP API whose operations are described by zod schemas: `api.openapi(route, handler)`. A body or parameter that does
 * not fit is answered with 400 and names the field; an unknown path with 404; an {@link ApiError} with its status; anything
 * else thrown with 500 and no detail.
 */
export function createApi({
  bodyLimitBytes,
  onRefusal = () => undefined,
  translate = () => undefined,
}: ApiOptions): OpenAPIHono {
  let requests = 0;
  const refuse = (status: ContentfulStatusCode, message: string, errorCode?: string, error?: unknown): Response => {
    onRefusal(status, message, error);
    requests += 1;
    const body = {
      message,
      request_id: String(requests),
      ...(errorCode === undefined ? {} : { error_code: errorCode }),
    };
    return Response.json(body, { status });
  };
  const api = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return undefined;
      const faults = result.error.issues.map(({ path, message }) => `${path.join(".") || result.target}: ${message}`);
      return refuse(400, faults.join("; "));
    },
  });
  api.use(async ({ req }, next) => {
    if (await bodyFits(req, bodyLimitBytes)) return next();
    return refuse(413, `body longer than ${bodyLimitBytes} bytes`);
  });
  api.notFound(({ req }) => refuse(404, `no such operation: ${req.method} ${req.path}`));
  api.onError((thrown) => {
    const error = translate(thrown) ?? thrown;
    if (error instanceof ApiError) return refuse(error.status, error.message, error.errorCode);
    // hono's own refusals (malformed JSON) carry their status.
    if ("status" in error && typeof error.status === "number" && error.status < 500) {
      return refuse(error.status as ContentfulStatusCode, error.message);
    }
    return refuse(500, "internal error", undefined, error);
  });
  return api;
}

/**
 * Whether a request's body is within a limit. One that does not say its length is read to find out, and kept. (hono's own
 * middleware makes a new Request of the old one, which must be a global one then.)
 */
async function bodyFits(request: HonoRequest, limitBytes: number): Promise<boolean> {
  const length = request.header("content-length");
  if (length !== undefined && request.header("transfer-encoding") === undefined) return Number(length) <= limitBytes;
  const { body } = request.raw;
  if (body === null) return true;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    size += chunk.length;
    if (size > limitBytes) return false;
    chunks.push(chunk);
  }
  // What hono keeps are promises, whatever its types say.
  Object.assign(request.bodyCache, { text: Promise.resolve(Buffer.concat(chunks).toString("utf8")) });
  return true;
}

/** Where an API listens: a TCP port of an address (an IPv6 link-local one with its zone, `fe80::1%net0`), or a UNIX socket. */
export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** An API that listens until it is disposed of; connections that are open then are cut. */
export interface ServedApi extends AsyncDisposable {
  /** The TCP port listened on; 0 for a UNIX socket. */
  readonly port: number;
}

/** Serve an API. Rejects with the error of listen(2) when the address cannot be had. */
export async function serveApi(api: OpenAPIHono, address: ListenAddress): Promise<ServedApi> {
  const listener = getRequestListener(api.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => {
    // Its failures become answers; what is left is a connection that is gone.
    listener(request, response).catch(() => response.destroy());
  });
  await listen(server, address);
  return {
    port: (server.address() as AddressInfo | null)?.port ?? 0,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      server.close(resolve);
      server.closeAllConnections();
      await promise;
    },
  };
}

function listen(server: Server, address: ListenAddress): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once("error", reject);
  const options = "path" in address ? address : { ...address, ipv6Only: isIPv6(address.host) && address.host !== "::" };
  server.listen(options, () => {
    server.off("error", reject);
    resolve(undefined);
  });
  return promise;
}
