import { createRoute, z } from "@hono/zod-openapi";
import { ApiError } from "../../daemon/api.ts";
import { dropCounter, dropReasons } from "../engine/drop-reasons.ts";
import { isTableName, type KeyPart, type Row, tableNames, tableShape } from "../engine/tables.ts";
import { linkStates } from "./link-values.ts";
import { answer, type ApiContext, done, type Operations } from "./operation.ts";
import { pathPart } from "./values.ts";

const away = "the switch is away";
const counterName = "drop_reason";
const counterAnswer = z.object({
  keys: z.object({ code: z.int(), reason: z.string() }),
  data: z.object({ pkts: z.int() }),
});
const rowAnswer = z.object({
  keys: z.record(z.string(), z.string()),
  priority: z.int().optional(),
  action: z.string(),
  action_args: z.record(z.string(), z.string()),
});
const linkupAnswer = z.object({ link_path: z.string(), link_state: z.enum(linkStates), linkups: z.int() });

/** What there is to see: tables and counters of the switch, and who the daemon is. */
export const diagnosticOperations: Operations = (api, context) => {
  tableOperations(api, context);
  counterOperations(api, context);
  identityOperations(api, context);
};

function tableOperations(api: Parameters<Operations>[0], { control }: ApiContext): void {
  const params = z.object({ table: z.string().max(128) });
  const list = createRoute({ method: "get", path: "/table", responses: answer(z.array(z.string())) });
  api.openapi(list, (c) => c.json([...tableNames], 200));

  const dump = createRoute({
    method: "get",
    path: "/table/{table}/dump",
    description: "The rows that the switch holds, as it says itself.",
    request: { params },
    responses: answer(z.object({ name: z.string(), size: z.int(), entries: z.array(rowAnswer) })),
  });
  api.openapi(dump, async (c) => {
    const { table } = c.req.valid("param");
    if (!isTableName(table)) throw new ApiError(404, `there is no table ${table}`);
    const rows = await control.driver.read(table);
    if (rows === undefined) throw new ApiError(503, away, "SwitchAway");
    return c.json({ name: table, size: tableShape(table).capacity, entries: rows.map(rowValue) }, 200);
  });

  const counters = createRoute({
    method: "get",
    path: "/table/{table}/counters",
    description: "Counters of the rows of a table; the program has none.",
    request: { params },
    responses: answer(z.array(z.object({ keys: z.record(z.string(), z.string()), data: z.object({ pkts: z.int() }) }))),
  });
  api.openapi(counters, (c) => {
    const { table } = c.req.valid("param");
    if (!isTableName(table)) throw new ApiError(404, `there is no table ${table}`);
    return c.json([], 200);
  });
}

function counterOperations(api: Parameters<Operations>[0], { control, links, configuration }: ApiContext): void {
  const params = z.object({ counter: z.string().max(128) });
  const known = (counter: string): void => {
    if (counter !== counterName) throw new ApiError(404, `there is no counter ${counter}`);
  };

  const list = createRoute({ method: "get", path: "/counters/p4", responses: answer(z.array(z.string())) });
  api.openapi(list, (c) => c.json([counterName], 200));

  const get = createRoute({
    method: "get",
    path: "/counters/p4/{counter}",
    description: "Packets dropped, by reason. They are always asked of the switch, `force_sync` or not.",
    request: { params, query: z.object({ force_sync: z.enum(["true", "false"]).optional() }) },
    responses: answer(z.array(counterAnswer)),
  });
  api.openapi(get, async (c) => {
    known(c.req.valid("param").counter);
    const drops = await control.driver.ask((client) =>
      Promise.all(
        [...dropReasons].map(async ([code, reason]) => {
          const { packets } = await client.call("bm_counter_read", { cxt: 0, name: dropCounter, index: code });
          return { keys: { code, reason }, data: { pkts: Number(packets) } };
        }),
      ),
    );
    if (drops === undefined) throw new ApiError(503, away, "SwitchAway");
    return c.json(drops, 200);
  });

  const reset = createRoute({
    method: "post",
    path: "/counters/p4/{counter}/reset",
    request: { params },
    responses: done,
  });
  api.openapi(reset, async (c) => {
    known(c.req.valid("param").counter);
    const answered = await control.driver.ask(async (client) => {
      await client.call("bm_counter_reset_all", { cxt: 0, name: dropCounter });
      return true;
    });
    if (answered === undefined) throw new ApiError(503, away, "SwitchAway");
    return c.body(null, 204);
  });

  const linkups = (portId?: string): z.output<typeof linkupAnswer>[] =>
    control.intent.links
      .all()
      .filter(({ port }) => portId === undefined || port.id === portId)
      .map(({ port, linkId }) => {
        const { state, ups } = links.of(configuration.ports.find(({ id }) => id === port.id)?.interface ?? "");
        return { link_path: `${port.id}/${linkId}`, link_state: state, linkups: ups };
      });
  const allLinkups = createRoute({ method: "get", path: "/counters/linkup", responses: answer(z.array(linkupAnswer)) });
  api.openapi(allLinkups, (c) => c.json(linkups(), 200));
  const oneLinkup = createRoute({
    method: "get",
    path: "/counters/linkup/{port_id}/{link_id}",
    request: { params: z.object({ port_id: pathPart.port_id, link_id: pathPart.link_id }) },
    responses: answer(linkupAnswer),
  });
  api.openapi(oneLinkup, (c) => {
    const { port_id, link_id } = c.req.valid("param");
    control.intent.links.get(port_id, link_id);
    const [only] = linkups(port_id);
    if (only === undefined) throw new ApiError(404, `port ${port_id} has no link`);
    return c.json(only, 200);
  });
}

