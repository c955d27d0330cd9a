import { z } from "@hono/zod-openapi";
import { familyOf } from "../engine/ip-block.ts";
import type { InterfaceRow, ProbeRow } from "../engine/rows.ts";
import { ofProject, projectOf } from "../resources/lookup.ts";
import { createProbe, deleteProbe } from "../resources/probes.ts";
import { notFound } from "../resources/refusals.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { id, identity, identityCreate, inProject, nameOrId, poolSelector } from "./values.ts";

const probe = z.object({ ...identity, sled: z.string() }).openapi("Probe");
const stack = z.object({ ip: z.string(), subnet: z.string(), transit_ips: z.array(z.string()) });
const probeInfo = z
  .object({
    id: z.string(),
    name: z.string(),
    sled: z.string(),
    external_ips: z.array(
      z.object({
        ip: z.string(),
        kind: z.enum(["snat", "floating", "ephemeral"]),
        first_port: z.int(),
        last_port: z.int(),
      }),
    ),
    interface: z.object({
      id: z.string(),
      kind: z.object({ type: z.literal("probe"), id: z.string() }),
      name: z.string(),
      mac: z.string(),
      primary: z.boolean(),
      slot: z.int(),
      vni: z.int(),
      ip_config: z.object({ type: z.literal("dual_stack"), value: z.object({ v4: stack, v6: stack }) }),
    }),
  })
  .openapi("ProbeInfo");

/** Operations on probes. */
export const probeOperations: Operations = (api, context) => {
  const { store } = context;
  const { probes, interfaces, externalIps, vpcs, subnets } = store.tables;
  const find = (value: string, project: string): ProbeRow => {
    const { id: projectId } = projectOf(store, project);
    const row = /^[0-9a-f-]{36}$/i.test(value)
      ? probes.find({ id: value.toLowerCase(), project_id: projectId })
      : ofProject(store, probes, "probe", { field: "probe", value }, projectId);
    if (row === undefined) throw notFound("probe", "probe", value);
    return row;
  };
  const show = (row: ProbeRow): z.input<typeof probeInfo> => {
    const nic = interfaces.find({ probe_id: row.id });
    if (nic === undefined) throw notFound("probe", "probe", row.name);
    return {
      id: row.id,
      name: row.name,
      sled: row.sled,
      external_ips: externalIps
        .list({ probe_id: row.id })
        .map(({ ip, kind, first_port, last_port }) => ({ ip, kind, first_port, last_port })),
      interface: {
        id: nic.id,
        kind: { type: "probe", id: row.id },
        name: nic.name,
        mac: nic.mac.toUpperCase(),
        primary: nic.is_primary,
        slot: nic.slot,
        vni: vpcs.find({ id: nic.vpc_id })?.vni ?? 0,
        ip_config: ipConfig(nic),
      },
    };
  };
  const ipConfig = (nic: InterfaceRow): z.input<typeof probeInfo>["interface"]["ip_config"] => {
    const subnet = subnets.find({ id: nic.subnet_id });
    const transitOf = (family: 4 | 6): string[] => nic.transit_ips.filter((prefix) => familyOf(prefix) === family);
    return {
      type: "dual_stack",
      value: {
        v4: { ip: nic.ipv4 ?? "", subnet: subnet?.ipv4_block ?? "", transit_ips: transitOf(4) },
        v6: { ip: nic.ipv6 ?? "", subnet: subnet?.ipv6_block ?? "", transit_ips: transitOf(6) },
      },
    };
  };
  const path = "/experimental/v1/probes";
  const params = z.strictObject({ probe: nameOrId });
  operation(
    api,
    context,
    {
      id: "probe_list",
      method: "get",
      path,
      summary: "List instrumentation probes",
      query: inProject.extend(pageByName),
      answer: pageOf(probeInfo),
    },
    ({ query }) => pageRows(probes, { project_id: projectOf(store, query.project).id }, query, show),
  );
  operation(
    api,
    context,
    {
      id: "probe_create",
      method: "post",
      path,
      summary: "Create instrumentation probe",
      query: inProject,
      body: z.strictObject({ ...identityCreate, sled: id, pool_selector: poolSelector.optional() }),
      answer: probe,
      status: 201,
    },
    ({ query, body }) => view(probe, createProbe(store, projectOf(store, query.project), body)),
  );
  operation(
    api,
    context,
    {
      id: "probe_view",
      method: "get",
      path: `${path}/{probe}`,
      summary: "View instrumentation probe",
      params,
      query: inProject,
      answer: probeInfo,
    },
    ({ params: { probe: value }, query }) => show(find(value, query.project)),
  );
  operation(
    api,
    context,
    {
      id: "probe_delete",
      method: "delete",
      path: `${path}/{probe}`,
      summary: "Delete instrumentation probe",
      params,
      query: inProject,
    },
    ({ params: { probe: value }, query }) => {
      deleteProbe(store, find(value, query.project));
    },
  );
};
