import { describeImpairments } from "./impairments.ts";
import { formatPort, planMemoryMiB, type Attachment, type NodePlan, type Plan } from "./plan.ts";
import { textTable } from "../text/columns.ts";
import { formatMebibytes } from "./units.ts";

/** A plan for people: tables of nodes, ports, routes, wires and segments. Plain text without trailing newline. */
export function renderPlan(plan: Plan): string {
  const stageOf = new Map(plan.stages.flatMap((names, index) => names.map((name) => [name, index + 1] as const)));
  const routes = plan.nodes.flatMap((node) => node.routes.map((route) => [node.name, route.to, route.via, route.port]));
  const wires = plan.wires.map((wire) => [
    wire.name,
    wire.direct ? "direct" : describeImpairments(wire.aToB) || "clean",
    wire.direct ? "direct" : describeImpairments(wire.bToA) || "clean",
  ]);
  const legs = plan.segments.flatMap((segment) => [
    ...segment.legs.map((leg) => [segment.name, formatPort(leg.port), describeImpairments(leg.toSegment) || "clean"]),
    ...(segment.vde === null
      ? []
      : [[segment.name, segment.vde.type === "own" ? "VDE switch of its own" : `VDE switch ${segment.vde.path}`]]),
  ]);
  const sections = [
    heading(plan),
    textTable(
      ["NODE", "KIND", "MACHINE", "BOOTS", "MEMORY", "CPUS", "DATA", "STAGE"],
      plan.nodes.map((node) => nodeRow(node, stageOf.get(node.name) ?? 0)),
    ),
    textTable(
      ["PORT", "MAC", "MTU", "ADDRESSES", "PLUGGED INTO"],
      plan.nodes.flatMap((node) =>
        node.ports.map((port) => [
          `${node.name}:${port.name}`,
          port.mac,
          String(port.mtu),
          port.addresses.join(" ") || "link-local only",
          describeAttachment(port.attachment),
        ]),
      ),
    ),
    ...(routes.length === 0 ? [] : [textTable(["NODE", "ROUTE TO", "VIA", "PORT"], routes)]),
    ...(wires.length === 0 ? [] : [textTable(["WIRE", "A TO B", "B TO A"], wires)]),
    ...(legs.length === 0 ? [] : [textTable(["SEGMENT", "PORT", "EACH DIRECTION"], legs)]),
  ];
  return sections.join("\n\n");
}

function heading(plan: Plan): string {
  const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
  const parts = [
    counted(plan.nodes.length, "node"),
    counted(plan.wires.length, "wire"),
    ...(plan.segments.length === 0 ? [] : [counted(plan.segments.length, "segment")]),
    `${formatMebibytes(planMemoryMiB(plan))} of memory`,
    `seed ${plan.seed}`,
  ];
  return `${plan.name}: ${parts.join(", ")}`;
}

function nodeRow(node: NodePlan, stage: number): string[] {
  return [
    node.name,
    node.kind,
    `${node.machine} (${node.nicClass} NICs)`,
    node.image ?? node.disk?.path ?? "",
    formatMebibytes(node.memoryMiB),
    String(node.cpus),
    node.dataDiskMiB === null ? "-" : formatMebibytes(node.dataDiskMiB),
    String(stage),
  ];
}

function describeAttachment(attachment: Attachment): string {
  switch (attachment.type) {
    case "wire":
      return attachment.wire;
    case "segment":
      return `segment ${attachment.segment}`;
    case "user":
      return attachment.restricted ? "user network (restricted)" : "user network";
    case "none":
      return "nothing";
  }
}
