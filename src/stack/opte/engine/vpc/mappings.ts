import type { IpAddress, IpPrefix, MacAddress } from "../parse/address.ts";
import type { Mapping } from "./mapping.ts";

/** Where an address of a VPC lives: the guest's MAC address and its sled. */
export interface GuestMapping extends Mapping {
  readonly ip: IpAddress;
  readonly mac: MacAddress;
  readonly underlay: IpAddress;
  readonly vni: number;
}

/** A map by IP address that is asked with the words of a flow key: no text is made. */
class AddressMap<Value extends { readonly ip: IpAddress }> {
  readonly #chains = new Map<number, Value[]>();

  get(key: Int32Array, at: number, family: number): Value | undefined {
    const chain = this.#chains.get(hashAt(key, at, family));
    if (chain === undefined) return undefined;
    for (const value of chain) if (value.ip.family === family && value.ip.isAt(key, at)) return value;
    return undefined;
  }

  /** Put in a value; returns the one whose place it took. */
  set(value: Value): Value | undefined {
    const before = this.delete(value.ip);
    const hash = hashAt(value.ip.words, 0, value.ip.family);
    const chain = this.#chains.get(hash);
    if (chain === undefined) this.#chains.set(hash, [value]);
    else chain.push(value);
    return before;
  }

  delete(ip: IpAddress): Value | undefined {
    const hash = hashAt(ip.words, 0, ip.family);
    const chain = this.#chains.get(hash) ?? [];
    const at = chain.findIndex((value) => value.ip.equals(ip));
    if (at < 0) return undefined;
    const [before] = chain.splice(at, 1);
    if (chain.length === 0) this.#chains.delete(hash);
    return before;
  }

  *values(): Generator<Value> {
    for (const chain of this.#chains.values()) yield* chain;
  }
}

function hashAt(key: Int32Array, at: number, family: number): number {
  let hash = Math.imul(key[at] ?? 0, 0x9e3779b1);
  if (family === 6) for (let i = 1; i < 4; i++) hash = Math.imul(hash ^ (key[at + i] ?? 0), 0x85ebca6b);
  return hash ^ (hash >>> 15);
}

/** Virtual to physical: which sled each address of each VPC lives on. */
export class VirtualToPhysical {
  readonly #networks = new Map<number, AddressMap<GuestMapping>>();
  /** VPCs that each VPC may reach besides itself. */
  readonly #peers = new Map<number, Set<number>>();

  set(vni: number, ip: IpAddress, mac: MacAddress, underlay: IpAddress): void {
    let network = this.#networks.get(vni);
    if (network === undefined) this.#networks.set(vni, (network = new AddressMap()));
    const known = network.get(ip.words, 0, ip.family);
    // The same once more leaves what is cached valid.
    if (known?.mac.equals(mac) === true && known.underlay.equals(underlay)) return;
    retire(network.set({ ip, mac, underlay, vni, isStale: false }));
  }

  /** False if there was none. */
  delete(vni: number, ip: IpAddress): boolean {
    const before = this.#networks.get(vni)?.delete(ip);
    retire(before);
    return before !== undefined;
  }

  /** Let two VPCs reach each other, or no longer. */
  setPeering(first: number, second: number, isPeered: boolean): void {
    for (const [from, to] of [
      [first, second],
      [second, first],
    ] as const) {
      const peers = this.#peers.get(from) ?? new Set();
      if (isPeered) peers.add(to);
      else peers.delete(to);
      this.#peers.set(from, peers);
    }
  }

  isPeer(vni: number, other: number): boolean {
    return this.#peers.get(vni)?.has(other) === true;
  }

  /** Pairs of peered VPCs, each once, the smaller first. */
  get peerings(): readonly (readonly [number, number])[] {
    return [...this.#peers].flatMap(([from, to]) =>
      [...to].filter((other) => from < other).map((other) => [from, other] as const),
    );
  }

