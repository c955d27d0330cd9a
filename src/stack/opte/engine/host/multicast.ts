import { IpAddress } from "../parse/address.ts";
import { OpteError } from "../port/opte-error.ts";
import { vnis } from "../vpc/configuration.ts";

/** Which sources a member wants: all but the listed ones, or the listed ones alone. */
export interface SourceFilter {
  readonly mode: "include" | "exclude";
  readonly sources: readonly IpAddress[];
}

export const anySource: SourceFilter = { mode: "exclude", sources: [] };

/** Whether the source in the words of `key` (a flow key) passes. */
export function passesFilter({ mode, sources }: SourceFilter, key: Int32Array, family: number): boolean {
  const isListed = sources.some((source) => source.family === family && source.isAt(key, 1));
  return mode === "include" ? isListed : !isListed;
}

/** `EXCLUDE() (any)`, `INCLUDE() (none)`, `INCLUDE(a, b)`. */
export function filterText({ mode, sources }: SourceFilter): string {
  const note = sources.length > 0 ? "" : mode === "exclude" ? " (any)" : " (none)";
  return `${mode.toUpperCase()}(${sources.map(({ text }) => text).join(", ")})${note}`;
}

/** Whom the switch sends copies of a group's packets to; its place is the value on the wire. */
export const replications = ["external", "underlay", "both"] as const;
export type Replication = (typeof replications)[number];

/** A switch that a group's packets are sent to. */
export interface NextHop {
  /** Unicast. */
  readonly address: IpAddress;
  readonly vni: number;
  readonly replication: Replication;
  readonly filter: SourceFilter;
}

/** Where packets of the underlay's groups go: forwarding to switches, and the ports of this sled that subscribed. */
export class MulticastTable {
  readonly #forwarding = new Map<string, { readonly group: IpAddress; readonly nextHops: readonly NextHop[] }>();
  readonly #members = new Map<string, { readonly group: IpAddress; readonly ports: Map<string, SourceFilter> }>();

  /** Add a next hop to a group's; one to the same address is replaced. Throws {@link OpteError}. */
  setForwarding(group: IpAddress, nextHop: NextHop): void {
    requireUnderlayGroup("set multicast forwarding", group);
    if (nextHop.vni !== vnis.multicast) {
      refuse(
        "set multicast forwarding",
        `multicast next hop VNI must be DEFAULT_MULTICAST_VNI (77), got: ${nextHop.vni}`,
      );
    }
    if (nextHop.address.family !== 6 || nextHop.address.isMulticast) {
      const { text } = nextHop.address;
      refuse("set multicast forwarding", `NextHopV6.addr must be unicast (switch address), got multicast: ${text}`);
    }
    checkFilter(nextHop.filter);
    const before = this.#forwarding.get(group.text)?.nextHops ?? [];
    const others = before.filter(({ address }) => !address.equals(nextHop.address));
    this.#forwarding.set(group.text, { group, nextHops: [...others, nextHop] });
  }

  clearForwarding(group: IpAddress): void {
    this.#forwarding.delete(group.text);
  }

  nextHops(group: IpAddress): readonly NextHop[] {
    return this.#forwarding.get(group.text)?.nextHops ?? [];
  }

  get forwarding(): readonly { readonly group: IpAddress; readonly nextHops: readonly NextHop[] }[] {
    return [...this.#forwarding.values()];
  }

  /** Have a port get a group's packets; once more replaces its filter. Throws {@link OpteError}. */
  subscribe(group: IpAddress, port: string, filter: SourceFilter): void {
    requireUnderlayGroup("subscribe", group);
    checkFilter(filter);
    const members = this.#members.get(group.text) ?? { group, ports: new Map<string, SourceFilter>() };
    members.ports.set(port, filter);
    this.#members.set(group.text, members);
  }

  /** What was not subscribed is no error. */
  unsubscribe(group: IpAddress, port: string): void {
    const members = this.#members.get(group.text);
    members?.ports.delete(port);
    if (members?.ports.size === 0) this.#members.delete(group.text);
  }

  unsubscribeAll(group: IpAddress): void {
    this.#members.delete(group.text);
  }

  /** A port is gone. */
  forgetPort(port: string): void {
    for (const { group } of [...this.#members.values()]) this.unsubscribe(group, port);
  }

  members(group: IpAddress): ReadonlyMap<string, SourceFilter> {
    return this.#members.get(group.text)?.ports ?? none;
  }

  get subscriptions(): readonly { readonly group: IpAddress; readonly ports: ReadonlyMap<string, SourceFilter> }[] {
    return [...this.#members.values()];
  }
}

const none: ReadonlyMap<string, SourceFilter> = new Map();

/** Throws {@link OpteError} unless the group is one of the underlay, ff04::/16. */
export function requireUnderlayGroup(step: string, group: IpAddress): void {
  if (isUnderlayGroup(group)) return;
  throw new OpteError("InvalidUnderlayMulticast", step, group.text, "a group in ff04::/16", group.text);
}

/** Whether a group is one of the underlay, ff04::/16. */
export function isUnderlayGroup(group: IpAddress): boolean {
  return group.family === 6 && (group.words[0] ?? 0) >>> 16 === 0xff04;
}

function checkFilter({ sources }: SourceFilter): void {
  for (const source of sources) {
    if (source.isMulticast) refuse("set source filter", `source filter address ${source.text} is multicast`);
    const isLoopback =
      source.family === 4 ? (source.words[0] ?? 0) >>> 24 === 127 : source.equals(IpAddress.parse("::1"));
    const isBroadcast = source.family === 4 && source.words[0] === -1;
    if (source.isUnspecified || isLoopback || isBroadcast) {
      refuse("set source filter", `source filter address ${source.text} is a special-use address`);
    }
  }
}

function refuse(step: string, found: string): never {
  throw new OpteError("InvalidUnderlayMulticast", step, "multicast", undefined, found);
}
