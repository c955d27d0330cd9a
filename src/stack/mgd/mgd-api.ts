import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { ApiError, createApi } from "../daemon/api.ts";
import { switchReport } from "../nexus/sled-interface/switch-state.ts";
import type { Mgd } from "./mgd.ts";

type Refused = (status: number, message: string, error?: unknown) => void;

/** A switch of many guests. */
const bodyLimitBytes = 64 * 1024 * 1024;
const done = { 204: { description: "done" } } as const;

function answer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { 200: { description, content: { "application/json": { schema } } } };
}

const report = switchReport.required();
const path = z.object({ port: z.string(), link: z.int(), nexthop: z.string() });

/** Answers of the admin API. */
export const adminAnswers = {
  status: z.object({ generation: z.int(), effective: z.int(), faults: z.array(z.string()) }),
  neighbors: report.shape.bgp_peers,
  exported: report.shape.bgp_exported,
  imported: report.shape.bgp_imported,
  selected: z.array(z.object({ prefix: z.string(), paths: z.array(path) })),
  bfd: report.shape.bfd,
  static: z.array(
    z.object({ prefix: z.string(), nexthop: z.string(), port: z.string(), rib_priority: z.int().nullable() }),
  ),
} as const;

/** The admin API: what there is, for people and tools of the switch. What shall be, nexus alone says. */
export function adminApi(mgd: Mgd, onRefusal: Refused): OpenAPIHono {
  const api = createApi({ bodyLimitBytes, onRefusal });
  const get = <Schema extends z.ZodType>(
    at: string,
    description: string,
    schema: Schema,
    value: () => z.output<Schema> | Promise<z.output<Schema>>,
  ): void => {
    api.openapi(
      createRoute({ method: "get", path: at, responses: answer(description, schema) }),
      async () => Response.json(await value()) as never,
    );
  };
  get("/status", "how far it is", adminAnswers.status, () => {
    const { generation, effective, faults } = mgd;
    return { generation, effective, faults };
  });
  get("/bgp/status/neighbors", "BGP sessions", adminAnswers.neighbors, async () => (await mgd.report()).bgp_peers);
  get(
    "/bgp/status/exported",
    "what peers are told",
    adminAnswers.exported,
    async () => (await mgd.report()).bgp_exported,
  );
  get("/rib/status/imported", "what peers told", adminAnswers.imported, async () => (await mgd.report()).bgp_imported);
  get("/rib/status/selected", "what the switch uses", adminAnswers.selected, () =>
    mgd.learnt.map(({ prefix, paths }) => ({
      prefix,
      paths: paths.map(({ port, link, nextHop }) => ({ port, link, nexthop: nextHop })),
    })),
  );
  get("/bfd/peers", "BFD sessions", adminAnswers.bfd, async () => (await mgd.report()).bfd);
  get("/static/routes", "static routes", adminAnswers.static, () =>
    (mgd.desired?.uplinks ?? []).flatMap(({ port_name: port, static_routes: routes }) =>
      routes.map(({ destination: prefix, gateway: nexthop, rib_priority }) => ({
        prefix,
        nexthop,
        port,
        rib_priority,
      })),
    ),
  );
  const clear = createRoute({
    method: "post",
    path: "/bgp/clear/neighbor",
    request: {
      body: { required: true, content: { "application/json": { schema: z.strictObject({ addr: z.string() }) } } },
    },
    responses: done,
  });
  api.openapi(clear, async (c) => {
    const { addr } = c.req.valid("json");
    const { bgp_peers: peers } = await mgd.report();
    if (peers.every((peer) => peer.addr !== addr)) throw new ApiError(404, `there is no BGP peer ${addr}`);
    await mgd.clearPeer(addr);
    return c.body(null, 204);
  });
  api.doc("/openapi.json", { openapi: "3.0.3", info: { title: "mgd", version: "1" } });
  return api;
}
