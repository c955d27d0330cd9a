import { isGiven } from "../engine/given.ts";
import { formatMac, parseMac } from "../../../packet/index.ts";
import {
  addressNumber,
  addressText,
  blockOf,
  blockOfPrefix,
  contains,
  firstFree,
  familyOf,
  overlaps,
} from "../engine/ip-block.ts";
import { limits, wellKnown } from "../engine/limits.ts";
import type { InstanceRow, InterfaceRow, SubnetRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { ensureSnat } from "./external-ips.ts";
import { requireFreeName } from "./lookup.ts";
import { identityChanges, type IdentityChange } from "./projects.ts";
import { exhausted, invalid, limitReached, notFound } from "./refusals.ts";

/** How one family of a NIC is to be. */
export interface StackCreate {
  readonly ip: { readonly type: "auto" } | { readonly type: "explicit"; readonly value: string };
  readonly transit_ips?: readonly string[] | undefined;
}

/** What is said of a new NIC. */
export interface InterfaceCreate {
  readonly name: string;
  readonly description: string;
  readonly subnet: SubnetRow;
  readonly v4: StackCreate | undefined;
  readonly v6: StackCreate | undefined;
}

/** Whose NIC it is. */
export type InterfaceOwner =
  { readonly instance_id: string; readonly probe_id: null } | { readonly instance_id: null; readonly probe_id: string };

/** The subnet that a NIC names, in the project's VPC that it names. @throws ApiError (404) */
export function subnetByNames(
  { tables }: Store,
  projectId: string,
  vpcName: string,
  subnetName: string,
  at = "",
): SubnetRow {
  const vpc = tables.vpcs.find({ project_id: projectId, name: vpcName });
  if (vpc === undefined) throw notFound("vpc", `${at}vpc_name`, vpcName);
  const subnet = tables.subnets.find({ vpc_id: vpc.id, name: subnetName });
  if (subnet === undefined) throw notFound("vpc-subnet", `${at}subnet_name`, subnetName);
  return subnet;
}

/** Make a NIC; the first of an owner is its primary one. `at` is where faults lie, such as `network_interfaces.params.0.` */
export function createInterface(store: Store, owner: InterfaceOwner, nic: InterfaceCreate, at = ""): InterfaceRow {
  const { interfaces } = store.tables;
  const { subnet, v4, v6, ...naming } = nic;
  const siblings = interfaces.list(owner);
  requireFreeName(interfaces, "instance-network-interface", { ...owner, name: naming.name });
  if (siblings.length >= limits.interfacesPerInstance) {
    throw limitReached(`${at}name`, "network interfaces per instance", limits.interfacesPerInstance);
  }
  if (siblings.some(({ vpc_id }) => vpc_id !== subnet.vpc_id)) {
    throw invalid(`${at}vpc_name`, "all network interfaces of an instance are in one VPC");
  }
  if (siblings.some(({ subnet_id }) => subnet_id === subnet.id)) {
    throw invalid(`${at}subnet_name`, `the instance has an interface in subnet "${subnet.name}" already`);
  }
  const transit = [...(v4?.transit_ips ?? []), ...(v6?.transit_ips ?? [])];
  const ipv4 = v4 === undefined ? null : chooseAddress(store, subnet, 4, v4, at);
  const ipv6 = v6 === undefined ? null : chooseAddress(store, subnet, 6, v6, at);
  requireTransitIps(transit, { ipv4, ipv6 }, `${at}ip_config.value.transit_ips`);
  const used = new Set(siblings.map(({ slot }) => slot));
  let slot = 0;
  while (used.has(slot)) slot++;
  return interfaces.insert({
    ...store.newIdentity(naming),
    ...owner,
    vpc_id: subnet.vpc_id,
    subnet_id: subnet.id,
    mac: newMac(store, subnet.vpc_id),
    slot,
    is_primary: siblings.length === 0,
    ipv4,
    ipv6,
    transit_ips: transit,
  });
}

/** What of a NIC is to be changed. */
export interface InterfaceChange extends IdentityChange {
  readonly primary?: boolean | undefined;
  readonly transit_ips?: readonly string[] | undefined;
}

/** @throws ApiError (400) to take the primary NIC's place in a running instance, or to leave none */
export function updateInterface(
  store: Store,
  nic: InterfaceRow,
  instance: InstanceRow,
  { primary, transit_ips: transit, ...change }: InterfaceChange,
): InterfaceRow {
  const { interfaces } = store.tables;
  if (isGiven(change.name)) {
    const where = { instance_id: instance.id, name: change.name };
    requireFreeName(interfaces, "instance-network-interface", where, nic.id);
  }
  if (transit !== undefined) requireTransitIps(transit, nic, "transit_ips");
  const becomesPrimary = primary === true && !nic.is_primary;
  if (primary === false && nic.is_primary) {
    throw invalid("primary", "make another interface the primary one instead");
  }
  if (becomesPrimary) {
    requireStopped(instance, "primary");
    interfaces.update({ instance_id: instance.id }, { is_primary: false });
  }
  const changes = {
    ...identityChanges(store, change),
    ...(transit === undefined ? {} : { transit_ips: transit }),
    ...(becomesPrimary ? { is_primary: true } : {}),
  };
  interfaces.update({ id: nic.id }, changes);
  const changed = { ...nic, ...changes };
  if (becomesPrimary)
    ensureSnat(store, { project_id: instance.project_id, instance_id: instance.id, probe_id: null }, changed);
  return changed;
}

/** @throws ApiError (400) for a NIC of a running instance, or a primary one that has others beside it */
export function deleteInterface({ tables }: Store, nic: InterfaceRow, instance: InstanceRow): void {
  requireStopped(instance, "interface");
  if (nic.is_primary && tables.interfaces.count({ instance_id: instance.id }) > 1) {
    throw invalid("interface", `"${nic.name}" is the primary interface: it cannot be deleted while there are others`);
  }
  tables.interfaces.delete({ id: nic.id });
  // Without a NIC there is nothing to translate.
  if (nic.is_primary) tables.externalIps.delete({ instance_id: instance.id, kind: "snat" });
}

/** @throws ApiError (400) unless the instance is stopped */
export function requireStopped({ name, run_state: state }: InstanceRow, field: string): void {
  if (state !== "stopped" && state !== "failed") {
    throw invalid(field, `instance "${name}" must be stopped for this; it is ${state}`);
  }
}

function chooseAddress({ tables }: Store, subnet: SubnetRow, family: 4 | 6, { ip }: StackCreate, at: string): string {
  const field = `${at}ip_config.value.ip`;
  const text = family === 4 ? subnet.ipv4_block : subnet.ipv6_block;
  const whole = blockOfPrefix(text);
  const usable = {
    family,
    first: whole.first + BigInt(limits.reservedAddresses),
    last: family === 4 ? whole.last - 1n : whole.last,
  };
  const column = family === 4 ? "ipv4" : "ipv6";
  if (ip.type === "explicit") {
    const wanted = blockOf(ip.value);
    if (!contains(whole, wanted)) throw invalid(field, `${ip.value} is not in ${text} of subnet "${subnet.name}"`);
    if (!contains(usable, wanted)) throw invalid(field, `${ip.value} is reserved in ${text}`);
    if (tables.interfaces.find({ vpc_id: subnet.vpc_id, [column]: ip.value }) !== undefined) {
      throw invalid(field, `${ip.value} is in use`);
    }
    return ip.value;
  }
  const used = new Set(
    tables.interfaces.list({ subnet_id: subnet.id }).flatMap((nic) => {
      const address = nic[column];
      return address === null ? [] : [addressNumber(address)];
    }),
  );
  const free = firstFree(usable, used);
  if (free === undefined) throw exhausted(field, `no address of ${text} of subnet "${subnet.name}" is free`);
  return addressText(family, free);
}

function newMac(store: Store, vpcId: string): string {
  const random = store.random("mac");
  const base = parseMac(wellKnown.firstGuestMac);
  for (;;) {
    const offset = random.below(wellKnown.guestMacs);
    const mac = formatMac(
      Uint8Array.of(
        base[0] ?? 0,
        base[1] ?? 0,
        base[2] ?? 0,
        (base[3] ?? 0) + (offset >> 16),
        (offset >> 8) & 0xff,
        offset & 0xff,
      ),
    );
    if (store.tables.interfaces.find({ vpc_id: vpcId, mac }) === undefined) return mac;
  }
}

function requireTransitIps(
  transit: readonly string[],
  { ipv4, ipv6 }: Pick<InterfaceRow, "ipv4" | "ipv6">,
  field: string,
): void {
  if (transit.length > limits.transitIpsPerInterface) {
    throw limitReached(field, "transit IPs per interface", limits.transitIpsPerInterface);
  }
  for (const [at, text] of transit.entries()) {
    const block = blockOfPrefix(text);
    if ((familyOf(text) === 4 ? ipv4 : ipv6) === null) {
      throw invalid(`${field}.${at}`, `${text}: the interface has no address of this family`);
    }
    if (unusable.some((other) => overlaps(other, block) && !contains(block, other))) {
      throw invalid(`${field}.${at}`, `${text} is of no use as a transit network`);
    }
    if (transit.slice(0, at).some((other) => overlaps(blockOfPrefix(other), block))) {
      throw invalid(`${field}.${at}`, `${text} overlaps another transit network`);
    }
  }
}

/** Multicast, loopback and unspecified addresses. */
const unusable = ["224.0.0.0/4", "127.0.0.0/8", "0.0.0.0/32", "ff00::/8", "::1/128", "::/128"].map(blockOfPrefix);
