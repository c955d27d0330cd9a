import { isGiven } from "../engine/given.ts";
import { blockOfPrefix, contains, familyOf, firstFreePrefix, overlaps } from "../engine/ip-block.ts";
import { limits } from "../engine/limits.ts";
import type {
  ExternalSubnetRow,
  InstanceRow,
  PoolLinkRow,
  ProjectRow,
  SubnetPoolMemberRow,
  SubnetPoolRow,
} from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { requireFreeName, topLevel } from "./lookup.ts";
import type { PoolChoice } from "./pools.ts";
import { alreadyExists, exhausted, invalid, limitReached, notFound } from "./refusals.ts";

/** How an external subnet gets its prefix. */
export type SubnetChoice =
  | { readonly type: "explicit"; readonly subnet: string }
  | { readonly type: "auto"; readonly prefix_length: number; readonly pool_selector?: PoolChoice | undefined };

interface Naming {
  readonly name: string;
  readonly description: string;
}

/** Add a prefix to a pool. Parts of it have from `min_prefix_length` to `max_prefix_length` bits. */
export function addMember(
  store: Store,
  pool: SubnetPoolRow,
  {
    subnet,
    min_prefix_length: least,
    max_prefix_length: most,
  }: {
    readonly subnet: string;
    readonly min_prefix_length?: number | null | undefined;
    readonly max_prefix_length?: number | null | undefined;
  },
): SubnetPoolMemberRow {
  const { subnetPoolMembers } = store.tables;
  const family = familyOf(subnet);
  if (family !== (pool.ip_version === "v4" ? 4 : 6)) {
    throw invalid("subnet", `expected an IP${pool.ip_version} prefix, as the pool has`);
  }
  const length = Number(subnet.split("/")[1]);
  const longest = family === 4 ? 32 : 128;
  const shortestPart = least ?? length;
  const longestPart = most ?? longest;
  if (shortestPart < length || shortestPart > longest) {
    throw invalid("min_prefix_length", `expected ${length} to ${longest}, found ${shortestPart}`);
  }
  if (longestPart < shortestPart || longestPart > longest) {
    throw invalid("max_prefix_length", `expected ${shortestPart} to ${longest}, found ${longestPart}`);
  }
  const block = blockOfPrefix(subnet);
  const other = subnetPoolMembers.list().find((row) => overlaps(blockOfPrefix(row.subnet), block));
  if (other !== undefined) throw invalid("subnet", `overlaps ${other.subnet} of a subnet pool`);
  return subnetPoolMembers.insert({
    id: store.newId(),
    subnet_pool_id: pool.id,
    subnet,
    min_prefix_length: shortestPart,
    max_prefix_length: longestPart,
    time_created: store.timeText(),
  });
}

/** @throws ApiError (400) while a part of it is in use */
export function removeMember({ tables }: Store, pool: SubnetPoolRow, subnet: string): void {
  const member = tables.subnetPoolMembers.find({ subnet_pool_id: pool.id, subnet });
  if (member === undefined) throw notFound("subnet-pool-member", "subnet", subnet);
  const used = tables.externalSubnets.count({ subnet_pool_member_id: member.id });
  if (used > 0) throw invalid("subnet", `${subnet} cannot be removed while ${used} external subnets are of it`);
  tables.subnetPoolMembers.delete({ id: member.id });
}

/** Let a silo use a subnet pool. @throws ApiError (400) for a second default of a version */
export function linkSubnetPool(store: Store, pool: SubnetPoolRow, siloId: string, isDefault: boolean): PoolLinkRow {
  const { subnetPoolSilos } = store.tables;
  if (subnetPoolSilos.find({ pool_id: pool.id, silo_id: siloId }) !== undefined) {
    throw alreadyExists("subnet-pool-silo-link", pool.name, "silo");
  }
  const other = isDefault ? defaultSubnetPool(store, pool.ip_version) : undefined;
  if (other !== undefined) throw invalid("is_default", `the silo's default subnet pool is "${other.name}"`);
  return subnetPoolSilos.insert({ id: store.newId(), pool_id: pool.id, silo_id: siloId, is_default: isDefault });
}

/** Make a subnet pool the default, in the place of the one that is, or no longer. */
export function setDefaultSubnetPool(
  store: Store,
  pool: SubnetPoolRow,
  link: PoolLinkRow,
  isDefault: boolean,
): PoolLinkRow {
  const { subnetPoolSilos } = store.tables;
  const before = defaultSubnetPool(store, pool.ip_version);
  if (isDefault && before !== undefined) subnetPoolSilos.update({ pool_id: before.id }, { is_default: false });
  subnetPoolSilos.update({ id: link.id }, { is_default: isDefault });
  return { ...link, is_default: isDefault };
}

function defaultSubnetPool({ tables }: Store, version: SubnetPoolRow["ip_version"]): SubnetPoolRow | undefined {
  const ids = tables.subnetPoolSilos.list({ is_default: true }).map(({ pool_id }) => pool_id);
  return tables.subnetPools.find({ id: ids, ip_version: version });
}

/** Make an external subnet that no instance has. */
export function createExternalSubnet(
  store: Store,
  project: ProjectRow,
  naming: Naming,
  choice: SubnetChoice,
): ExternalSubnetRow {
  const { externalSubnets } = store.tables;
  requireFreeName(externalSubnets, "external-subnet", { project_id: project.id, name: naming.name });
  const { subnet, member } = choice.type === "explicit" ? takeSubnet(store, choice.subnet) : findSubnet(store, choice);
  return externalSubnets.insert({
    ...store.newIdentity(naming),
    project_id: project.id,
    subnet,
    subnet_pool_id: member.subnet_pool_id,
    subnet_pool_member_id: member.id,
    instance_id: null,
  });
}

