import { describeImpairments } from "./impairments.ts";
import type { Attachment, NodePlan, Plan, PortReference, WirePlan } from "./plan.ts";

/** A plan as Mermaid flowchart text: nodes with their addresses, wires labelled by their ports, instances as subgraphs. */
export function graphMermaid(plan: Plan): string {
  const ids = new Map(plan.nodes.map((node, index) => [node.name, `n${index}`]));
  const id = ({ node }: PortReference): string => ids.get(node) ?? "";
  const lines = ["flowchart LR"];
  const declare = (node: NodePlan, indent: string): void => {
    const addresses = node.ports.flatMap((port) =>
      port.addresses.length === 0 ? [] : [`${port.name} ${port.addresses.join(" ")}`],
    );
    const label = [`<b>${node.name}</b> (${node.kind})`, ...addresses].join("<br/>");
    lines.push(`${indent}${ids.get(node.name) ?? ""}["${label}"]`);
  };
  eachGroup(plan, {
    node: (node, depth) => {
      declare(node, "  ".repeat(depth + 1));
    },
    open: (name, blueprint, depth) =>
      lines.push(`${"  ".repeat(depth + 1)}subgraph ${mermaidId(name)}["${name} (${blueprint})"]`),
    close: (depth) => lines.push(`${"  ".repeat(depth + 1)}end`),
  });
  for (const wire of plan.wires) {
    const label = [`${wire.a.port} – ${wire.b.port}`, ...wireNotes(wire)].join("<br/>");
    lines.push(`  ${id(wire.a)} ${wire.direct ? "-.-" : "---"}|"${label}"| ${id(wire.b)}`);
  }
  plan.segments.forEach((segment, index) => {
    lines.push(`  s${index}(["${segment.name}${segment.vde === null ? "" : " (VDE)"}"])`);
    for (const leg of segment.legs) lines.push(`  ${id(leg.port)} ---|"${leg.port.port}"| s${index}`);
  });
  if (uplinks(plan).length > 0) lines.push('  user(["user network"])');
  for (const { node, port } of uplinks(plan)) lines.push(`  ${ids.get(node) ?? ""} ---|"${port}"| user`);
  return `${lines.join("\n")}\n`;
}

/** A plan as text in Graphviz's DOT language, drawn by {@link graphSvg}. */
export function graphDot(plan: Plan): string {
  const lines = [
    `graph ${quoted(plan.name)} {`,
    '  graph [rankdir=LR, nodesep=0.5, ranksep=1.4, pad=0.3, fontname="Helvetica,Arial,sans-serif", fontsize=12, bgcolor="#ffffff"];',
    '  node [shape=plain, fontname="Helvetica,Arial,sans-serif", fontsize=11];',
    '  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9, color="#5b6770", fontcolor="#5b6770", penwidth=1.4];',
  ];
  eachGroup(plan, {
    node: (node, depth) => lines.push(`${"  ".repeat(depth + 1)}${quoted(node.name)} [label=<${nodeTable(node)}>];`),
    open: (name, blueprint, depth) => {
      const indent = "  ".repeat(depth + 1);
      lines.push(`${indent}subgraph ${quoted(`cluster_${name}`)} {`);
      lines.push(
        `${indent}  label=${quoted(`${name} (${blueprint})`)}; style="rounded,filled"; fillcolor="#f5f7f9"; color="#b8c2cc";`,
      );
    },
    close: (depth) => lines.push(`${"  ".repeat(depth + 1)}}`),
  });
  const end = ({ node, port }: PortReference): string => `${quoted(node)}:${quoted(port)}`;
  for (const wire of plan.wires) {
    const notes = wireNotes(wire).join("\\n");
    const style = wire.direct ? ", style=dashed" : "";
    lines.push(`  ${end(wire.a)} -- ${end(wire.b)} [label=${quoted(notes)}, tooltip=${quoted(wire.name)}${style}];`);
  }
  const bus = 'shape=box, style="rounded,filled", fillcolor="#e8eef4", color="#8fa3b5"';
  for (const segment of plan.segments) {
    const label = segment.vde === null ? segment.name : `${segment.name} (VDE)`;
    lines.push(`  ${quoted(`segment:${segment.name}`)} [label=${quoted(label)}, ${bus}];`);
    for (const leg of segment.legs) {
      const notes = describeImpairments(leg.toSegment);
      lines.push(`  ${end(leg.port)} -- ${quoted(`segment:${segment.name}`)} [label=${quoted(notes)}];`);
    }
  }
  if (uplinks(plan).length > 0) lines.push(`  "user network" [${bus}];`);
  for (const port of uplinks(plan)) lines.push(`  ${end(port)} -- "user network";`);
  return `${lines.join("\n")}\n}\n`;
}

