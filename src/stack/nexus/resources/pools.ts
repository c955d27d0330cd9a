import { isGiven } from "../engine/given.ts";
import { addressText, blockOfRange, contains, firstFree, overlaps, blockOf } from "../engine/ip-block.ts";
import { limits } from "../engine/limits.ts";
import type { IpPoolRangeRow, IpPoolRow, IpVersion, PoolLinkRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { attachPool } from "./gateways.ts";
import { requireFreeName, topLevel } from "./lookup.ts";
import { alreadyExists, exhausted, invalid, notFound } from "./refusals.ts";

/** How an address or prefix is to be found. */
export type PoolChoice =
  | { readonly type: "explicit"; readonly pool: string }
  | { readonly type: "auto"; readonly ip_version?: IpVersion | null | undefined };

interface Range {
  readonly first: string;
  readonly last: string;
}

/** Make a pool without addresses. */
export function createPool(
  store: Store,
  pool: Pick<IpPoolRow, "name" | "description" | "ip_version" | "pool_type" | "assignment">,
): IpPoolRow {
  const { ipPools } = store.tables;
  requireFreeName(ipPools, "ip-pool", { name: pool.name });
  return ipPools.insert({ ...store.newIdentity(pool), ...pool });
}

/** @throws ApiError (400) while it has ranges or is linked to silos */
export function deletePool({ tables }: Store, { id, name }: IpPoolRow): void {
  const ranges = tables.ipPoolRanges.count({ ip_pool_id: id });
  if (ranges > 0) throw invalid("pool", `"${name}" cannot be deleted while it contains ${ranges} IP ranges`);
  const links = tables.ipPoolSilos.count({ pool_id: id });
  if (links > 0) throw invalid("pool", `"${name}" cannot be deleted while it is linked to a silo`);
  tables.ipPools.delete({ id });
}

/** Add addresses to a pool. @throws ApiError (400) if another pool, or this one, has any of them */
export function addRange(store: Store, pool: IpPoolRow, range: Range): IpPoolRangeRow {
  const { ipPoolRanges, ipPools } = store.tables;
  const block = blockOfRange(range);
  if (block.family !== (pool.ip_version === "v4" ? 4 : 6)) {
    throw invalid("first", `expected IP${pool.ip_version} addresses, as the pool has`);
  }
  if (block.first > block.last) throw invalid("last", `${range.last} comes before ${range.first}`);
  const other = ipPoolRanges.list().find((row) => overlaps(blockOfRange(row), block));
  if (other !== undefined) {
    const holder = ipPools.find({ id: other.ip_pool_id })?.name ?? "";
    throw invalid("first", `overlaps ${other.first} to ${other.last} of pool "${holder}"`);
  }
  return ipPoolRanges.insert({
    id: store.newId(),
    ip_pool_id: pool.id,
    ...range,
    time_created: store.timeText(),
  });
}

/** Take a range away. @throws ApiError (400) while an address of it is in use */
export function removeRange({ tables }: Store, pool: IpPoolRow, range: Range): void {
  const row = tables.ipPoolRanges.find({ ip_pool_id: pool.id, ...range });
  if (row === undefined) throw notFound("ip-pool range", "first", `${range.first}-${range.last}`);
  const block = blockOfRange(range);
  const used = tables.externalIps.list({ ip_pool_id: pool.id }).find(({ ip }) => contains(block, blockOf(ip)));
  if (used !== undefined) throw invalid("first", `${used.ip} of the range is in use`);
  tables.ipPoolRanges.delete({ id: row.id });
}

/** Let a silo use a pool. A default pool also leads through the gateway "default" of every VPC. */
export function linkPool(store: Store, pool: IpPoolRow, siloId: string, isDefault: boolean): PoolLinkRow {
  const { ipPoolSilos } = store.tables;
  if (ipPoolSilos.find({ pool_id: pool.id, silo_id: siloId }) !== undefined) {
    throw alreadyExists("ip-pool-silo-link", pool.name, "silo");
  }
  const other = isDefault ? defaultPool(store, pool.ip_version, pool.pool_type) : undefined;
  if (other !== undefined) throw invalid("is_default", `the silo's default pool is "${other.name}"`);
  const link = ipPoolSilos.insert({ id: store.newId(), pool_id: pool.id, silo_id: siloId, is_default: isDefault });
  if (isDefault) leadThroughDefaultGateways(store, pool);
  return link;
}

/** Make a pool the default, in the place of the one that is, or no longer. */
export function setDefaultPool(store: Store, pool: IpPoolRow, link: PoolLinkRow, isDefault: boolean): PoolLinkRow {
  const { ipPoolSilos } = store.tables;
  const before = defaultPool(store, pool.ip_version, pool.pool_type);
  if (isDefault && before !== undefined) ipPoolSilos.update({ pool_id: before.id }, { is_default: false });
  ipPoolSilos.update({ id: link.id }, { is_default: isDefault });
  if (isDefault) leadThroughDefaultGateways(store, pool);
  return { ...link, is_default: isDefault };
}

/** @throws ApiError (400) while the silo has addresses of the pool */
export function unlinkPool({ tables }: Store, pool: IpPoolRow, link: PoolLinkRow): void {
  const used = tables.externalIps.count({ ip_pool_id: pool.id });
  if (used > 0) throw invalid("pool", `"${pool.name}" cannot be unlinked while ${used} of its addresses are in use`);
  tables.ipPoolSilos.delete({ id: link.id });
  tables.gatewayPools.delete({ ip_pool_id: pool.id });
}

function leadThroughDefaultGateways(store: Store, pool: IpPoolRow): void {
  if (pool.pool_type !== "unicast") return;
  const { gateways, gatewayPools } = store.tables;
  for (const gateway of gateways.list({ name: "default" })) {
    if (gatewayPools.find({ internet_gateway_id: gateway.id, ip_pool_id: pool.id }) !== undefined) continue;
    attachPool(store, gateway, pool, { name: pool.name, description: `Default internet gateway IP pool ${pool.name}` });
  }
}

/** The silo's default pool of a version. */
export function defaultPool(
  { tables }: Store,
  version: IpVersion,
  type: IpPoolRow["pool_type"] = "unicast",
): IpPoolRow | undefined {
  const ids = tables.ipPoolSilos.list({ is_default: true }).map(({ pool_id }) => pool_id);
  return tables.ipPools.find({ id: ids, ip_version: version, pool_type: type });
}

/** The pool that a request wants an address of. @throws ApiError that names `field` */
export function choosePool(store: Store, choice: PoolChoice, field: string): IpPoolRow {
  if (choice.type === "explicit") {
    const pool = topLevel(store.tables.ipPools, "ip-pool", `${field}.pool`, choice.pool);
    if (pool.pool_type !== "unicast") throw invalid(`${field}.pool`, `"${pool.name}" is a pool of multicast groups`);
    if (store.tables.ipPoolSilos.find({ pool_id: pool.id }) === undefined) {
      throw notFound("ip-pool", `${field}.pool`, choice.pool);
    }
    return pool;
  }
  const versions: readonly IpVersion[] = !isGiven(choice.ip_version) ? ["v4", "v6"] : [choice.ip_version];
  const [pool, other] = versions.flatMap((version) => defaultPool(store, version) ?? []);
  if (pool === undefined) throw invalid(field, `the silo has no default pool of ${versions.join(" or ")} addresses`);
  if (other !== undefined) throw invalid(`${field}.ip_version`, "the silo has default pools of both versions");
  return pool;
}

/** The pool that has an address. @throws ApiError (400) */
export function poolOfAddress({ tables }: Store, address: string, field: string): IpPoolRow {
  const block = blockOf(address);
  const range = tables.ipPoolRanges.list().find((row) => contains(blockOfRange(row), block));
  const pool = range === undefined ? undefined : tables.ipPools.find({ id: range.ip_pool_id });
  if (pool === undefined || tables.ipPoolSilos.find({ pool_id: pool.id }) === undefined) {
    throw invalid(field, `${address} is in no pool of the silo`);
  }
  return pool;
}

/** A whole address of a pool that nobody has. @throws ApiError (507) if there is none */
export function freeAddress({ tables }: Store, pool: IpPoolRow, field: string): string {
  const used = new Set(tables.externalIps.list({ ip_pool_id: pool.id }).map(({ ip }) => blockOf(ip).first));
  for (const range of tables.ipPoolRanges.list({ ip_pool_id: pool.id })) {
    const block = blockOfRange(range);
    const free = firstFree(block, used);
    if (free !== undefined) return addressText(block.family, free);
  }
  throw exhausted(field, `no external IP address of pool "${pool.name}" is free`);
}

/** A block of ports of a pool's address that nobody has. @throws ApiError (507) if there is none */
export function freeSnatBlock(
  store: Store,
  pool: IpPoolRow,
  field: string,
): { readonly ip: string; readonly first: number } {
  const shared = new Map<string, Set<number>>();
  for (const { ip, kind, first_port } of store.tables.externalIps.list({ ip_pool_id: pool.id })) {
    if (kind === "snat") shared.set(ip, (shared.get(ip) ?? new Set()).add(first_port));
  }
  for (const [ip, taken] of shared) {
    for (let first = 0; first < 0x1_0000; first += limits.snatBlockPorts) {
      if (!taken.has(first)) return { ip, first };
    }
  }
  return { ip: freeAddress(store, pool, field), first: 0 };
}
