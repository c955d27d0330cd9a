import type { NodePlan, Plan, PortPlan } from "../topology/index.ts";
import { sledPrefix, switchPrefix } from "./addressing.ts";

/** A sled or a switch of a rack. */
export interface RackNode {
  readonly node: NodePlan;
  readonly role: "sled" | "switch";
  /** Index of its rack. */
  readonly rack: number;
  /** Its index among the sleds, or the switches, of the rack. */
  readonly index: number;
  /** Its own /64: of the sled, or of the switch's tunnel endpoint. */
  readonly prefix: string;
}

/** Nodes that are one rack: those of one instance of a blueprint, or those of none. */
export interface Rack {
  readonly index: number;
  /** Name of the instance; that of the topology where there is none. */
  readonly name: string;
  readonly sleds: readonly RackNode[];
  readonly switches: readonly RackNode[];
}

/** One end of a link: a port of a sled or switch. */
export interface FabricEnd {
  readonly owner: RackNode;
  readonly port: PortPlan;
}

/** A wire between two sleds or switches. */
export interface FabricLink {
  readonly wire: string;
  readonly ends: readonly [FabricEnd, FabricEnd];
}

/** The racks of a topology and the wires between their nodes. */
export interface Fabric {
  readonly racks: readonly Rack[];
  readonly links: readonly FabricLink[];
}

/** The other end of a link of a node, seen from it. */
export interface Neighbour {
  /** The node's own port. */
  readonly port: PortPlan;
  readonly wire: string;
  readonly peer: FabricEnd;
}

/** The fabric that a plan describes; without racks when it has no sleds and switches. */
export function fabricOf(plan: Plan): Fabric {
  const racks = racksOf(plan);
  const owners = new Map(nodesOf({ racks }).map((each) => [each.node.name, each]));
  const links = plan.wires.flatMap((wire): FabricLink[] => {
    const a = endOf(wire.a, owners);
    const b = endOf(wire.b, owners);
    return a === undefined || b === undefined ? [] : [{ wire: wire.name, ends: [a, b] }];
  });
  return { racks, links };
}

/** All sleds and switches, rack by rack. */
export function nodesOf({ racks }: Pick<Fabric, "racks">): readonly RackNode[] {
  return racks.flatMap(({ sleds, switches }) => [...sleds, ...switches]);
}

/** All sleds, rack by rack. */
export function sledsOf({ racks }: Pick<Fabric, "racks">): readonly RackNode[] {
  return racks.flatMap(({ sleds }) => sleds);
}

/** What is at the other ends of a node's wires, in the order of its ports. */
export function neighboursOf({ links }: Fabric, { node }: RackNode): readonly Neighbour[] {
  return node.ports.flatMap((port) =>
    links.flatMap(({ wire, ends: [a, b] }): Neighbour[] => {
      const isHere = ({ owner, port: its }: FabricEnd): boolean => owner.node === node && its === port;
      if (isHere(a)) return [{ port, wire, peer: b }];
      return isHere(b) ? [{ port, wire, peer: a }] : [];
    }),
  );
}

/** The ports of a switch that lead out of the rack: front ports without another rack's switch at the other end. */
export function uplinkPorts(fabric: Fabric, owner: RackNode): readonly string[] {
  if (owner.role !== "switch") return [];
  const cabled = new Set(neighboursOf(fabric, owner).map(({ port }) => port.name));
  return owner.node.ports.map(({ name }) => name).filter((name) => name.startsWith("qsfp") && !cabled.has(name));
}

/** Whether a node is a switch with a way out of the rack. */
export function hasUplinks(fabric: Fabric, owner: RackNode): boolean {
  return uplinkPorts(fabric, owner).length > 0;
}

function racksOf(plan: Plan): readonly Rack[] {
  const members = new Map<string, NodePlan[]>();
  for (const node of plan.nodes) {
    if (roleOf(node) === undefined) continue;
    const name = rackName(plan, node);
    members.set(name, [...(members.get(name) ?? []), node]);
  }
  return [...members].map(([name, nodes], rack) => {
    const ofRole = (role: RackNode["role"]): readonly RackNode[] =>
      nodes
        .filter((node) => roleOf(node) === role)
        .map((node, index) => ({
          node,
          role,
          rack,
          index,
          prefix: role === "sled" ? sledPrefix(rack, index) : switchPrefix(rack, index),
        }));
    return { index: rack, name, sleds: ofRole("sled"), switches: ofRole("switch") };
  });
}

function roleOf({ kind }: NodePlan): RackNode["role"] | undefined {
  return kind === "sled" || kind === "switch" ? kind : undefined;
}

/** The smallest instance around a node that has a switch in it, or the whole topology. */
function rackName(plan: Plan, node: NodePlan): string {
  const switches = plan.nodes.filter(({ kind }) => kind === "switch").map(({ name }) => name);
  const groups = new Map(plan.groups.map((group) => [group.name, group]));
  let group = plan.groups.find(({ nodes }) => nodes.includes(node.name));
  while (group !== undefined) {
    const { name } = group;
    if (switches.some((each) => each.startsWith(`${name}-`))) return name;
    group = group.parent === null ? undefined : groups.get(group.parent);
  }
  return plan.name;
}

function endOf(
  { node, port }: { readonly node: string; readonly port: string },
  owners: ReadonlyMap<string, RackNode>,
): FabricEnd | undefined {
  const owner = owners.get(node);
  const found = owner?.node.ports.find(({ name }) => name === port);
  return owner === undefined || found === undefined ? undefined : { owner, port: found };
}
