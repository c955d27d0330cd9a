import type { JsonPattern, Plan, ReadyCondition } from "../topology/index.ts";
import { hostAddress, rackPrefix } from "./addressing.ts";
import { tfportOf } from "./configuration/ddmd-configuration.ts";
import { daemonPorts, dnsdAdminPort, optedSocket, sledAgentPort } from "./daemon-ports.ts";
import { type Fabric, type Neighbour, neighboursOf, type RackNode } from "./fabric.ts";

/** Milliseconds for a daemon to listen: one that has ended is started again meanwhile. */
const daemonDeadlineMs = 120_000;
/** Milliseconds for routes to come; some twenty times what an idle host needs under emulation. */
const convergenceDeadlineMs = 240_000;

/** Routes that dpd is asked for: more than the prefixes of any rack. */
const routesAsked = 1000;

/** That each daemon listens. */
export function daemonFacts({ prefix }: RackNode, daemons: readonly string[]): readonly ReadyCondition[] {
  const address = hostAddress(prefix);
  const known: Readonly<Record<string, { readonly address: string; readonly port: number } | undefined>> = {
    ...daemonPorts,
    "sled-agent": { address, port: sledAgentPort },
    dnsd: { address, port: dnsdAdminPort },
  };
  return daemons.flatMap((name): ReadyCondition[] => {
    if (name === "opted") return [{ type: "file", path: optedSocket, timeoutMs: daemonDeadlineMs }];
    const place = known[name];
    return place === undefined ? [] : [{ type: "tcp", ...place, timeoutMs: daemonDeadlineMs }];
  });
}

/** That a node has heard from each of its neighbours of everything which that neighbour has a way to. */
export function convergenceFacts(fabric: Fabric, owner: RackNode): readonly ReadyCondition[] {
  const expected = neighboursOf(fabric, owner).map((neighbour) => ({
    neighbour,
    prefixes: prefixesFrom(fabric, owner, neighbour),
  }));
  if (expected.length === 0) return [];
  const json: Record<string, JsonPattern> = {};
  for (const { neighbour, prefixes } of expected) {
    json[neighbour.peer.port.linkLocal] = prefixes.map((destination) => ({ destination }));
  }
  const words = expected.map(({ neighbour: { peer, port }, prefixes }) => {
    const count = `${prefixes.length} ${prefixes.length === 1 ? "prefix" : "prefixes"}`;
    return `${count} from ${peer.owner.node.name} (${peer.port.linkLocal} on ${port.name})`;
  });
  const fact = `ddmd to have ${words.join(", ")}`;
  return [
    { type: "http", ...daemonPorts.ddmd, path: "/prefixes", json, fact, timeoutMs: convergenceDeadlineMs },
    ...(owner.role === "switch" ? [routesFact(expected.flatMap(({ prefixes }) => prefixes))] : []),
  ];
}

/** That a switch forwards by what it has heard of: its data plane is programmed after that. */
function routesFact(prefixes: readonly string[]): ReadyCondition {
  const destinations = [...new Set(prefixes)].toSorted();
  return {
    ...{ type: "http", ...daemonPorts.dpd, path: `/route/ipv6?limit=${routesAsked}` },
    json: { items: destinations.map((cidr) => ({ cidr })) },
    fact: `dpd to have routes to ${destinations.join(", ")}`,
    timeoutMs: convergenceDeadlineMs,
  };
}

/** That the BGP sessions of a switch which the topology declares are there. */
export function boundaryFacts({ stack: { boundary } }: Plan, { node }: RackNode): readonly ReadyCondition[] {
  const own = boundary.uplinks.filter((uplink) => uplink.node === node.name);
  const peers = own.flatMap(({ port, peers: each }) => each.map(({ address }) => address ?? tfportOf(port)));
  if (peers.length === 0) return [];
  return [
    {
      ...{ type: "http", ...daemonPorts.mgd, path: "/bgp/status/neighbors" },
      json: peers.map((addr) => ({ addr, state: "established" })),
      fact: `mgd to have BGP sessions with ${peers.join(", ")}`,
      timeoutMs: convergenceDeadlineMs,
    },
  ];
}

/** That the instances which the topology declares run. */
export function instanceFacts({ stack }: Plan): readonly ReadyCondition[] {
  return stack.projects.flatMap(({ name: project, instances }) =>
    instances
      .filter(({ start }) => start)
      .map(({ name }): ReadyCondition => ({
        ...{ type: "http", ...daemonPorts.nexusd, path: `/v1/instances/${name}?project=${project}` },
        ...{ json: { run_state: "running" }, fact: `nexus to have the instance ${name} of ${project} running` },
        timeoutMs: convergenceDeadlineMs,
      })),
  );
}

/** What a neighbour tells a node of once the fabric has converged, at least. */
function prefixesFrom(fabric: Fabric, owner: RackNode, { peer: { owner: peer } }: Neighbour): readonly string[] {
  if (peer.role === "sled") return [peer.prefix];
  if (owner.role === "switch") return peer.rack === owner.rack ? [] : [rackPrefix(peer.rack)];
  const others = neighboursOf(fabric, peer).map(({ peer: end }) => end.owner);
  const sleds = others.filter(({ role, node }) => role === "sled" && node !== owner.node).map(({ prefix }) => prefix);
  const racks = others.filter(({ role, rack }) => role === "switch" && rack !== owner.rack);
  return [...new Set([...sleds, ...racks.map(({ rack }) => rackPrefix(rack))])].toSorted();
}
