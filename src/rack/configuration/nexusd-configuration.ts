import type { z } from "zod";
import type { nexusConfigurationSchema } from "../../stack/nexus/configuration.ts";
import { hostAddress } from "../addressing.ts";
import { daemonPorts, dnsdAdminPort, sledAgentPort } from "../daemon-ports.ts";
import { type Fabric, neighboursOf, type RackNode } from "../fabric.ts";
import { nameServersOf } from "../name-servers.ts";
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
  const slot = (["switch0", "switch1"] as const)[owner.index];
  if (slot === undefined) return [];
  const { node, prefix } = owner;
  const cabled = new Set(neighboursOf(fabric, owner).map(({ port }) => port.name));
  const uplinks = node.ports.map(({ name }) => name).filter((name) => name.startsWith("qsfp") && !cabled.has(name));
  return [{ name: node.name, slot, tunnel_endpoint: hostAddress(prefix), uplink_ports: uplinks }];
}

/** Nexus is on the first sled of the first rack. */
export function runsNexus({ role, rack, index }: RackNode): boolean {
  return role === "sled" && rack === 0 && index === 0;
}