interface Found {
  readonly subnet: string;
  readonly member: SubnetPoolMemberRow;
}

function takeSubnet({ tables }: Store, subnet: string): Found {
  const field = "allocator.subnet";
  const block = blockOfPrefix(subnet);
  const member = tables.subnetPoolMembers.list().find((row) => contains(blockOfPrefix(row.subnet), block));
  if (member === undefined || tables.subnetPoolSilos.find({ pool_id: member.subnet_pool_id }) === undefined) {
    throw invalid(field, `${subnet} is in no subnet pool of the silo`);
  }
  requireLength(member, Number(subnet.split("/")[1]), field);
  const other = tables.externalSubnets
    .list({ subnet_pool_member_id: member.id })
    .find((row) => overlaps(blockOfPrefix(row.subnet), block));
  if (other !== undefined) throw invalid(field, `${subnet} overlaps ${other.subnet}, which is in use`);
  return { subnet, member };
}

function findSubnet(
  store: Store,
  { prefix_length: length, pool_selector: choice }: SubnetChoice & { type: "auto" },
): Found {
  const { subnetPoolMembers, externalSubnets } = store.tables;
  const pool = chooseSubnetPool(store, choice ?? { type: "auto" });
  const members = subnetPoolMembers.list({ subnet_pool_id: pool.id });
  const fitting = members.filter((row) => length >= row.min_prefix_length && length <= row.max_prefix_length);
  const [any] = members;
  if (any !== undefined && fitting.length === 0) requireLength(any, length, "allocator.prefix_length");
  for (const member of fitting) {
    const taken = externalSubnets.list({ subnet_pool_member_id: member.id }).map((row) => blockOfPrefix(row.subnet));
    const subnet = firstFreePrefix(blockOfPrefix(member.subnet), length, taken);
    if (subnet !== undefined) return { subnet, member };
  }
  throw exhausted("allocator", `no /${length} of subnet pool "${pool.name}" is free`);
}

function requireLength({ subnet, ...member }: SubnetPoolMemberRow, length: number, field: string): void {
  const { min_prefix_length: least, max_prefix_length: most } = member;
  if (length < least || length > most) {
    throw invalid(
      field,
      `expected a prefix length of ${least} to ${most}, as parts of ${subnet} have; found ${length}`,
    );
  }
}

function chooseSubnetPool(store: Store, choice: PoolChoice): SubnetPoolRow {
  const field = "allocator.pool_selector";
  if (choice.type === "explicit") {
    const pool = topLevel(store.tables.subnetPools, "subnet-pool", `${field}.pool`, choice.pool);
    if (store.tables.subnetPoolSilos.find({ pool_id: pool.id }) !== undefined) return pool;
    throw notFound("subnet-pool", `${field}.pool`, choice.pool);
  }
  const versions = !isGiven(choice.ip_version) ? (["v4", "v6"] as const) : [choice.ip_version];
  const [pool, other] = versions.flatMap((version) => defaultSubnetPool(store, version) ?? []);
  if (pool === undefined)
    throw invalid(field, `the silo has no default subnet pool of ${versions.join(" or ")} prefixes`);
  if (other !== undefined) throw invalid(`${field}.ip_version`, "the silo has default subnet pools of both versions");
  return pool;
}

/** Give an external subnet to an instance. @throws ApiError (400) while another has it */
export function attachExternalSubnet(store: Store, row: ExternalSubnetRow, instance: InstanceRow): ExternalSubnetRow {
  if (row.instance_id === instance.id) return row;
  if (row.project_id !== instance.project_id) throw invalid("instance", "the instance is of another project");
  if (row.instance_id !== null) {
    throw invalid("external_subnet", `"${row.name}" is attached to another instance: detach it first`);
  }
  const { externalSubnets, interfaces } = store.tables;
  if (externalSubnets.count({ instance_id: instance.id }) >= limits.externalSubnetsPerInstance) {
    throw limitReached("instance", "external subnets per instance", limits.externalSubnetsPerInstance);
  }
  const primary = interfaces.find({ instance_id: instance.id, is_primary: true });
  const family = familyOf(row.subnet);
  if (!isGiven(family === 4 ? primary?.ipv4 : primary?.ipv6)) {
    throw invalid("instance", `the primary interface of "${instance.name}" has no IPv${family} address`);
  }
  return give(store, row, instance.id);
}

/** @throws ApiError (400) if no instance has it */
export function detachExternalSubnet(store: Store, row: ExternalSubnetRow): ExternalSubnetRow {
  if (row.instance_id === null) throw invalid("external_subnet", `"${row.name}" is attached to no instance`);
  return give(store, row, null);
}

/** @throws ApiError (400) while an instance has it */
export function deleteExternalSubnet({ tables }: Store, row: ExternalSubnetRow): void {
  if (row.instance_id !== null) {
    throw invalid("external_subnet", `"${row.name}" cannot be deleted while it is attached to an instance`);
  }
  tables.externalSubnets.delete({ id: row.id });
}

function give(store: Store, row: ExternalSubnetRow, instanceId: string | null): ExternalSubnetRow {
  const changes = { instance_id: instanceId, time_modified: store.timeText() };
  store.tables.externalSubnets.update({ id: row.id }, changes);
  return { ...row, ...changes };
}
