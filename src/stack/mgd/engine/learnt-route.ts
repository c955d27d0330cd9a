import type { Route } from "../../../netdev/routes.ts";

/** A way to a prefix outside of the rack: by an uplink, to a next hop. */
export interface OutsidePath {
  /** `qsfp0`. */
  readonly port: string;
  readonly link: number;
  readonly nextHop: string;
}

/** A prefix outside of the rack, with all ways that are to be used. */
export interface LearntRoute {
  readonly prefix: string;
  readonly paths: readonly OutsidePath[];
}

/** Of the kernel's routes those that FRR made (Linux include/uapi/linux/rtnetlink.h; FRR's numbers of its protocols). */
export const frrProtocols = { bgp: 186, static: 196 } as const;

/** What is known of an interface. */
export interface InterfaceView {
  readonly index: number;
  readonly name: string;
  readonly carrier: boolean;
}

/** The port and link that an interface of tfportd stands for; undefined for another interface. */
export function linkOfInterface(name: string): { readonly port: string; readonly link: number } | undefined {
  const [, port, link] = /^tfport(qsfp\d+)_(\d+)$/.exec(name) ?? [];
  return port === undefined ? undefined : { port, link: Number(link) };
}

/** The interface that tfportd makes for a link. */
export function interfaceOfLink(port: string, link: number): string {
  return `tfport${port}_${link}`;
}

/**
 * The ways out of the rack that the kernel's routes are: those of FRR, by uplinks that have a carrier. Of several routes to a
 * prefix those with the lowest metric are used. A route without a next hop is to the uplink's own network, and none.
 */
export function learntRoutes(routes: readonly Route[], interfaces: readonly InterfaceView[]): readonly LearntRoute[] {
  const uplinks = new Map(
    interfaces.flatMap(({ index, name, carrier }) => {
      const link = linkOfInterface(name);
      return link === undefined || !carrier ? [] : [[index, link] as const];
    }),
  );
  const found = new Map<string, { metric: number; paths: Map<string, OutsidePath> }>();
  for (const { destination, protocol, type, metric, hops } of routes) {
    if (type !== "unicast" || (protocol !== frrProtocols.bgp && protocol !== frrProtocols.static)) continue;
    for (const { gateway, index } of hops) {
      const link = index === undefined ? undefined : uplinks.get(index);
      if (gateway === undefined || link === undefined) continue;
      const before = found.get(destination);
      if (before !== undefined && before.metric < metric) continue;
      const own = before?.metric === metric ? before : { metric, paths: new Map<string, OutsidePath>() };
      own.paths.set(`${link.port}/${link.link} ${gateway}`, { ...link, nextHop: gateway });
      found.set(destination, own);
    }
  }
  return [...found]
    .map(([prefix, { paths }]) => ({ prefix, paths: byKey(paths) }))
    .toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1));
}

function byKey<Value>(map: ReadonlyMap<string, Value>): readonly Value[] {
  return [...map].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
}
