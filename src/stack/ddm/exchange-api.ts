import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { type ServedApi, createApi, serveApi } from "../daemon/api.ts";
import { ddmExchangePort } from "../../packet/index.ts";
import { header } from "./engine/authentication.ts";
import type { ExchangeVersion } from "./engine/exchange-schema.ts";
import type { ExchangeOperation, Headers } from "./engine/input-output.ts";
import { ownBodyLimit } from "./engine/settings.ts";
import { withoutZone } from "./discovery-sockets.ts";
import { zoneOf } from "./zone.ts";

/** A peer's request. */
export interface ReceivedExchange {
  readonly from: string;
  readonly operation: ExchangeOperation;
  readonly version: ExchangeVersion;
  readonly headers: Headers;
  readonly body: string;
}

/** The answer to it. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What an interface's exchange server needs. */
export interface ExchangeServerOptions {
  readonly interfaceName: string;
  /** The own link-local address. */
  readonly address: string;
  readonly answer: (request: ReceivedExchange) => Promise<ExchangeAnswer>;
  /** A request that never came to be one: too long, an unknown path. */
  readonly refused: (status: number, message: string) => void;
}

/** Serve `/v2` and `/v3` push and pull on a link-local address (section 1.5). Rejects if the address cannot be had. */
export function serveExchange({ interfaceName, address, answer, refused }: ExchangeServerOptions): Promise<ServedApi> {
  const api = createApi({ bodyLimitBytes: ownBodyLimit, onRefusal: refused });
  for (const version of [2, 3] as const) {
    const handle = (operation: ExchangeOperation) => async (context: Context) => {
      const body = operation === "push" ? await context.req.text() : "";
      const headers = headersOf(context);
      const { incoming } = context.env as HttpBindings;
      const from = withoutZone(incoming.socket.remoteAddress ?? "");
      const { status, headers: own, body: text } = await answer({ from, operation, version, headers, body });
      const type = text === "" ? {} : { "content-type": "application/json" };
      return new Response(text === "" ? null : text, { status, headers: { ...type, ...own } });
    };
    api.put(`/v${version}/push`, handle("push"));
    api.get(`/v${version}/pull`, handle("pull"));
  }
  return serveApi(api, { host: `${address}%${zoneOf(interfaceName)}`, port: ddmExchangePort });
}

function headersOf({ req }: Context): Headers {
  const names = Object.values(header);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = req.header(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
