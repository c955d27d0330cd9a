import { isGiven } from "../engine/given.ts";
import { familyOf } from "../engine/ip-block.ts";
import { limits } from "../engine/limits.ts";
import type { ExternalIpRow, InstanceRow, InterfaceRow, IpVersion, ProjectRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { requireFreeName } from "./lookup.ts";
import { choosePool, defaultPool, freeAddress, freeSnatBlock, type PoolChoice, poolOfAddress } from "./pools.ts";
import { alreadyExists, invalid, limitReached } from "./refusals.ts";

const allPorts = { first_port: 0, last_port: 65_535 } as const;

interface Naming {
  readonly name: string;
  readonly description: string;
}

/** How a floating IP gets its address. */
export type AddressChoice =
  | { readonly type: "explicit"; readonly ip: string }
  | { readonly type: "auto"; readonly pool_selector?: PoolChoice | undefined };

/** Make a floating IP that no instance has. */
export function createFloatingIp(
  store: Store,
  project: ProjectRow,
  naming: Naming,
  choice: AddressChoice,
): ExternalIpRow {
  const { externalIps } = store.tables;
  requireFreeName(externalIps, "floating-ip", { project_id: project.id, kind: "floating", name: naming.name });
  const field = "address_allocator";
  const pool =
    choice.type === "explicit"
      ? poolOfAddress(store, choice.ip, `${field}.ip`)
      : choosePool(store, choice.pool_selector ?? { type: "auto" }, `${field}.pool_selector`);
  const ip = choice.type === "explicit" ? choice.ip : freeAddress(store, pool, field);
  if (externalIps.find({ ip }) !== undefined) throw invalid(`${field}.ip`, `${ip} is in use`);
  return externalIps.insert({
    ...store.newIdentity(naming),
    kind: "floating",
    ip,
    ip_pool_id: pool.id,
    project_id: project.id,
    instance_id: null,
    probe_id: null,
    ...allPorts,
  });
}

/** Give a floating IP to an instance. @throws ApiError (400) while another has it */
export function attachFloatingIp(
  store: Store,
  floating: ExternalIpRow,
  instance: InstanceRow,
  field: string,
): ExternalIpRow {
  if (floating.instance_id === instance.id) return floating;
  if (floating.project_id !== instance.project_id) throw invalid(field, "the floating IP is of another project");
  if (floating.instance_id !== null) {
    throw invalid(field, `floating IP "${floating.name}" is attached to another instance: detach it first`);
  }
  requireRoom(store, instance, floating.ip, field);
  const changes = { instance_id: instance.id, time_modified: store.timeText() };
  store.tables.externalIps.update({ id: floating.id }, changes);
  return { ...floating, ...changes };
}

/** @throws ApiError (400) if no instance has it */
export function detachFloatingIp(store: Store, floating: ExternalIpRow): ExternalIpRow {
  if (floating.instance_id === null) throw invalid("floating_ip", `"${floating.name}" is attached to no instance`);
  const changes = { instance_id: null, time_modified: store.timeText() };
  store.tables.externalIps.update({ id: floating.id }, changes);
  return { ...floating, ...changes };
}

/** @throws ApiError (400) while an instance has it */
export function deleteFloatingIp({ tables }: Store, floating: ExternalIpRow): void {
  if (floating.instance_id !== null) {
    throw invalid("floating_ip", `"${floating.name}" cannot be deleted while it is attached to an instance`);
  }
  tables.externalIps.delete({ id: floating.id });
}

/** Give an instance an address of its own that goes when the instance goes. */
export function attachEphemeralIp(
  store: Store,
  instance: InstanceRow,
  choice: PoolChoice,
  field: string,
): ExternalIpRow {
  const { externalIps } = store.tables;
  const pool = choosePool(store, choice, field);
  const ephemeral = externalIps.list({ instance_id: instance.id, kind: "ephemeral" });
  const ip = freeAddress(store, pool, field);
  if (ephemeral.some((other) => familyOf(other.ip) === familyOf(ip))) {
    throw invalid(field, `the instance has an ephemeral IP${pool.ip_version} address already`);
  }
  requireRoom(store, instance, ip, field);
  const identity = store.newIdentity({ name: "ephemeral", description: "" });
  return externalIps.insert({
    ...identity,
    kind: "ephemeral",
    ip,
    ip_pool_id: pool.id,
    project_id: instance.project_id,
    instance_id: instance.id,
    probe_id: null,
    ...allPorts,
  });
}

/** @throws ApiError (400) if there is none, or two and no version is said */
export function detachEphemeralIp({ tables }: Store, instance: InstanceRow, version: IpVersion | undefined): void {
  const own = tables.externalIps
    .list({ instance_id: instance.id, kind: "ephemeral" })
    .filter(({ ip }) => version === undefined || familyOf(ip) === (version === "v4" ? 4 : 6));
  const [first, second] = own;
  if (first === undefined) throw invalid("instance", `"${instance.name}" has no such ephemeral IP`);
  if (second !== undefined) throw invalid("ip_version", "the instance has ephemeral IPs of both versions: say which");
  tables.externalIps.delete({ id: first.id });
}

/** Let an instance or probe share addresses of the default pools, for each family of its primary interface. */
export function ensureSnat(
  store: Store,
  owner: Pick<ExternalIpRow, "project_id" | "instance_id" | "probe_id">,
  primary: InterfaceRow,
): void {
  const { externalIps } = store.tables;
  const { instance_id, probe_id } = owner;
  const own = externalIps.list({ instance_id, probe_id, kind: "snat" });
  for (const version of ["v4", "v6"] as const) {
    const has = version === "v4" ? primary.ipv4 : primary.ipv6;
    if (has === null || own.some(({ ip }) => familyOf(ip) === (version === "v4" ? 4 : 6))) continue;
    const pool = defaultPool(store, version);
    // A silo without a default pool is one without source NAT.
    if (pool === undefined) continue;
    const { ip, first } = freeSnatBlock(store, pool, "network_interfaces");
    externalIps.insert({
      ...store.newIdentity({ name: "snat", description: "" }),
      kind: "snat",
      ip,
      ip_pool_id: pool.id,
      ...owner,
      first_port: first,
      last_port: first + limits.snatBlockPorts - 1,
    });
  }
}

function requireRoom({ tables }: Store, instance: InstanceRow, ip: string, field: string): void {
  const count = tables.externalIps.count({ instance_id: instance.id, kind: ["ephemeral", "floating"] });
  if (count >= limits.externalIpsPerInstance) {
    throw limitReached(field, "external IPs per instance", limits.externalIpsPerInstance);
  }
  const primary = tables.interfaces.find({ instance_id: instance.id, is_primary: true });
  const family = familyOf(ip);
  if (!isGiven(family === 4 ? primary?.ipv4 : primary?.ipv6)) {
    throw invalid(field, `the primary interface of "${instance.name}" has no IPv${family} address`);
  }
}

/** Refuse what has a name already that is asked for. */
export function requireFreeFloatingName(store: Store, floating: ExternalIpRow, name: string): void {
  const where = { project_id: floating.project_id, kind: "floating", name } as const;
  const holder = store.tables.externalIps.find(where);
  if (holder !== undefined && holder.id !== floating.id) throw alreadyExists("floating-ip", name);
}
