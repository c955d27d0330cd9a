import { isGiven } from "../engine/given.ts";
import { z } from "@hono/zod-openapi";
import { blockOfPrefix, sizeOf } from "../engine/ip-block.ts";
import type { PoolLinkRow, SubnetPoolRow } from "../engine/rows.ts";
import { addMember, linkSubnetPool, removeMember, setDefaultSubnetPool } from "../resources/external-subnets.ts";
import { requireFreeName, topLevel } from "../resources/lookup.ts";
import { identityChanges } from "../resources/projects.ts";
import { invalid, notFound } from "../resources/refusals.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageById, pageByName, pageInOrder, pageOf, pageRows } from "./paging.ts";
import { identity, identityCreate, identityUpdate, ipNet, ipVersion, nameOrId, time } from "./values.ts";

const pool = z.object({ ...identity, ip_version: ipVersion }).openapi("SubnetPool");
const siloPool = pool.extend({ is_default: z.boolean() }).openapi("SiloSubnetPool");
const member = z
  .object({
    id: z.string(),
    subnet_pool_id: z.string(),
    subnet: z.string(),
    min_prefix_length: z.int(),
    max_prefix_length: z.int(),
    time_created: time,
  })
  .openapi("SubnetPoolMember");
const link = z
  .object({ subnet_pool_id: z.string(), silo_id: z.string(), is_default: z.boolean() })
  .openapi("SubnetPoolSiloLink");
const params = z.strictObject({ pool: nameOrId });
const linkParams = z.strictObject({ pool: nameOrId, silo: nameOrId });
const prefixLength = z.int().min(0).max(128);

function showLink({ pool_id, silo_id, is_default }: PoolLinkRow): z.input<typeof link> {
  return { subnet_pool_id: pool_id, silo_id, is_default };
}