/** A plan as an SVG document. */
export async function graphSvg(plan: Plan): Promise<string> {
  // Graphviz is a megabyte of WebAssembly, which only drawing needs.
  const { instance } = await import("@viz-js/viz");
  return (await instance()).renderString(graphDot(plan), { format: "svg", engine: "dot" });
}

interface GroupVisitor {
  node(node: NodePlan, depth: number): void;
  open(name: string, blueprint: string, depth: number): void;
  close(depth: number): void;
}

function eachGroup(plan: Plan, visitor: GroupVisitor): void {
  const byName = new Map(plan.nodes.map((node) => [node.name, node]));
  const grouped = new Set(plan.groups.flatMap((group) => group.nodes));
  for (const node of plan.nodes) if (!grouped.has(node.name)) visitor.node(node, 0);
  const visit = (parent: string | null, depth: number): void => {
    for (const group of plan.groups.filter((one) => one.parent === parent)) {
      visitor.open(group.name, group.blueprint, depth);
      for (const name of group.nodes) {
        const node = byName.get(name);
        if (node !== undefined) visitor.node(node, depth + 1);
      }
      visit(group.name, depth + 1);
      visitor.close(depth);
    }
  };
  visit(null, 0);
}

const kindColours: Readonly<Record<string, string>> = { router: "#2f6f8f", vm: "#7a5c99" };

function nodeTable(node: NodePlan): string {
  const colour = kindColours[node.kind] ?? "#3d7a4e";
  const title = `<TR><TD BGCOLOR="${colour}"><FONT COLOR="#ffffff"><B> ${escaped(node.name)} </B></FONT><BR/><FONT COLOR="#ffffff" POINT-SIZE="9"> ${escaped(node.kind)} </FONT></TD></TR>`;
  const rows = node.ports.map((port) => {
    const addresses = port.addresses.map(
      (address) => `<BR ALIGN="LEFT"/><FONT POINT-SIZE="9" COLOR="#5b6770">${escaped(address)}</FONT>`,
    );
    const label = `${escaped(port.name)}${addresses.join("")}<BR ALIGN="LEFT"/>`;
    return `<TR><TD PORT="${escaped(port.name)}" ALIGN="LEFT" BALIGN="LEFT">${label}</TD></TR>`;
  });
  return `<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="7" COLOR="#b8c2cc" BGCOLOR="#ffffff">${title}${rows.join("")}</TABLE>`;
}

function wireNotes(wire: WirePlan): string[] {
  const [there, back] = [describeImpairments(wire.aToB), describeImpairments(wire.bToA)];
  if (there === back) return there === "" ? [] : [there];
  return [...(there === "" ? [] : [`→ ${there}`]), ...(back === "" ? [] : [`← ${back}`])];
}

function uplinks(plan: Plan): PortReference[] {
  const isUplink = (attachment: Attachment): boolean => attachment.type === "user";
  return plan.nodes.flatMap((node) =>
    node.ports.filter((port) => isUplink(port.attachment)).map((port) => ({ node: node.name, port: port.name })),
  );
}

function mermaidId(name: string): string {
  return `g_${name.replaceAll("-", "_")}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
