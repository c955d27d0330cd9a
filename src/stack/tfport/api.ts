import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { createApi } from "../daemon/api.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { counterNames } from "./engine/counters.ts";
import type { TfportEngine } from "./engine/tfport-engine.ts";
import type { PortSet } from "./port-set.ts";

const countersAnswer = z
  .record(z.string(), z.int())
  .openapi("Counters", { description: "Since the start; what each counts is in docs/tfport.md." });

const portAnswer = z
  .object({
    port_id: z.string(),
    link_id: z.int(),
    asic_id: z.int().openapi({ description: "the switch's number of the port" }),
    interface: z.string(),
    mac: z.string(),
    link_local: z.string().nullable(),
    nic: z.string().openapi({ description: "whose carrier the interface follows" }),
    carrier: z.boolean(),
    drops: z.int().openapi({ description: "frames that the kernel did not take" }),
  })
  .openapi("Port");

/** What the API tells about. */
export interface TfportApiContext {
  readonly engine: TfportEngine;
  readonly ports: PortSet;
  readonly log: DaemonLog;
  /** Frames that did not get to the switch. */
  readonly switchDrops: () => number;
}

/** tfportd's API: what it has done, and which ports it has. It takes no orders. */
export function createTfportApi({ engine, ports, log, switchDrops }: TfportApiContext): OpenAPIHono {
  const api = createApi({
    bodyLimitBytes: 1024,
    onRefusal: (status, message, error) => {
      log[status >= 500 ? "error" : "debug"]({ status, error }, message);
    },
  });
  const counters = createRoute({
    method: "get",
    path: "/counters",
    responses: { 200: { description: "counters", content: { "application/json": { schema: countersAnswer } } } },
  });
  api.openapi(counters, (c) => {
    const values = Object.fromEntries(counterNames.map((name) => [name, engine.counters[name]]));
    return c.json({ ...values, switchDrops: switchDrops() }, 200);
  });
  const list = createRoute({
    method: "get",
    path: "/ports",
    responses: { 200: { description: "ports", content: { "application/json": { schema: z.array(portAnswer) } } } },
  });
  api.openapi(list, (c) => {
    const all = [...ports.all()].sort((one, other) => one.port.number - other.port.number);
    return c.json(
      all.map(({ port, tap, carrier }) => ({
        port_id: port.portId,
        link_id: port.linkId,
        asic_id: port.number,
        interface: tap.name,
        mac: port.mac,
        link_local: port.linkLocal ?? null,
        nic: ports.nicOf(port),
        carrier,
        drops: tap.sendDrops,
      })),
      200,
    );
  });
  api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "tfportd", version: "1.0.0" } });
  return api;
}
