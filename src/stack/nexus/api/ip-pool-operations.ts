import { isGiven } from "../engine/given.ts";
import { z } from "@hono/zod-openapi";
import { blockOf, blockOfRange, sizeOf } from "../engine/ip-block.ts";
import type { IpPoolRangeRow, IpPoolRow, PoolLinkRow } from "../engine/rows.ts";
import { topLevel } from "../resources/lookup.ts";
import {
  addRange,
  createPool,
  deletePool,
  linkPool,
  removeRange,
  setDefaultPool,
  unlinkPool,
} from "../resources/pools.ts";
import { identityChanges } from "../resources/projects.ts";
import { invalid, notFound } from "../resources/refusals.ts";
import { requireFreeName } from "../resources/lookup.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageById, pageByName, pageInOrder, pageOf, pageRows } from "./paging.ts";
import { identity, identityCreate, identityUpdate, ip, ipVersion, nameOrId, time } from "./values.ts";

const poolType = z.enum(["unicast", "multicast"]);
const assignment = z.enum(["silos", "system_services"]);
const pool = z.object({ ...identity, ip_version: ipVersion, pool_type: poolType, assignment }).openapi("IpPool");
const siloPool = z
  .object({ ...identity, ip_version: ipVersion, pool_type: poolType, is_default: z.boolean() })
  .openapi("SiloIpPool");
const range = z
  .object({
    id: z.string(),
    ip_pool_id: z.string(),
    range: z.object({ first: z.string(), last: z.string() }),
    time_created: time,
  })
  .openapi("IpPoolRange");
const link = z
  .object({ ip_pool_id: z.string(), silo_id: z.string(), is_default: z.boolean() })
  .openapi("IpPoolSiloLink");
const ipRange = z.strictObject({ first: ip, last: ip });
const params = z.strictObject({ pool: nameOrId });
const linkParams = z.strictObject({ pool: nameOrId, silo: nameOrId });
const filters = { ip_version: ipVersion.optional(), pool_type: poolType.optional() };

function showRange({ first, last, ...row }: IpPoolRangeRow): z.input<typeof range> {
  return { ...row, range: { first, last } };
}

function showLink({ pool_id, silo_id, is_default }: PoolLinkRow): z.input<typeof link> {
  return { ip_pool_id: pool_id, silo_id, is_default };
}

