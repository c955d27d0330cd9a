import {
  nicClasses,
  type NodePlan,
  type Plan,
  planTopology,
  type PortPlan,
  type TopologyDeclaration,
} from "../../topology/index.ts";
import { type Fabric, sledsOf } from "../fabric.ts";

/** The image of machines that instances are; its network is configured by systemd-networkd. */
const image = "instance";
/** In that image: starts what configures the network, once the machine is an instance. */
export const networkService = {
  name: "network",
  command: ["/usr/sbin/instance-network"],
  restart: "always",
  parked: false,
} as const;
/** The program that gives instances machines. */
const provider = "rack/machines/provider-main";
/** The NIC of a machine. */
const machinePort = "net0";

/** Names of the machines that instances of kind `vm` get. Each sled has a port of the same name for each of them. */
export function machineNames({ stack: { projects, machines } }: Plan): readonly string[] {
  const declared = projects.flatMap(({ instances }) => instances.filter(({ kind }) => kind === "vm")).length;
  return Array.from({ length: declared + machines }, (_, at) => `machine${String(at)}`);
}

/** The port of a machine that is plugged into a sled, `NODE:PORT`. */
export function portOfMachine(machine: string): string {
  return `${machine}:${machinePort}`;
}

/**
 * Add to a plan the machines of its instances, a port for each of them at every sled, and of each the wire that the provider
 * plugs from sled to sled. It begins at the first sled.
 */
export function withMachines(plan: Plan, fabric: Fabric): Plan {
  const machines = machineNames(plan);
  const sleds = sledsOf(fabric);
  const [first] = sleds;
  if (machines.length === 0 || first === undefined) return plan;
  const spare = { mtu: 1500 };
  const declaration: TopologyDeclaration = {
    name: plan.name,
    seed: plan.seed,
    nodes: {
      ...Object.fromEntries(machines.map((machine) => [machine, { image, ports: { [machinePort]: spare } }])),
      ...Object.fromEntries(
        sleds.map(({ node }) => [node.name, { ports: Object.fromEntries(machines.map((name) => [name, spare])) }]),
      ),
    },
    wires: machines.map((machine) => ({
      name: machine,
      ends: [portOfMachine(machine), `${first.node.name}:${machine}`],
    })),
  };
  const planned = planTopology(declaration);
  const added = new Map(planned.nodes.map((node) => [node.name, node]));
  return {
    ...plan,
    nodes: [
      ...plan.nodes.map((node) => (added.has(node.name) ? withPorts(node, added.get(node.name)?.ports ?? []) : node)),
      ...machines.flatMap((machine) => {
        const node = added.get(machine);
        return node === undefined ? [] : [node];
      }),
    ],
    wires: [...plan.wires, ...planned.wires],
    companions: [provider],
  };
}

function withPorts(node: NodePlan, spare: readonly PortPlan[]): NodePlan {
  const ports = [...node.ports, ...spare].map((port, slot) => ({ ...port, slot }));
  const fitting = nicClasses.find((size) => size >= ports.length);
  const quiet = spare.flatMap(({ name }) => [
    [`net.ipv6.conf.${name}.disable_ipv6`, "1"],
    [`net.ipv4.conf.${name}.arp_ignore`, "8"],
  ]);
  return {
    ...node,
    ports,
    machine: fitting === undefined ? "q35" : "microvm",
    nicClass: fitting ?? ports.length,
    sysctls: { ...node.sysctls, ...(Object.fromEntries(quiet) as Record<string, string>) },
  };
}
