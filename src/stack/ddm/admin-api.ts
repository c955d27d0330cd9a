import { type OpenAPIHono, createRoute, z } from "@hono/zod-openapi";
import { ApiError, createApi } from "../daemon/api.ts";
import { monotonicMs } from "../daemon/clock.ts";
import { heldAnswers } from "../daemon/held-answer.ts";
import type { DestinationStatus } from "../multipath/engine/input-output.ts";
import {
  durationJson,
  interfaceSchema,
  measuredDestinationSchema,
  netSchema,
  pathVectorSchema,
  peerSchema,
  tunnelOriginJson,
  tunnelOriginSchema,
  tunnelRouteSchema,
} from "./admin-schema.ts";
import type { DdmDaemon } from "./daemon.ts";
import { addressText, isTunnelKey, type RouteKey, tunnelKey, tunnelOfKey, underlayKey } from "./engine/route-key.ts";
import { importViews, linkViews, originatedKeys, tunnelImports } from "./engine/view.ts";

const longestBodyBytes = 64 * 1024 * 1024;
const done = { 204: { description: "done" } } as const;

function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { 200: { description, content: { "application/json": { schema } } } };
}

function body<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

/** The admin API (section 1.12). */
export function adminApi(daemon: DdmDaemon): OpenAPIHono {
  const api = createApi({ bodyLimitBytes: longestBodyBytes });
  readOperations(api, daemon);
  writeOperations(api, daemon);
  return api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "ddmd", version: "2.0.0" } });
}

function readOperations(api: OpenAPIHono, daemon: DdmDaemon): void {
  const { engine, changes } = daemon;
  api.use(
    "/prefixes",
    heldAnswers(changes, () => prefixesJson(engine)),
  );
  api.use(
    "/tunnel_endpoints",
    heldAnswers(changes, () => tunnelImportsJson(engine)),
  );
  const peers = z.record(z.string(), peerSchema);
  api.openapi(
    createRoute({ method: "get", path: "/peers", responses: answer("peers by interface", peers) }),
    (context) => context.json(peersJson(engine), 200),
  );
  const interfaces = z.array(interfaceSchema);
  api.openapi(
    createRoute({ method: "get", path: "/interfaces", responses: answer("all interfaces, with counters", interfaces) }),
    (context) => context.json(interfacesJson(engine), 200),
  );
  const nets = z.array(z.string());
  api.openapi(
    createRoute({ method: "get", path: "/originated", responses: answer("own underlay prefixes", nets) }),
    (context) =>
      context.json(
        originatedKeys(engine).filter((key) => !isTunnelKey(key)),
        200,
      ),
  );
  const prefixes = z.record(z.string(), z.array(pathVectorSchema));
  api.openapi(
    createRoute({ method: "get", path: "/prefixes", responses: answer("imported, by next hop", prefixes) }),
    (context) => context.json(prefixesJson(engine), 200),
  );
  const measured = z.array(measuredDestinationSchema).nullable();
  api.openapi(
    createRoute({
      method: "get",
      path: "/multipath",
      responses: answer("delays of paths, null if not measured", measured),
    }),
    (context) => context.json(daemon.paths()?.map(measuredJson) ?? null, 200),
  );
  const origins = z.array(tunnelOriginSchema);
  api.openapi(
    createRoute({ method: "get", path: "/originated_tunnel_endpoints", responses: answer("own origins", origins) }),
    (context) => context.json(originatedKeys(engine).filter(isTunnelKey).map(tunnelOfKey).map(tunnelOriginJson), 200),
  );
  const routes = z.array(tunnelRouteSchema);
  api.openapi(
    createRoute({ method: "get", path: "/tunnel_endpoints", responses: answer("imported tunnel origins", routes) }),
    (context) => context.json(tunnelImportsJson(engine), 200),
  );
}

