import { join } from "node:path";
import {
  type Accelerator,
  type DirectBoot,
  type MachineSpec,
  type NicSpec,
  slotMac,
  type TemplateFacts,
  type UserNetworkSpec,
} from "../machine/index.ts";
import type { NodePlan, Plan, PortPlan, WirePlan } from "../topology/index.ts";
import { type PanelConfiguration, portSocketPath } from "../wire/index.ts";
import { runFiles } from "./run-directory.ts";

/** What binds a plan to this host. */
export interface LaunchFacts {
  readonly testbed: string;
  readonly accelerator: Accelerator;
  readonly qemuDigest: string;
  readonly stackDigest: string;
  readonly imageDigest: string;
  readonly boot: DirectBoot;
}

/** Path of a file of a node, relative to the run directory: QEMU is started there. */
export function nodeFile(node: string, file: string): string {
  return join(runFiles.nodes, node, file);
}

/** Name of the port on the panel that stands for the outside at the far end of an uplink. */
function uplinkPort(port: string): string {
  return `${port}+user`;
}

/** Name of the wire of an uplink. */
export function uplinkWire(node: string, port: string): string {
  return `${node}:${port}--user`;
}

/** The template that a node of our own kinds is a clone of. */
export function templateFacts(node: NodePlan, facts: LaunchFacts): TemplateFacts {
  return {
    imageDigest: facts.imageDigest,
    stackDigest: facts.stackDigest,
    qemuDigest: facts.qemuDigest,
    accelerator: facts.accelerator,
    memoryMiB: node.memoryMiB,
    cpus: node.cpus,
    nicCount: node.nicClass,
    dataDiskMiB: node.dataDiskMiB,
  };
}

/** The machine of a node of our own kinds; its paths are relative to the run directory. */
export function machineSpec(
  plan: Plan,
  node: NodePlan,
  facts: Pick<LaunchFacts, "testbed" | "accelerator">,
  boot: MachineSpec["boot"],
): MachineSpec {
  return {
    name: `${facts.testbed}/${node.name}`,
    machine: node.machine,
    accelerator: facts.accelerator,
    memoryMiB: node.memoryMiB,
    cpus: node.cpus,
    boot,
    dataDisk: node.dataDiskMiB === null ? null : nodeFile(node.name, "data.raw"),
    nics: Array.from({ length: node.nicClass }, (_, slot) => nicSpec(plan, node, slot)),
    userNetworks: node.ports.flatMap((port) => userNetwork(node, port)),
  };
}

function nicSpec(plan: Plan, node: NodePlan, slot: number): NicSpec {
  const port = node.ports.find((candidate) => candidate.slot === slot);
  // A foreign guest has no agent that would set its MACs, so the device carries them from the start.
  const mac = port !== undefined && node.disk !== null ? port.mac : slotMac(slot);
  if (port === undefined) return { mac, backend: { type: "none" } };
  const wire = directWire(plan, node, port);
  if (wire === undefined) return { mac, backend: { type: "panel", socket: portSocketPath(node.name, port.name) } };
  const [near, far] = wire.a.node === node.name && wire.a.port === port.name ? [wire.a, wire.b] : [wire.b, wire.a];
  return {
    mac,
    backend: {
      type: "direct",
      localSocket: portSocketPath(near.node, near.port),
      remoteSocket: portSocketPath(far.node, far.port),
    },
  };
}

function directWire(plan: Plan, node: NodePlan, { attachment }: PortPlan): WirePlan | undefined {
  if (attachment.type !== "wire") return undefined;
  const wire = plan.wires.find(({ name }) => name === attachment.wire);
  return wire?.direct === true ? wire : undefined;
}

function userNetwork(node: NodePlan, port: PortPlan): readonly UserNetworkSpec[] {
  if (port.attachment.type !== "user") return [];
  return [{ socket: portSocketPath(node.name, uplinkPort(port.name)), restricted: port.attachment.restricted }];
}

/** What the panel has to carry for a plan: every port but those of `direct` wires, every wire, segment and uplink. */
export function panelConfiguration(plan: Plan): PanelConfiguration {
  const reference = ({ node, port }: { readonly node: string; readonly port: string }): { port: string } => ({
    port: `${node}:${port}`,
  });
  const uplinks = plan.nodes.flatMap((node) =>
    node.ports
      .filter(({ attachment }) => attachment.type === "user")
      .map((port) => ({ node: node.name, port: port.name })),
  );
  return {
    ports: [
      ...plan.nodes.flatMap((node) =>
        node.ports
          .filter((port) => directWire(plan, node, port) === undefined)
          .map((port) => ({ node: node.name, port: port.name })),
      ),
      ...uplinks.map(({ node, port }) => ({ node, port: uplinkPort(port) })),
    ],
    segments: plan.segments.map(({ name, vde }) => ({
      name,
      ...(vde === null ? {} : { vde: vde.type === "own" ? (true as const) : { controlDirectory: vde.path } }),
    })),
    wires: [
      ...plan.wires
        .filter(({ direct }) => !direct)
        .map(({ name, a, b, aToB, bToA }) => ({ name, ends: [reference(a), reference(b)] as const, aToB, bToA })),
      ...plan.segments.flatMap((segment) =>
        segment.legs.map(({ name, port, toSegment, fromSegment }) => ({
          name,
          ends: [reference(port), { segment: segment.name }] as const,
          aToB: toSegment,
          bToA: fromSegment,
        })),
      ),
      ...uplinks.map(({ node, port }) => ({
        name: uplinkWire(node, port),
        ends: [{ port: `${node}:${port}` }, { port: `${node}:${uplinkPort(port)}` }] as const,
      })),
    ],
  };
}

/** Name of the wire that a port is plugged into, or null. */
export function wireOfPort(plan: Plan, node: string, { name, attachment }: PortPlan): string | null {
  switch (attachment.type) {
    case "wire":
      return attachment.wire;
    case "segment":
      return (
        plan.segments.flatMap(({ legs }) => legs).find(({ port }) => port.node === node && port.port === name)?.name ??
        null
      );
    case "user":
      return uplinkWire(node, name);
    case "none":
      return null;
  }
}