/** Operations on IP pools, as the fleet's administrators have them. */
export const ipPoolOperations: Operations = (api, context) => {
  const { store } = context;
  const { ipPools, ipPoolRanges, ipPoolSilos, externalIps, silos } = store.tables;
  const find = (selector: string): IpPoolRow => topLevel(ipPools, "ip-pool", "pool", selector);
  const show = (row: IpPoolRow): z.input<typeof pool> => view(pool, row);
  const path = "/v1/system/ip-pools";
  const one = `${path}/{pool}`;
  operation(
    api,
    context,
    {
      id: "system_ip_pool_list",
      method: "get",
      path,
      summary: "List IP pools",
      query: z.strictObject({ ...pageByName, ...filters, assignment: assignment.optional() }),
      answer: pageOf(pool),
    },
    ({ query }) => {
      const { ip_version, pool_type, assignment: wanted } = query;
      return pageRows(ipPools, { ip_version, pool_type, assignment: wanted }, query, show);
    },
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_create",
      method: "post",
      path,
      summary: "Create IP pool",
      body: z.strictObject({
        ...identityCreate,
        ip_version: ipVersion.default("v4"),
        pool_type: poolType.default("unicast"),
        assignment: assignment.default("silos"),
      }),
      answer: pool,
      status: 201,
    },
    ({ body }) => show(createPool(store, body)),
  );
  operation(
    api,
    context,
    { id: "system_ip_pool_view", method: "get", path: one, summary: "Fetch IP pool", params, answer: pool },
    ({ params: { pool: value } }) => show(find(value)),
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_update",
      method: "put",
      path: one,
      summary: "Update IP pool",
      params,
      body: z.strictObject(identityUpdate),
      answer: pool,
    },
    ({ params: { pool: value }, body }) => {
      const row = find(value);
      if (isGiven(body.name)) requireFreeName(ipPools, "ip-pool", { name: body.name }, row.id);
      const changes = identityChanges(store, body);
      ipPools.update({ id: row.id }, changes);
      return show({ ...row, ...changes });
    },
  );
  operation(
    api,
    context,
    { id: "system_ip_pool_delete", method: "delete", path: one, summary: "Delete IP pool", params },
    ({ params: { pool: value } }) => {
      deletePool(store, find(value));
    },
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_assign",
      method: "post",
      path: `${one}/assignment`,
      summary: "Assign IP pool to silos or system services",
      params,
      body: z.strictObject({ assignment }),
      answer: pool,
    },
    ({ params: { pool: value }, body }) => {
      const row = find(value);
      if (body.assignment === "system_services" && ipPoolSilos.count({ pool_id: row.id }) > 0) {
        throw invalid("assignment", `"${row.name}" is linked to a silo`);
      }
      ipPools.update({ id: row.id }, body);
      return show({ ...row, ...body });
    },
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_range_list",
      method: "get",
      path: `${one}/ranges`,
      summary: "List ranges for IP pool",
      params,
      query: z.strictObject(pageInOrder),
      answer: pageOf(range),
    },
    ({ params: { pool: value }, query }) =>
      pageRows(ipPoolRanges, { ip_pool_id: find(value).id }, query, showRange, "id_ascending"),
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_range_add",
      method: "post",
      path: `${one}/ranges/add`,
      summary: "Add range to an IP pool",
      params,
      body: ipRange,
      answer: range,
      status: 201,
    },
    ({ params: { pool: value }, body }) => showRange(addRange(store, find(value), body)),
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_range_remove",
      method: "post",
      path: `${one}/ranges/remove`,
      summary: "Remove range from IP pool",
      params,
      body: ipRange,
    },
    ({ params: { pool: value }, body }) => {
      removeRange(store, find(value), body);
    },
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_utilization_view",
      method: "get",
      path: `${one}/utilization`,
      summary: "Fetch IP pool utilization",
      params,
      answer: z.object({ capacity: z.number(), remaining: z.number() }),
    },
    ({ params: { pool: value } }) => {
      const { id } = find(value);
      const capacity = ipPoolRanges.list({ ip_pool_id: id }).reduce((sum, row) => sum + sizeOf(blockOfRange(row)), 0n);
      const used = new Set(externalIps.list({ ip_pool_id: id }).map((row) => blockOf(row.ip).first));
      return { capacity: Number(capacity), remaining: Number(capacity - BigInt(used.size)) };
    },
  );

  const silosPath = `${one}/silos`;
  const findLink = (row: IpPoolRow, silo: string): PoolLinkRow => {
    const { id } = topLevel(silos, "silo", "silo", silo);
    const found = ipPoolSilos.find({ pool_id: row.id, silo_id: id });
    if (found === undefined) throw notFound("ip-pool-silo-link", "silo", silo);
    return found;
  };
  operation(
    api,
    context,
    {
      id: "system_ip_pool_silo_list",
      method: "get",
      path: silosPath,
      summary: "List IP pool's linked silos",
      params,
      query: z.strictObject(pageById),
      answer: pageOf(link),
    },
    ({ params: { pool: value }, query }) =>
      pageRows(ipPoolSilos, { pool_id: find(value).id }, query, showLink, "id_ascending"),
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_silo_link",
      method: "post",
      path: silosPath,
      summary: "Link IP pool to silo",
      params,
      body: z.strictObject({ silo: nameOrId, is_default: z.boolean() }),
      answer: link,
      status: 201,
    },
    ({ params: { pool: value }, body }) => {
      const row = find(value);
      if (row.assignment !== "silos") throw invalid("pool", `"${row.name}" is for system services`);
      return showLink(linkPool(store, row, topLevel(silos, "silo", "silo", body.silo).id, body.is_default));
    },
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_silo_update",
      method: "put",
      path: `${silosPath}/{silo}`,
      summary: "Make IP pool default for silo",
      params: linkParams,
      body: z.strictObject({ is_default: z.boolean() }),
      answer: link,
    },
    ({ params: { pool: value, silo }, body }) => {
      const row = find(value);
      return showLink(setDefaultPool(store, row, findLink(row, silo), body.is_default));
    },
  );
  operation(
    api,
    context,
    {
      id: "system_ip_pool_silo_unlink",
      method: "delete",
      path: `${silosPath}/{silo}`,
      summary: "Unlink IP pool from silo",
      params: linkParams,
    },
    ({ params: { pool: value, silo } }) => {
      const row = find(value);
      unlinkPool(store, row, findLink(row, silo));
    },
  );
};

/** Operations on IP pools, as a silo's users see them. */
export const siloIpPoolOperations: Operations = (api, context) => {
  const { store } = context;
  const { ipPools, ipPoolSilos, silos } = store.tables;
  const show = (row: IpPoolRow): z.input<typeof siloPool> => {
    const isDefault = ipPoolSilos.find({ pool_id: row.id })?.is_default ?? false;
    return view(siloPool, { ...row, is_default: isDefault });
  };
  const linked = (): readonly string[] => ipPoolSilos.list().map(({ pool_id }) => pool_id);
  operation(
    api,
    context,
    {
      id: "ip_pool_list",
      method: "get",
      path: "/v1/ip-pools",
      summary: "List IP pools",
      query: z.strictObject({ ...pageByName, ...filters }),
      answer: pageOf(siloPool),
    },
    ({ query }) => {
      const { ip_version, pool_type } = query;
      return pageRows(ipPools, { id: linked(), ip_version, pool_type }, query, show);
    },
  );
  operation(
    api,
    context,
    {
      id: "ip_pool_view",
      method: "get",
      path: "/v1/ip-pools/{pool}",
      summary: "Fetch IP pool",
      params,
      answer: siloPool,
    },
    ({ params: { pool: value } }) => {
      const row = topLevel(ipPools, "ip-pool", "pool", value);
      if (!linked().includes(row.id)) throw notFound("ip-pool", "pool", value);
      return show(row);
    },
  );
  operation(
    api,
    context,
    {
      id: "silo_ip_pool_list",
      method: "get",
      path: "/v1/system/silos/{silo}/ip-pools",
      summary: "List IP pools linked to silo",
      params: z.strictObject({ silo: nameOrId }),
      query: z.strictObject(pageByName),
      answer: pageOf(siloPool),
    },
    ({ params: { silo }, query }) => {
      const { id } = topLevel(silos, "silo", "silo", silo);
      const own = ipPoolSilos.list({ silo_id: id }).map(({ pool_id }) => pool_id);
      return pageRows(ipPools, { id: own }, query, show);
    },
  );
};
