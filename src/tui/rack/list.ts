import { fitLine, type Line, line, lineWidth, type Span, span } from "../line/line.ts";
import type { BedView } from "../model/bed.ts";
import type { Selection } from "../model/state.ts";
import type { Drawing, Spot } from "./drawing.ts";
import { groupsOfPlan } from "./graph.ts";
import { nodeSign, wireLabel } from "./signs.ts";

interface Row {
  readonly line: Line;
  readonly spots: readonly Spot[];
}

/** A topology that is too large to be drawn: a line a node, with its wires behind it, in racks. */
export function listRack(bed: BedView, selection: Selection | undefined, width: number, height: number): Drawing {
  const nameWidth = Math.max(0, ...bed.plan.nodes.map(({ name }) => name.length));
  const rows = groupsOfPlan(bed.plan).flatMap((group): readonly Row[] => [
    ...(group.name === "" ? [] : [{ line: line(span(group.name, "title")), spots: [] }]),
    ...group.rows.flatMap(({ members }) =>
      members.filter((name) => bed.nodes.has(name)).map((name) => nodeRow(bed, name, selection, { nameWidth, width })),
    ),
  ]);
  const at = rows.findIndex(({ spots }) =>
    spots.some((spot) => spot.selection.kind === selection?.kind && spot.selection.name === selection.name),
  );
  const first = Math.max(0, Math.min(rows.length - height, at - Math.floor(height / 2)));
  const shown = rows.slice(first, first + height);
  return {
    lines: shown.map((row) => row.line),
    spots: shown.flatMap(({ spots }, y) => spots.map((spot) => ({ ...spot, area: { ...spot.area, y } }))),
  };
}

function nodeRow(
  bed: BedView,
  name: string,
  selection: Selection | undefined,
  { nameWidth, width }: { readonly nameWidth: number; readonly width: number },
): Row {
  const state = bed.nodes.get(name)?.state ?? "unknown";
  const { sign, role } = nodeSign(state);
  const isNode = selection?.kind === "node" && selection.name === name;
  const spans: Span[] = [
    span(` ${sign} `, role),
    span(name.padEnd(nameWidth), isNode ? "selected" : "plain"),
    span("  "),
  ];
  const spots: Spot[] = [{ selection: { kind: "node", name }, area: { x: 0, y: 0, width: nameWidth + 3, height: 1 } }];
  for (const { port, wire } of portsOf(bed, name)) {
    const label = wireLabel(bed.wires.get(wire));
    const isWire = selection?.kind === "wire" && selection.name === wire;
    const x = lineWidth(spans);
    if (x + port.length + 8 > width) {
      spans.push(span("…", "muted"));
      break;
    }
    spans.push(span(port, isWire ? "selected" : "muted"), span(" "), span(label.text.padEnd(7), label.role), span(" "));
    // A wire has two ends; each of them selects it.
    spots.push({ selection: { kind: "wire", name: wire }, area: { x, y: 0, width: port.length + 7, height: 1 } });
  }
  return { line: fitLine(spans, width, false), spots };
}

function portsOf({ plan }: BedView, node: string): readonly { readonly port: string; readonly wire: string }[] {
  return [
    ...plan.wires.flatMap(({ name, a, b }) =>
      [a, b].flatMap((end) => (end.node === node ? [{ port: end.port, wire: name }] : [])),
    ),
    ...plan.segments.flatMap(({ legs }) =>
      legs.flatMap(({ name, port }) => (port.node === node ? [{ port: port.port, wire: name }] : [])),
    ),
  ];
}
