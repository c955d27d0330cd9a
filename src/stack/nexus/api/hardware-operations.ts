import { z } from "@hono/zod-openapi";
import type { SledRow, SwitchPortRow, SwitchRow } from "../engine/fabric-rows.ts";
import type { InstanceRow } from "../engine/rows.ts";
import { topLevel } from "../resources/lookup.ts";
import { notFound } from "../resources/refusals.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageById, pageOf, pageRows } from "./paging.ts";
import { id, switchSlot, time } from "./values.ts";

const times = { time_created: time, time_modified: time };
const baseboard = z.object({ part: z.string(), revision: z.int(), serial: z.string() });
const rack = z.object({ id: z.string(), ...times }).openapi("Rack");
const provisionPolicy = z.enum(["provisionable", "non_provisionable"]);
const policy = z.object({ kind: z.enum(["in_service", "expunged"]), provision_policy: provisionPolicy.optional() });
const sled = z
  .object({
    id: z.string(),
    rack_id: z.string(),
    baseboard,
    policy,
    state: z.enum(["active", "decommissioned"]),
    usable_hardware_threads: z.int(),
    usable_physical_ram: z.int(),
    ...times,
  })
  .openapi("Sled");
const sledInstance = z
  .object({
    id: z.string(),
    name: z.string(),
    active_sled_id: z.string(),
    migration_id: z.null(),
    silo_name: z.string(),
    project_name: z.string(),
    state: z.string(),
    ncpus: z.int(),
    memory: z.int(),
    ...times,
  })
  .openapi("SledInstance");
const rackSwitch = z.object({ id: z.string(), rack_id: z.string(), baseboard, ...times }).openapi("Switch");
const switchPort = z
  .object({
    id: z.string(),
    rack_id: z.string(),
    switch_slot: switchSlot,
    port_name: z.string(),
    port_settings_id: z.string().nullable(),
  })
  .openapi("SwitchPort");

/** A virtual board is known by the name that the topology gave the node. */
function boardOf(part: string, name: string): z.input<typeof baseboard> {
  return { part, revision: 0, serial: name };
}

function showSled(row: SledRow): z.input<typeof sled> {
  return view(sled, {
    ...row,
    baseboard: boardOf("kestrel-sled", row.name),
    policy: row.is_present ? { kind: "in_service", provision_policy: row.provision_policy } : { kind: "expunged" },
    state: row.is_present ? "active" : "decommissioned",
    usable_hardware_threads: row.hardware_threads,
    usable_physical_ram: row.physical_ram,
  });
}

function showSwitch(row: SwitchRow): z.input<typeof rackSwitch> {
  return view(rackSwitch, { ...row, baseboard: boardOf("kestrel-switch", row.name) });
}

/** Operations on racks, sleds and switches. */
export const hardwareOperations: Operations = (api, context) => {
  const { store } = context;
  const { racks, sleds, switches, switchPorts, instances, projects } = store.tables;
  const base = "/v1/system/hardware";
  const list = z.strictObject(pageById);
  operation(
    api,
    context,
    { id: "rack_list", method: "get", path: `${base}/racks`, summary: "List racks", query: list, answer: pageOf(rack) },
    ({ query }) => pageRows(racks, {}, query, (row) => view(rack, row), "id_ascending"),
  );
  operation(
    api,
    context,
    {
      id: "rack_view",
      method: "get",
      path: `${base}/racks/{rack_id}`,
      summary: "Fetch rack",
      params: z.strictObject({ rack_id: id }),
      answer: rack,
    },
    ({ params }) => view(rack, topLevel(racks, "rack", "rack_id", params.rack_id)),
  );
  operation(
    api,
    context,
    { id: "sled_list", method: "get", path: `${base}/sleds`, summary: "List sleds", query: list, answer: pageOf(sled) },
    ({ query }) => pageRows(sleds, {}, query, showSled, "id_ascending"),
  );
  const params = z.strictObject({ sled_id: id });
  operation(
    api,
    context,
    { id: "sled_view", method: "get", path: `${base}/sleds/{sled_id}`, summary: "Fetch sled", params, answer: sled },
    ({ params: { sled_id: value } }) => showSled(topLevel(sleds, "sled", "sled_id", value)),
  );
  const showInstance = (row: InstanceRow): z.input<typeof sledInstance> =>
    view(sledInstance, {
      ...row,
      active_sled_id: row.sled_id ?? "",
      migration_id: null,
      silo_name: "default",
      project_name: projects.find({ id: row.project_id })?.name ?? "",
      state: row.run_state,
    });
  operation(
    api,
    context,
    {
      id: "sled_instance_list",
      method: "get",
      path: `${base}/sleds/{sled_id}/instances`,
      summary: "List instances running on sled",
      params,
      query: list,
      answer: pageOf(sledInstance),
    },
    ({ params: { sled_id: value }, query }) => {
      const where = { sled_id: topLevel(sleds, "sled", "sled_id", value).id };
      return pageRows(instances, where, query, showInstance, "id_ascending");
    },
  );
  operation(
    api,
    context,
    {
      id: "sled_set_provision_policy",
      method: "put",
      path: `${base}/sleds/{sled_id}/provision-policy`,
      summary: "Set sled provision policy",
      params,
      body: z.strictObject({ state: provisionPolicy }),
      answer: z.object({ old_state: provisionPolicy, new_state: provisionPolicy }),
    },
    ({ params: { sled_id: value }, body }) => {
      const row = sleds.find({ id: value, is_present: true });
      if (row === undefined) throw notFound("sled", "sled_id", value);
      sleds.update({ id: row.id }, { provision_policy: body.state });
      return { old_state: row.provision_policy, new_state: body.state };
    },
  );
  operation(
    api,
    context,
    {
      id: "switch_list",
      method: "get",
      path: `${base}/switches`,
      summary: "List switches",
      query: list,
      answer: pageOf(rackSwitch),
    },
    ({ query }) => pageRows(switches, {}, query, showSwitch, "id_ascending"),
  );
  operation(
    api,
    context,
    {
      id: "switch_view",
      method: "get",
      path: `${base}/switches/{switch_id}`,
      summary: "Fetch switch",
      params: z.strictObject({ switch_id: id }),
      answer: rackSwitch,
    },
    ({ params: { switch_id: value } }) => showSwitch(topLevel(switches, "switch", "switch_id", value)),
  );
  operation(
    api,
    context,
    {
      id: "networking_switch_port_list",
      method: "get",
      path: `${base}/switch-port`,
      summary: "List switch ports",
      query: list.extend({ switch_port_id: id.optional() }),
      answer: pageOf(switchPort),
    },
    ({ query }) => {
      const show = (row: SwitchPortRow): z.input<typeof switchPort> => view(switchPort, row);
      return pageRows(switchPorts, { id: query.switch_port_id }, query, show, "id_ascending");
    },
  );
  operation(
    api,
    context,
    {
      id: "reconciliation_status",
      method: "get",
      path: "/experimental/v1/reconciliation",
      summary: "How far sleds and switches are (not of Oxide's API)",
      answer: z.object({
        targets: z.array(
          z.object({
            target: z.string(),
            wanted_generation: z.int(),
            confirmed_generation: z.int().nullable(),
            last_fault: z.string().nullable(),
            alerts: z.array(z.string()),
          }),
        ),
      }),
    },
    () => ({ targets: context.fabric.targets().map((target) => ({ ...target, alerts: [...target.alerts] })) }),
  );
};