function identityOperations(api: Parameters<Operations>[0], { control, configuration, uptimeMs }: ApiContext): void {
  const build = createRoute({
    method: "get",
    path: "/build-info",
    responses: answer(z.object({ name: z.string(), api_version: z.string(), node: z.string() })),
  });
  api.openapi(build, (c) => c.json({ name: "dpd", api_version: "13.0.0", node: process.version }, 200));

  const uptime = createRoute({
    method: "get",
    path: "/dpd-uptime",
    description: "Milliseconds since the daemon started.",
    responses: answer(z.int()),
  });
  api.openapi(uptime, (c) => c.json(Math.floor(uptimeMs()), 200));

  const identifiers = createRoute({
    method: "get",
    path: "/switch/identifiers",
    responses: answer(
      z.object({
        sidecar_id: z.string(),
        asic_backend: z.string(),
        slot: z.int(),
        serial: z.string(),
        model: z.string(),
        revision: z.int(),
        ports: z.array(z.object({ port_id: z.string(), asic_id: z.int(), interface: z.string() })),
      }),
    ),
  });
  api.openapi(identifiers, (c) => {
    const ports = configuration.ports.map((port) => ({
      port_id: port.id,
      asic_id: port.number,
      interface: port.interface,
    }));
    return c.json({ ...configuration.identifiers, asic_backend: "bmv2", ports }, 200);
  });

  const state = createRoute({
    method: "get",
    path: "/switch/state",
    description:
      "Whether the switch is reached and holds what it shall. While it is away changes are kept, and reach it when it is back.",
    responses: answer(
      z.object({
        connected: z.boolean(),
        resyncs: z.int(),
        resync_operations: z.int(),
        last_fault: z.string().nullable(),
      }),
    ),
  });
  api.openapi(state, (c) => {
    const { connected, resyncs, resyncOperations, lastFault } = control.driver.state;
    return c.json({ connected, resyncs, resync_operations: resyncOperations, last_fault: lastFault ?? null }, 200);
  });
}

function rowValue({ table, key, priority, action, data }: Row): z.output<typeof rowAnswer> {
  const shape = tableShape(table);
  const names = shape.actions[action] ?? [];
  return {
    keys: Object.fromEntries(key.map((part, at) => [shape.key[at]?.[0] ?? String(at), partValue(part)])),
    ...(priority === -1 ? {} : { priority }),
    action: action.slice(action.lastIndexOf(".") + 1),
    action_args: Object.fromEntries(data.map((value, at) => [names[at] ?? String(at), `0x${value.toString(16)}`])),
  };
}

function partValue(part: KeyPart): string {
  const text = (value: bigint): string => `0x${value.toString(16)}`;
  switch (part.kind) {
    case "exact":
      return text(part.value);
    case "lpm":
      return `${text(part.value)}/${part.length}`;
    case "ternary":
      return `${text(part.value)} &&& ${text(part.mask)}`;
    case "range":
      return `${part.start}..${part.end}`;
  }
}
