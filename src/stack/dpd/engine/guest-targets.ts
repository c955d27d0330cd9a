import { parsePrefix } from "../../../packet/index.ts";
import { addressNumber, compareAddresses, type Family, familyOf, macNumber, prefixKey } from "./address.ts";
import { type Journal, JournaledMap } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import type { RowStore } from "./row-store.ts";
import type { Row } from "./tables.ts";

/** Where a guest is: the sled's address, and its network and MAC address there. */
export interface GuestTarget {
  /** An IPv6 address of the underlay, canonical. */
  readonly internalIp: string;
  readonly innerMac: string;
  /** 24 bits. */
  readonly vni: number;
}

/** A range of ports of an external address, and whose it is. */
export interface NatEntry {
  readonly external: string;
  readonly low: number;
  readonly high: number;
  readonly target: GuestTarget;
}

/** External addresses that guests share by ranges of ports. Ranges of one address do not overlap. */
export class Nat {
  readonly #rows: RowStore;
  /** By address; ranges in ascending order. */
  readonly #entries: JournaledMap<string, readonly NatEntry[]>;

  constructor(rows: RowStore, journal: Journal) {
    this.#rows = rows;
    this.#entries = new JournaledMap(journal);
  }

  /** Addresses of a family that have ranges, in ascending order. */
  addresses(family: Family): readonly string[] {
    return [...this.#entries.keys()].filter((address) => familyOf(address) === family).sort(compareAddresses);
  }

  /** Ranges of an address, in ascending order. */
  of(external: string): readonly NatEntry[] {
    return this.#entries.get(external) ?? [];
  }

  /** Nothing happens if exactly this is there. Throws a {@link Refusal}: invalid range, or an overlap with another. */
  set(entry: NatEntry): void {
    const { external, low, high, target } = entry;
    if (low > high) throw new Refusal("invalid", `the range of ports ${low} to ${high} ends before it begins`);
    const entries = this.of(external);
    const other = entries.find((candidate) => candidate.low <= high && low <= candidate.high);
    if (other !== undefined) {
      if (other.low === low && other.high === high && sameGuest(other.target, target)) return;
      throw new Refusal("exists", `ports ${other.low} to ${other.high} of ${external} are taken`);
    }
    this.#rows.put(natRow(entry));
    this.#entries.set(
      external,
      [...entries, entry].sort((a, b) => a.low - b.low),
    );
  }

  /** Remove the range that begins at `low`; nothing happens if there is none. */
  remove(external: string, low: number): void {
    const entries = this.of(external);
    const entry = entries.find((candidate) => candidate.low === low);
    if (entry === undefined) return;
    this.#rows.remove(natRow(entry));
    const left = entries.filter((candidate) => candidate !== entry);
    if (left.length === 0) this.#entries.delete(external);
    else this.#entries.set(external, left);
  }

  /** Remove all ranges of an address; undefined: of all addresses of the family. */
  removeAll(family: Family, external?: string): void {
    for (const address of external === undefined ? this.addresses(family) : [external]) {
      for (const { low } of this.of(address)) this.remove(address, low);
    }
  }
}

/** A subnet that belongs to a guest. */
export interface AttachedSubnet {
  /** Canonical prefix. */
  readonly subnet: string;
  readonly target: GuestTarget;
}

/** Subnets of guests, whatever the port. */
export class AttachedSubnets {
  readonly #rows: RowStore;
  readonly #subnets: JournaledMap<string, AttachedSubnet>;

  constructor(rows: RowStore, journal: Journal) {
    this.#rows = rows;
    this.#subnets = new JournaledMap(journal);
  }

  all(): readonly AttachedSubnet[] {
    return [...this.#subnets.values()];
  }

  get(subnet: string): AttachedSubnet | undefined {
    return this.#subnets.get(subnet);
  }

  /** Nothing happens if exactly this is there. Throws a {@link Refusal} (exists) if another guest has the subnet. */
  set(attached: AttachedSubnet): void {
    const other = this.#subnets.get(attached.subnet);
    if (other !== undefined) {
      if (sameGuest(other.target, attached.target)) return;
      throw new Refusal("exists", `${attached.subnet} belongs to another guest`);
    }
    this.#rows.put(subnetRow(attached));
    this.#subnets.set(attached.subnet, attached);
  }

  /** Nothing happens if there is none. */
  remove(subnet: string): void {
    const attached = this.#subnets.get(subnet);
    if (attached === undefined) return;
    this.#rows.remove(subnetRow(attached));
    this.#subnets.delete(subnet);
  }

  removeAll(): void {
    for (const { subnet } of this.all()) this.remove(subnet);
  }
}

function natRow({ external, low, high, target }: NatEntry): Row {
  return {
    table: `ingress.nat.nat_v${familyOf(external)}`,
    key: [
      { kind: "exact", value: addressNumber(external) },
      { kind: "range", start: BigInt(low), end: BigInt(high) },
    ],
    priority: 1,
    action: "ingress.nat.forward_to_sled",
    data: guestData(target),
  };
}

function subnetRow({ subnet, target }: AttachedSubnet): Row {
  return {
    table: `ingress.attached.attached_subnet_v${familyOf(subnet)}`,
    key: [prefixKey(parsePrefix(subnet))],
    priority: -1,
    action: "ingress.attached.forward_to_sled",
    data: guestData(target),
  };
}

function guestData({ internalIp, vni, innerMac }: GuestTarget): Row["data"] {
  return [addressNumber(internalIp), BigInt(vni), macNumber(innerMac)];
}

function sameGuest(one: GuestTarget, other: GuestTarget): boolean {
  return one.internalIp === other.internalIp && one.vni === other.vni && one.innerMac === other.innerMac;
}
