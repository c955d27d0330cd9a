import type { Sled } from "./sled.ts";
import type { SledState } from "./sled-state.ts";
import { canonical, stateOf } from "./state-of.ts";

/** Make the tables that all ports share be as wanted, and say each change. Throws OpteError. */
export function reconcileMappings(sled: Sled, wanted: SledState, did: (change: string) => void): void {
  const before = stateOf(sled);
  // Addresses of ports here live here, whatever else was said of them.
  const own = sled.records.flatMap(({ port: { identity, families } }) =>
    families.map(({ privateIp }) => ({
      ...{ vni: identity.vni, ip: privateIp.text, mac: identity.guestMac.text, underlay: identity.underlayIp.text },
    })),
  );
  const table = <Item>(
    name: string,
    now: readonly Item[],
    target: readonly Item[],
    keyOf: (item: Item) => string,
    set: (item: Item) => void,
    clear: (item: Item) => void,
  ): void => {
    const present = new Map(now.map((item) => [keyOf(item), item]));
    const want = new Map(target.map((item) => [keyOf(item), item]));
    for (const [key, item] of present) {
      if (want.has(key)) continue;
      clear(item);
      did(`${name} ${key} cleared`);
    }
    for (const [key, item] of want) {
      const known = present.get(key);
      if (known !== undefined && canonical(known).toLowerCase() === canonical(item).toLowerCase()) continue;
      set(item);
      did(`${name} ${key} set`);
    }
  };
  const v2pKey = ({ vni, ip }: SledState["v2p"][number]): string => `${vni} ${ip}`;
  table(
    "V2P",
    before.v2p,
    [...wanted.v2p, ...own],
    v2pKey,
    ({ vni, ip, mac, underlay }) => {
      sled.setV2p(vni, ip, mac, underlay);
    },
    ({ vni, ip }) => {
      sled.clearV2p(vni, ip);
    },
  );
  const endpoints = ({ v2b }: SledState): { prefix: string; endpoint: string }[] =>
    v2b.flatMap(({ prefix, endpoints: all }) => all.map((endpoint) => ({ prefix, endpoint })));
  table(
    "V2B",
    endpoints(before),
    endpoints(wanted),
    ({ prefix, endpoint }) => `${prefix} ${endpoint}`,
    ({ prefix, endpoint }) => {
      sled.setV2b(prefix, [endpoint]);
    },
    ({ prefix, endpoint }) => {
      sled.clearV2b(prefix, [endpoint]);
    },
  );
  table(
    "M2P",
    before.m2p,
    wanted.m2p,
    ({ group }) => group,
    ({ group, underlay }) => {
      sled.setM2p(group, underlay);
    },
    ({ group }) => {
      sled.clearM2p(group);
    },
  );
  reconcileGroups(sled, before, wanted, did);
  table(
    "peering",
    before.peerings,
    wanted.peerings.map((pair) => pair.toSorted((a, b) => a - b) as [number, number]),
    (pair) => pair.join(" "),
    ([first, second]) => {
      sled.opte.setPeering(first, second, true);
    },
    ([first, second]) => {
      sled.opte.setPeering(first, second, false);
    },
  );
}

/** Forwarding has no way to take one next hop away: a group that loses one is told anew. */
function reconcileGroups(sled: Sled, before: SledState, wanted: SledState, did: (change: string) => void): void {
  const groups = new Set([...before.forwarding, ...wanted.forwarding].map(({ underlay }) => underlay));
  for (const group of groups) {
    const of = ({ forwarding }: SledState): SledState["forwarding"] =>
      forwarding.filter(({ underlay }) => underlay === group);
    if (canonical(of(before).toSorted(byNextHop)) === canonical(of(wanted).toSorted(byNextHop))) continue;
    sled.clearForwarding(group);
    for (const { underlay, nextHop, vni, replication, filter } of of(wanted)) {
      sled.setForwarding(underlay, { vni, replication }, nextHop, filter);
    }
    did(`multicast forwarding ${group} set`);
  }
  const keyOf = ({ group, port }: SledState["subscriptions"][number]): string => `${group} ${port}`;
  const want = new Map(wanted.subscriptions.map((each) => [keyOf(each), each]));
  const present = new Map(before.subscriptions.map((each) => [keyOf(each), each]));
  for (const [key, { group, port }] of present) {
    if (want.has(key)) continue;
    sled.unsubscribe(port, group);
    did(`subscription ${key} ended`);
  }
  for (const [key, each] of want) {
    if (canonical(present.get(key)) === canonical(each)) continue;
    sled.subscribe(each.port, each.group, each.filter);
    did(`subscription ${key} set`);
  }
}

function byNextHop(a: { readonly nextHop: string }, b: { readonly nextHop: string }): number {
  return a.nextHop < b.nextHop ? -1 : 1;
}