/** Operations on subnet pools, as the fleet's administrators have them. */
export const subnetPoolOperations: Operations = (api, context) => {
  const { store } = context;
  const { subnetPools, subnetPoolMembers, subnetPoolSilos, externalSubnets, silos } = store.tables;
  const find = (selector: string): SubnetPoolRow => topLevel(subnetPools, "subnet-pool", "pool", selector);
  const show = (row: SubnetPoolRow): z.input<typeof pool> => view(pool, row);
  const path = "/v1/system/subnet-pools";
  const one = `${path}/{pool}`;
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_list",
      method: "get",
      path,
      summary: "List subnet pools",
      query: z.strictObject(pageByName),
      answer: pageOf(pool),
    },
    ({ query }) => pageRows(subnetPools, {}, query, show),
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_create",
      method: "post",
      path,
      summary: "Create subnet pool",
      body: z.strictObject({ ...identityCreate, ip_version: ipVersion }),
      answer: pool,
      status: 201,
    },
    ({ body }) => {
      requireFreeName(subnetPools, "subnet-pool", { name: body.name });
      return show(subnetPools.insert({ ...store.newIdentity(body), ip_version: body.ip_version }));
    },
  );
  operation(
    api,
    context,
    { id: "system_subnet_pool_view", method: "get", path: one, summary: "Fetch subnet pool", params, answer: pool },
    ({ params: { pool: value } }) => show(find(value)),
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_update",
      method: "put",
      path: one,
      summary: "Update subnet pool",
      params,
      body: z.strictObject(identityUpdate),
      answer: pool,
    },
    ({ params: { pool: value }, body }) => {
      const row = find(value);
      if (isGiven(body.name)) requireFreeName(subnetPools, "subnet-pool", { name: body.name }, row.id);
      const changes = identityChanges(store, body);
      subnetPools.update({ id: row.id }, changes);
      return show({ ...row, ...changes });
    },
  );
  operation(
    api,
    context,
    { id: "system_subnet_pool_delete", method: "delete", path: one, summary: "Delete subnet pool", params },
    ({ params: { pool: value } }) => {
      const { id, name } = find(value);
      const members = subnetPoolMembers.count({ subnet_pool_id: id });
      if (members > 0) throw invalid("pool", `"${name}" cannot be deleted while it has ${members} members`);
      subnetPools.delete({ id });
    },
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_member_list",
      method: "get",
      path: `${one}/members`,
      summary: "List members in subnet pool",
      params,
      query: z.strictObject(pageInOrder),
      answer: pageOf(member),
    },
    ({ params: { pool: value }, query }) => {
      const where = { subnet_pool_id: find(value).id };
      return pageRows(subnetPoolMembers, where, query, (row) => view(member, row), "id_ascending");
    },
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_member_add",
      method: "post",
      path: `${one}/members/add`,
      summary: "Add member to subnet pool",
      params,
      body: z.strictObject({
        subnet: ipNet,
        min_prefix_length: prefixLength.nullish(),
        max_prefix_length: prefixLength.nullish(),
      }),
      answer: member,
      status: 201,
    },
    ({ params: { pool: value }, body }) => view(member, addMember(store, find(value), body)),
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_member_remove",
      method: "post",
      path: `${one}/members/remove`,
      summary: "Remove member from subnet pool",
      params,
      body: z.strictObject({ subnet: ipNet }),
    },
    ({ params: { pool: value }, body }) => {
      removeMember(store, find(value), body.subnet);
    },
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_utilization_view",
      method: "get",
      path: `${one}/utilization`,
      summary: "Fetch subnet pool utilization",
      params,
      answer: z.object({ capacity: z.number(), remaining: z.number() }),
    },
    ({ params: { pool: value } }) => {
      const { id } = find(value);
      const total = (rows: readonly { readonly subnet: string }[]): bigint =>
        rows.reduce((sum, { subnet }) => sum + sizeOf(blockOfPrefix(subnet)), 0n);
      const capacity = total(subnetPoolMembers.list({ subnet_pool_id: id }));
      const used = total(externalSubnets.list({ subnet_pool_id: id }));
      return { capacity: Number(capacity), remaining: Number(capacity - used) };
    },
  );

  const silosPath = `${one}/silos`;
  const findLink = (row: SubnetPoolRow, silo: string): PoolLinkRow => {
    const { id } = topLevel(silos, "silo", "silo", silo);
    const found = subnetPoolSilos.find({ pool_id: row.id, silo_id: id });
    if (found === undefined) throw notFound("subnet-pool-silo-link", "silo", silo);
    return found;
  };
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_silo_list",
      method: "get",
      path: silosPath,
      summary: "List silos linked to subnet pool",
      params,
      query: z.strictObject(pageById),
      answer: pageOf(link),
    },
    ({ params: { pool: value }, query }) =>
      pageRows(subnetPoolSilos, { pool_id: find(value).id }, query, showLink, "id_ascending"),
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_silo_link",
      method: "post",
      path: silosPath,
      summary: "Link subnet pool to silo",
      params,
      body: z.strictObject({ silo: nameOrId, is_default: z.boolean() }),
      answer: link,
      status: 201,
    },
    ({ params: { pool: value }, body }) => {
      const { id } = topLevel(silos, "silo", "silo", body.silo);
      return showLink(linkSubnetPool(store, find(value), id, body.is_default));
    },
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_silo_update",
      method: "put",
      path: `${silosPath}/{silo}`,
      summary: "Update subnet pool's link to silo",
      params: linkParams,
      body: z.strictObject({ is_default: z.boolean() }),
      answer: link,
    },
    ({ params: { pool: value, silo }, body }) => {
      const row = find(value);
      return showLink(setDefaultSubnetPool(store, row, findLink(row, silo), body.is_default));
    },
  );
  operation(
    api,
    context,
    {
      id: "system_subnet_pool_silo_unlink",
      method: "delete",
      path: `${silosPath}/{silo}`,
      summary: "Unlink subnet pool from silo",
      params: linkParams,
    },
    ({ params: { pool: value, silo } }) => {
      const row = find(value);
      const used = externalSubnets.count({ subnet_pool_id: row.id });
      if (used > 0) throw invalid("pool", `"${row.name}" cannot be unlinked while ${used} external subnets are of it`);
      subnetPoolSilos.delete({ id: findLink(row, silo).id });
    },
  );

  const showSilo = (row: SubnetPoolRow): z.input<typeof siloPool> =>
    view(siloPool, { ...row, is_default: subnetPoolSilos.find({ pool_id: row.id })?.is_default ?? false });
  const linked = (siloId?: string): readonly string[] =>
    subnetPoolSilos.list(siloId === undefined ? {} : { silo_id: siloId }).map(({ pool_id }) => pool_id);
  operation(
    api,
    context,
    {
      id: "subnet_pool_list",
      method: "get",
      path: "/v1/subnet-pools",
      summary: "List subnet pools",
      query: z.strictObject(pageByName),
      answer: pageOf(siloPool),
    },
    ({ query }) => pageRows(subnetPools, { id: linked() }, query, showSilo),
  );
  operation(
    api,
    context,
    {
      id: "subnet_pool_view",
      method: "get",
      path: "/v1/subnet-pools/{pool}",
      summary: "Fetch subnet pool",
      params,
      answer: siloPool,
    },
    ({ params: { pool: value } }) => {
      const row = find(value);
      if (!linked().includes(row.id)) throw notFound("subnet-pool", "pool", value);
      return showSilo(row);
    },
  );
  operation(
    api,
    context,
    {
      id: "silo_subnet_pool_list",
      method: "get",
      path: "/v1/system/silos/{silo}/subnet-pools",
      summary: "List subnet pools linked to a silo",
      params: z.strictObject({ silo: nameOrId }),
      query: z.strictObject(pageByName),
      answer: pageOf(siloPool),
    },
    ({ params: { silo }, query }) =>
      pageRows(subnetPools, { id: linked(topLevel(silos, "silo", "silo", silo).id) }, query, showSilo),
  );
};
