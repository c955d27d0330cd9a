import { type LinkStatistics, linkStatistics } from "../../../netdev/link-statistics.ts";
import { portStats } from "../engine/vpc/port-views.ts";
import type { VpcPort } from "../engine/vpc/vpc-port.ts";
import type { Forwarder } from "./forwarder.ts";
import { snatUses } from "./near-limits.ts";

type Counters = Record<string, number>;

/** Counters by their full name: those of an object within get its key before theirs, `in.uft_hit` is `in_uft_hit`. */
function flat(counted: object, prefix = ""): Counters {
  return Object.fromEntries(
    Object.entries(counted).flatMap(([name, value]: [string, unknown]) => {
      if (typeof value === "number") return [[`${prefix}${name}`, value]];
      if (value !== null && typeof value === "object") return Object.entries(flat(value, `${prefix}${name}_`));
      return [];
    }),
  );
}

/** What is counted at a port, by the names of the reference's kstats (specification, section 4.3). */
export function portCountersOf(
  forwarder: Forwarder,
  port: VpcPort,
): { readonly port: Counters; readonly layers: Record<string, Counters>; readonly routeCache: Counters } {
  const { layers, ...own } = portStats(port);
  return {
    port: { ...flat(own), ...snatGauges(port), guest_send_drops: forwarder.guests.status(port.name).sendDrops },
    layers: Object.fromEntries(layers.map(({ name, ...counted }) => [name, flat(counted)])),
    routeCache: { ...forwarder.routeCache(port.name)?.stats },
  };
}

/** What is counted for the sled as a whole: the engine's, and what is lost on the way to the underlay and to guests. */
export function sledCountersOf({ opte, underlay, guests }: Forwarder): Counters {
  return {
    ...flat(opte.stats),
    ...flat(underlay.stats, "underlay_"),
    underlay_send_drops: underlay.links.reduce((sum, { socket }) => sum + socket.sendDrops, 0),
    guest_undelivered: guests.undelivered,
    agent_queue: opte.agentQueue.length,
  };
}

/** Ports of its blocks that a guest uses, by family and protocol, and how many there are for each. */
function snatGauges(port: VpcPort): Counters {
  return Object.fromEntries(
    snatUses(port).flatMap(({ family, protocol, used, limit }) => [
      [`snat_ipv${family}_${protocol}_ports`, limit],
      [`snat_ipv${family}_${protocol}_used`, used],
    ]),
  );
}

/** What the kernel counts at an interface of the sled. */
export interface CountedLink extends LinkStatistics {
  readonly link: string;
  /** Whose guest is behind it; null for the underlay's. */
  readonly port: string | null;
}

/** The interfaces of the underlay, and those that guests are behind; what is not there is not told. */
export async function countedLinks(forwarder: Forwarder, ports: readonly string[]): Promise<CountedLink[]> {
  const underlay = new Set(forwarder.underlay.links.map(({ name }) => name));
  const wanted = [
    ...[...underlay].map((link) => ({ link, port: null })),
    ...ports.map((port) => ({ link: forwarder.guests.status(port).interface, port })),
  ];
  const found = await Promise.all(wanted.map(async (one) => ({ ...one, counted: await linkStatistics(one.link) })));
  return found.flatMap(({ link, port, counted }) => (counted === undefined ? [] : [{ link, port, ...counted }]));
}
