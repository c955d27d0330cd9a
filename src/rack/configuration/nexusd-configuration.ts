import type { z } from "zod";
import type { nexusConfigurationSchema } from "../../stack/nexus/configuration.ts";
import { hostAddress } from "../addressing.ts";
import { daemonPorts, dnsdAdminPort, mgdAgentPort, sledAgentPort } from "../daemon-ports.ts";
import { type Fabric, nodesOf, type RackNode, uplinkPorts } from "../fabric.ts";
import { nameServersOf } from "../name-servers.ts";
import type { Plan } from "../../topology/index.ts";
import type { DaemonPlace } from "./daemon-setup.ts";

/** For agents whose machines are emulated and busy: a request that is given up costs them another. */
const agentTimeoutMs = 15_000;

type Configuration = z.input<typeof nexusConfigurationSchema>;

/**
 * Configuration of nexus: all racks with their sleds and switches. Its API is at the loopback of its sled: who asks it from
 * outside comes through `kestrel forward`. The database is on the sled's data disk.
 */
export function nexusdConfiguration({ plan, fabric }: DaemonPlace): Configuration {
  const { address: host, port } = daemonPorts.nexusd;
  return {
    listen: { host, port },
    database: "/data/nexus/nexus.db",
    seed: String(plan.seed),
    agent_timeout_ms: agentTimeoutMs,
    projects: plan.stack.projects.map(({ instances, vpcs, ...project }) => ({
      ...project,
      vpcs: [...vpcs],
      instances: instances.map(({ cpus, memoryMiB, ...instance }) => ({
        ...{ ...instance, ncpus: cpus, memory: memoryMiB * 1024 * 1024 },
      })),
    })),
    boundary: boundaryOf(plan, fabric),
    name_servers: nameServersOf(fabric).map(({ name, address, owner }) => ({
      ...{ name, address, agent: { host: hostAddress(owner.prefix), port: dnsdAdminPort } },
    })),
    racks: fabric.racks.map(({ name, sleds, switches }) => ({
      name,
      sleds: sleds.map(({ node, prefix }) => {
        const underlay = hostAddress(prefix);
        return { name: node.name, underlay, agent: { host: underlay, port: sledAgentPort } };
      }),
      switches: switches.flatMap((owner) => switchOf(fabric, owner)),
    })),
  };
}

/** Of a rack nexus knows two switches. */
function switchOf(fabric: Fabric, owner: RackNode): Configuration["racks"][number]["switches"] {
  const slot = slotOf(owner);
  if (slot === undefined) return [];
  const { node, prefix } = owner;
  const endpoint = hostAddress(prefix);
  const uplinks = [...uplinkPorts(fabric, owner)];
  const agent = uplinks.length === 0 ? {} : { agent: { host: endpoint, port: mgdAgentPort } };
  return [{ name: node.name, slot, tunnel_endpoint: endpoint, ...agent, uplink_ports: uplinks }];
}

function slotOf({ index }: RackNode): "switch0" | "switch1" | undefined {
  return (["switch0", "switch1"] as const)[index];
}

/** What the topology says of ways out of the racks; of switches that nexus does not know there is nothing. */
function boundaryOf({ stack: { boundary } }: Plan, fabric: Fabric): Configuration["boundary"] {
  const { pools, bgp, uplinks } = boundary;
  const switches = new Map(nodesOf(fabric).map((owner) => [owner.node.name, owner]));
  return {
    pools: pools.map(({ name, prefixes }) => ({ name, prefixes: [...prefixes] })),
    ...(bgp === null ? {} : { bgp: { asn: bgp.asn, max_paths: bgp.paths } }),
    uplinks: uplinks.flatMap(({ node, port, addresses, peers, routes }) => {
      const owner = switches.get(node);
      const slot = owner === undefined ? undefined : slotOf(owner);
      const rack = fabric.racks.find(({ index }) => index === owner?.rack)?.name;
      if (slot === undefined || rack === undefined) return [];
      return [
        {
          ...{ rack, slot, port, addresses: [...addresses], routes: [...routes] },
          peers: peers.map(({ address, asn, holdSeconds: hold_time, bfd }) => ({
            ...(address === null ? {} : { address }),
            ...(asn === null ? {} : { asn }),
            ...{ hold_time, bfd },
          })),
        },
      ];
    }),
  };
}

/** Nexus is on the first sled of the first rack. */
export function runsNexus({ role, rack, index }: RackNode): boolean {
  return role === "sled" && rack === 0 && index === 0;
}