  /** The address in the words of `key` from `at` on, in the VPC itself or one of its peers. */
  lookup(vni: number, key: Int32Array, at: number, family: number): GuestMapping | undefined {
    const own = this.#networks.get(vni)?.get(key, at, family);
    const peers = this.#peers.get(vni);
    if (own !== undefined || peers === undefined) return own;
    for (const peer of peers) {
      const found = this.#networks.get(peer)?.get(key, at, family);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** As {@link lookup}, and then in any VPC. */
  lookupAnywhere(vni: number, key: Int32Array, at: number, family: number): GuestMapping | undefined {
    const near = this.lookup(vni, key, at, family);
    if (near !== undefined) return near;
    for (const network of this.#networks.values()) {
      const found = network.get(key, at, family);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** All mappings of one VPC, and the VPCs there are. */
  entries(vni: number): readonly GuestMapping[] {
    return [...(this.#networks.get(vni)?.values() ?? [])];
  }

  get vnis(): readonly number[] {
    return [...this.#networks.keys()].toSorted((a, b) => a - b);
  }
}

/** Where a prefix outside of the rack is reached: tunnel endpoints, sorted. */
export interface BoundaryMapping {
  readonly prefix: IpPrefix;
  readonly endpoints: readonly IpAddress[];
}

/** Virtual to boundary: which tunnel endpoints lead to a prefix; the longest prefix decides. */
export class VirtualToBoundary {
  #entries: BoundaryMapping[] = [];
  #state: Mapping = { isStale: false };

  /** What cached ways depend on: a new prefix may be longer than the one that was used. */
  get mapping(): Mapping {
    return this.#state;
  }

  set(prefix: IpPrefix, endpoints: readonly IpAddress[]): void {
    this.#remove(prefix, endpoints);
    const before = this.#entries.find((entry) => entry.prefix.text === prefix.text)?.endpoints ?? [];
    const all = [...before, ...endpoints].filter(
      (endpoint, i, list) => list.findIndex((each) => each.equals(endpoint)) === i,
    );
    this.#entries = this.#entries.filter((entry) => entry.prefix.text !== prefix.text);
    this.#entries.push({ prefix, endpoints: all.toSorted(byAddress) });
    this.#entries.sort((a, b) => b.prefix.length - a.prefix.length);
    this.#changed();
  }

  /** Take endpoints away from a prefix; with none left it is gone. */
  delete(prefix: IpPrefix, endpoints: readonly IpAddress[]): void {
    this.#remove(prefix, endpoints);
    this.#changed();
  }

  #remove(prefix: IpPrefix, endpoints: readonly IpAddress[]): void {
    this.#entries = this.#entries.flatMap((entry) => {
      if (entry.prefix.text !== prefix.text) return [entry];
      const left = entry.endpoints.filter((known) => !endpoints.some((endpoint) => endpoint.equals(known)));
      return left.length === 0 ? [] : [{ prefix: entry.prefix, endpoints: left }];
    });
  }

  #changed(): void {
    this.#state.isStale = true;
    this.#state = { isStale: false };
  }

  /** The endpoints for the address in the words of `key` from `at` on. */
  lookup(key: Int32Array, at: number, family: number): readonly IpAddress[] | undefined {
    for (const { prefix, endpoints } of this.#entries) {
      if (prefix.family === family && prefix.containsAt(key, at)) return endpoints;
    }
    return undefined;
  }

  get entries(): readonly BoundaryMapping[] {
    return this.#entries;
  }
}

/** The underlay's group for a group of the overlay. */
export interface GroupMapping extends Mapping {
  readonly ip: IpAddress;
  readonly underlay: IpAddress;
}

/** Multicast to physical. */
export class MulticastToPhysical {
  readonly #groups = new AddressMap<GroupMapping>();

  set(group: IpAddress, underlay: IpAddress): void {
    retire(this.#groups.set({ ip: group, underlay, isStale: false }));
  }

  delete(group: IpAddress): boolean {
    const before = this.#groups.delete(group);
    retire(before);
    return before !== undefined;
  }

  lookup(key: Int32Array, at: number, family: number): GroupMapping | undefined {
    return this.#groups.get(key, at, family);
  }

  get entries(): readonly GroupMapping[] {
    return [...this.#groups.values()];
  }
}

function retire(mapping: Mapping | undefined): void {
  if (mapping !== undefined) mapping.isStale = true;
}

function byAddress(a: IpAddress, b: IpAddress): number {
  for (let i = 0; i < 4; i++) {
    const difference = ((a.words[i] ?? 0) >>> 0) - ((b.words[i] ?? 0) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
