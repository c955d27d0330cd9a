import { nameHint } from "../document/index.ts";
import { canonicalAddress, contains, formatPrefix, isLinkLocal, networkOf, parsePrefix } from "./addresses.ts";
import type { FaultLog } from "./fault-log.ts";
import type { FlatNode } from "./flat-topology.ts";
import type { BgpPeerPlan, BoundaryPlan, UplinkPlan } from "./plan.ts";
import type { TopologyDeclaration } from "./schema.ts";

type Declared = NonNullable<TopologyDeclaration["stack"]>;
type DeclaredUplink = NonNullable<Declared["uplinks"]>[string];

const defaultHoldSeconds = 30;

/** Resolve what leads out of the racks; ports that are not there, and addresses that do not go together, are reported. */
export function resolveBoundary(
  { pools, bgp, uplinks }: Declared,
  nodes: ReadonlyMap<string, FlatNode>,
  log: FaultLog,
): BoundaryPlan {
  const resolved = byName(uplinks ?? {}).map(([reference, uplink]) => resolveUplink(reference, uplink, nodes, log));
  const unrouted = resolved.find(({ peers }) => peers.length > 0);
  if (bgp === undefined && unrouted !== undefined) {
    const path = ["uplinks", `${unrouted.node}:${unrouted.port}`, "peers"];
    log.report(
      [["stack"]],
      path,
      "there are BGP peers, and no BGP router",
      "say which AS the rack is: bgp: { asn: 64500 }",
    );
  }
  return {
    pools: byName(pools ?? {}).map(([name, texts]) => {
      const prefixes = texts.map((text, at) => poolPrefix(text, ["pools", name, at], log));
      if (new Set(prefixes.map((prefix) => prefix.includes(":"))).size > 1) {
        log.report([["stack"]], ["pools", name], "a pool has addresses of one family", "make two pools of it");
      }
      return { name, prefixes };
    }),
    bgp: bgp === undefined ? null : { asn: Number(bgp.asn), paths: Number(bgp.paths ?? 1) },
    uplinks: resolved,
  };
}

/** Entries in the order of their names: a plan does not follow from the order of keys. */
function byName<Value>(entries: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(entries).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

function poolPrefix(text: string, path: readonly (string | number)[], log: FaultLog): string {
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    log.report([["stack"]], path, `expected a prefix, found ${text}`);
    return text;
  }
  const network = formatPrefix(networkOf(prefix));
  if (network !== formatPrefix(prefix)) {
    log.report([["stack"]], path, `expected a prefix without host bits, found ${text}`, `did you mean ${network}?`);
  }
  return network;
}

function resolveUplink(
  reference: string,
  { addresses = [], peers = [], routes = [] }: DeclaredUplink,
  nodes: ReadonlyMap<string, FlatNode>,
  log: FaultLog,
): UplinkPlan {
  const [name = "", port = ""] = reference.split(":");
  const path = ["uplinks", reference];
  const node = nodes.get(name);
  const ports = [...(node?.ports.keys() ?? [])];
  if (node === undefined) {
    log.report([["stack"]], path, `there is no node ${JSON.stringify(name)}`, nameHint(name, nodes.keys()), "key");
  } else if (node.body.kind !== "switch") {
    log.report([["stack"]], path, `${name} is no switch`, undefined, "key");
  } else if (!ports.includes(port)) {
    log.report([["stack"]], path, `${name} has no port ${JSON.stringify(port)}`, nameHint(port, ports), "key");
  } else if (!port.startsWith("qsfp")) {
    log.report([["stack"]], path, `${port} leads to a sled: uplinks are qsfp0 to qsfp31`, undefined, "key");
  }
  const own = addresses.map((text) => parsePrefix(text)).filter((prefix) => prefix !== undefined);
  /** Whether the next hop or peer is on the uplink's link. */
  const requireOnLink = (address: string, at: readonly (string | number)[]): void => {
    if (isLinkLocal(address) || own.some((prefix) => contains(prefix, address))) return;
    log.report([["stack"]], [...path, ...at], `${address} is in no network of the uplink's addresses`);
  };
  return {
    node: name,
    port,
    addresses: own.map(formatPrefix),
    peers: peers.map(({ address, asn, holdTime, bfd }, at): BgpPeerPlan => {
      const canonical = address === undefined ? null : (canonicalAddress(address) ?? address);
      const place = ["peers", at, "address"] as const;
      if (canonical !== null && isLinkLocal(canonical)) {
        const hint = "leave the address out: the neighbour on the link is found";
        log.report([["stack"]], [...path, ...place], `${canonical} says nothing beyond its link`, hint);
      } else if (canonical !== null) requireOnLink(canonical, place);
      return {
        address: canonical,
        asn: asn === undefined ? null : Number(asn),
        holdSeconds: Number(holdTime ?? defaultHoldSeconds),
        bfd: bfd ?? false,
      };
    }),
    routes: routes.map(({ to, via }, at) => {
      const nextHop = canonicalAddress(via) ?? via;
      requireOnLink(nextHop, ["routes", at, "via"]);
      const prefix = parsePrefix(to);
      const all = nextHop.includes(":") ? "::/0" : "0.0.0.0/0";
      return { to: prefix === undefined ? all : formatPrefix(networkOf(prefix)), via: nextHop };
    }),
  };
}
