import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { ApiError, createApi } from "../daemon/api.ts";
import { monotonicMs } from "../daemon/clock.ts";
import type { DaemonLog } from "../daemon/log.ts";
import type { LldpEngine, LldpPortStatus, SystemInformation } from "./engine/lldp-engine.ts";
import { interfaceNameOf } from "./interface-selection.ts";
import { interfaceOf, interfaceValue, neighborOf, neighborValue, systemValue } from "./values.ts";

/** What the API works on. */
export interface LldpApiContext {
  readonly engine: LldpEngine;
  readonly log: DaemonLog;
  /** Speak on an interface, or stop; false if this host has no such interface. */
  readonly select: (name: string, isSelected: boolean) => boolean;
  /** After the engine was told something. */
  readonly settle: () => void;
}

type Api = OpenAPIHono;

/** What the program is, as /build-info tells it. */
const buildInfo = { name: "lldpd", version: "1.0.0" };
const text = z.string().min(1).max(255);
const interfaceParameters = z.object({ iface: z.string().transform(interfaceNameOf).openapi({ type: "string" }) });
const done = { 204: { description: "done" } };

function answer<S extends z.ZodType>(
  schema: S,
): {
  readonly 200: { readonly description: string; readonly content: { readonly "application/json": { schema: S } } };
} {
  return { 200: { description: "the answer", content: { "application/json": { schema } } } };
}

/** lldpd's API: the system, its interfaces, their neighbours. */
export function createLldpApi(context: LldpApiContext): Api {
  const { log } = context;
  const api = createApi({
    bodyLimitBytes: 4096,
    onRefusal: (status, message, error) => {
      log[status >= 500 ? "error" : "debug"]({ status, error }, message);
    },
  });
  systemOperations(api, context);
  interfaceOperations(api, context);
  neighborOperations(api, context);
  const info = createRoute({
    method: "get",
    path: "/build-info",
    responses: answer(z.object({ name: z.string(), version: z.string() })),
  });
  api.openapi(info, (c) => c.json(buildInfo, 200));
  api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: buildInfo.name, version: buildInfo.version } });
  return api;
}

function systemOperations(api: Api, { engine, settle }: LldpApiContext): void {
  const get = createRoute({ method: "get", path: "/system", responses: answer(systemValue) });
  api.openapi(get, (c) => {
    const { systemName, systemDescription, capabilities } = engine.system;
    const chassis = { subtype: "chassis-component", id: systemName };
    return c.json(
      {
        chassis_id: chassis,
        system_name: systemName,
        system_description: systemDescription,
        capabilities: [...capabilities],
      },
      200,
    );
  });
  const change = (path: string, changed: (value: string) => Partial<SystemInformation>): void => {
    const put = createRoute({
      method: "put",
      path,
      request: { body: { content: { "application/json": { schema: text } }, required: true } },
      responses: done,
    });
    api.openapi(put, (c) => {
      engine.setSystem({ ...engine.system, ...changed(c.req.valid("json")) }, monotonicMs());
      settle();
      return c.body(null, 204);
    });
  };
  change("/system/name", (systemName) => ({ systemName }));
  change("/system/description", (systemDescription) => ({ systemDescription }));
}

function interfaceOperations(api: Api, { engine, select, settle }: LldpApiContext): void {
  const list = createRoute({ method: "get", path: "/interface", responses: answer(z.array(interfaceValue)) });
  api.openapi(list, (c) => c.json(engine.ports().map(interfaceOf), 200));

  const path = "/interface/{iface}";
  const request = { params: interfaceParameters };
  const get = createRoute({ method: "get", path, request, responses: answer(interfaceValue) });
  api.openapi(get, (c) => c.json(interfaceOf(portOf(engine, c.req.valid("param").iface)), 200));

  const put = createRoute({ method: "put", path, request, responses: done, description: "Speak on an interface." });
  api.openapi(put, (c) => {
    const { iface } = c.req.valid("param");
    if (!select(iface, true)) throw new ApiError(404, `there is no interface ${iface}`);
    settle();
    return c.body(null, 204);
  });

  const remove = createRoute({
    method: "delete",
    path,
    request,
    responses: done,
    description: "Stop on an interface; its neighbours are told.",
  });
  api.openapi(remove, (c) => {
    const { iface } = c.req.valid("param");
    portOf(engine, iface);
    select(iface, false);
    settle();
    return c.body(null, 204);
  });
}

function neighborOperations(api: Api, { engine }: LldpApiContext): void {
  const list = (ports: readonly LldpPortStatus[]): z.output<typeof neighborValue>[] => {
    const now = monotonicMs();
    return ports.flatMap(({ name, neighbours }) => neighbours.map((neighbour) => neighborOf(name, neighbour, now)));
  };
  const all = createRoute({ method: "get", path: "/neighbors", responses: answer(z.array(neighborValue)) });
  api.openapi(all, (c) => c.json(list(engine.ports()), 200));

  const ofOne = createRoute({
    method: "get",
    path: "/interface/{iface}/neighbors",
    request: { params: interfaceParameters },
    responses: answer(z.array(neighborValue)),
  });
  api.openapi(ofOne, (c) => c.json(list([portOf(engine, c.req.valid("param").iface)]), 200));
}

function portOf(engine: LldpEngine, name: string): LldpPortStatus {
  const port = engine.port(name);
  if (port === undefined) throw new ApiError(404, `LLDP is not spoken on ${name}`);
  return port;
}