function writeOperations(api: OpenAPIHono, daemon: DdmDaemon): void {
  for (const [method, kind] of [
    ["put", "originate"],
    ["delete", "withdraw"],
  ] as const) {
    const prefix = createRoute({ method, path: "/prefix", request: body(z.array(netSchema)), responses: done });
    api.openapi(prefix, async (context) => {
      await daemon.change(kind, keysOf(context.req.valid("json"), underlayKey));
      return context.body(null, 204);
    });
    const endpoint = createRoute({
      method,
      path: "/tunnel_endpoint",
      request: body(z.array(tunnelOriginSchema)),
      responses: done,
    });
    api.openapi(endpoint, async (context) => {
      const keys = keysOf(context.req.valid("json"), ({ overlay_prefix, boundary_addr, vni, metric }) =>
        tunnelKey({ overlayPrefix: overlay_prefix, boundaryAddress: boundary_addr, vni, metric }),
      );
      await daemon.change(kind, keys);
      return context.body(null, 204);
    });
  }
  const peer = z.object({ addr: z.string() });
  api.openapi(
    createRoute({ method: "delete", path: "/peers/{addr}", request: { params: peer }, responses: done }),
    (context) => {
      const { addr } = context.req.valid("param");
      const address = addressText(addr);
      if (address === undefined) throw new ApiError(400, `expected an IPv6 address, found "${addr}"`);
      daemon.handle({ kind: "expire", address });
      return context.body(null, 204);
    },
  );
  api.openapi(createRoute({ method: "put", path: "/sync", responses: done }), (context) => {
    daemon.handle({ kind: "sync" });
    return context.body(null, 204);
  });
}

/** All keys, or an error that names every item that is none: then nothing is changed. */
function keysOf<Item>(items: readonly Item[], keyOf: (item: Item) => RouteKey | undefined): readonly RouteKey[] {
  const keys = items.map(keyOf);
  const faults = items.filter((_, at) => keys[at] === undefined);
  if (faults.length > 0) throw new ApiError(400, `expected prefixes, found ${JSON.stringify(faults).slice(0, 500)}`);
  return keys.filter((key) => key !== undefined);
}

function kindNumber(kind: "server" | "transit"): number {
  return kind === "server" ? 0 : 1;
}

function peersJson(engine: DdmDaemon["engine"]): Record<string, z.output<typeof peerSchema>> {
  const views = linkViews(engine, monotonicMs());
  return Object.fromEntries(
    views.flatMap(({ name, index, status, sinceMs, peer }) =>
      peer === undefined
        ? []
        : [
            [
              String(index),
              {
                addr: peer.address,
                host: peer.hostname,
                kind: kindNumber(peer.kind),
                status: { type: status, duration: durationJson(sinceMs) },
                interface: name,
              },
            ],
          ],
    ),
  );
}

function interfacesJson(engine: DdmDaemon["engine"]): z.output<typeof interfaceSchema>[] {
  return linkViews(engine, monotonicMs()).map(({ name, address, status, sinceMs, peer, counters }) => ({
    name,
    addr: address ?? null,
    status: { type: status, duration: durationJson(sinceMs) },
    peer_addr: peer?.address ?? null,
    peer_host: peer?.hostname ?? null,
    peer_kind: peer === undefined ? null : kindNumber(peer.kind),
    counters: snakeCase(counters),
  }));
}

function measuredJson({
  destination,
  probeAddress,
  paths,
}: DestinationStatus): z.output<typeof measuredDestinationSchema> {
  return {
    destination,
    probe_address: probeAddress,
    paths: paths.map((path) => ({
      interface: path.interface,
      nexthop: path.nextHop,
      delay_us: path.delayMicroseconds ?? null,
      silent: path.silent,
      weight: path.weight,
      probes_sent: path.probesSent,
      probes_acknowledged: path.probesAcknowledged,
      probes_lost: path.probesLost,
      probes_strayed: path.probesStrayed,
    })),
  };
}

function tunnelImportsJson(engine: DdmDaemon["engine"]): z.output<typeof tunnelRouteSchema>[] {
  return tunnelImports(engine).map(({ origin, nextHop, effective }) => ({
    origin: tunnelOriginJson(origin),
    nexthop: nextHop,
    effective,
  }));
}

function prefixesJson(engine: DdmDaemon["engine"]): Record<string, z.output<typeof pathVectorSchema>[]> {
  const underlay = importViews(engine).filter(({ key }) => !isTunnelKey(key));
  const byNextHop = Map.groupBy(underlay, ({ nextHop }) => nextHop);
  return Object.fromEntries(
    Array.from(byNextHop, ([nextHop, views]) => [
      nextHop,
      views.map(({ key, path }) => ({ destination: key, path: [...path] })),
    ]),
  );
}

function snakeCase(counters: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, value]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      value,
    ]),
  );
}
