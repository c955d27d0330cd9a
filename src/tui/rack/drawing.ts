import { Canvas, type Rectangle } from "../canvas/canvas.ts";
import type { Line } from "../line/line.ts";
import type { BedView } from "../model/bed.ts";
import type { Selection } from "../model/state.ts";
import { instanceRow, instancesOn } from "./instances.ts";
import { listRack } from "./list.ts";
import { placementOf } from "./placement.ts";
import { lineRole, nodeSign, wireLabel } from "./signs.ts";

/** A place on the drawing that stands for something. */
export interface Spot {
  readonly selection: Selection;
  readonly area: Rectangle;
}

/** A topology as it looks now, and where its parts are. */
export interface Drawing {
  readonly lines: readonly Line[];
  /** In the order in which a click looks for them: what lies on top comes first. */
  readonly spots: readonly Spot[];
}

/** Draw a testbed into so much room: as racks with boxes and wires where they fit, else a line a node. */
export function drawRack(bed: BedView, selection: Selection | undefined, width: number, height: number): Drawing {
  const placement = (["roomy", "tight"] as const)
    .map((spacing) => placementOf(bed.plan, spacing))
    .find((each) => each.width <= width && each.height <= height);
  if (placement === undefined) return listRack(bed, selection, width, height);
  const canvas = new Canvas(width, height);
  const [left, top] = [Math.floor((width - placement.width) / 2), Math.floor((height - placement.height) / 3)];
  const shifted = ({ x, y, ...size }: Rectangle): Rectangle => ({ x: x + left, y: y + top, ...size });
  const isSelected = (kind: Selection["kind"], name: string): boolean =>
    selection?.kind === kind && selection.name === name;
  for (const { name, area } of placement.frames) {
    canvas.frame(shifted(area), { role: "muted" });
    canvas.write(area.x + left + 2, area.y + top, ` ${name} `, "title");
  }
  // What is selected is drawn last, over the others.
  const wires = placement.wires.toSorted(
    (one, other) => Number(isSelected("wire", one.name)) - Number(isSelected("wire", other.name)),
  );
  for (const level of [0, 1, 2]) {
    for (const { name, net, strokes } of wires) {
      const stroke = strokes[level];
      if (stroke === undefined) continue;
      const selected = isSelected("wire", name);
      const [from, to] = [stroke.from, stroke.to].map(([x, y]) => [x + left, y + top] as const);
      if (from !== undefined && to !== undefined)
        canvas.draw({ from, to }, { role: selected ? "accent" : lineRole(bed.wires.get(name)), heavy: selected, net });
    }
  }
  const spots: Spot[] = [];
  for (const [name, box] of placement.boxes) {
    const area = shifted(box);
    drawBox(canvas, bed, name, area, isSelected("node", name));
    if (bed.nodes.has(name)) spots.push({ selection: { kind: "node", name }, area });
  }
  for (const { name, label, joints } of placement.wires) {
    for (const joint of joints) canvas.joint(joint.x + left, joint.y + top, joint.below);
    const { text, role } = wireLabel(bed.wires.get(name));
    const [x, y] = [label.x + left, label.y + top];
    canvas.write(x, y, text, isSelected("wire", name) ? "selected" : role);
    spots.push({ selection: { kind: "wire", name }, area: { x: x - 1, y, width: text.length + 1, height: 1 } });
  }
  return { lines: canvas.lines(), spots };
}

function drawBox(canvas: Canvas, bed: BedView, name: string, area: Rectangle, selected: boolean): void {
  const node = bed.nodes.get(name);
  const { sign, role } = node === undefined ? { sign: "", role: "muted" as const } : nodeSign(node.state);
  canvas.frame(area, {
    role: selected ? "accent" : role === "good" ? "plain" : role,
    heavy: selected,
    net: `box ${name}`,
  });
  const instances = instanceRow(instancesOn(bed, name), area.width - 2);
  if (instances !== "") canvas.write(area.x + 1, area.y + area.height - 1, instances, "good");
  const text = node === undefined ? name : `${sign} ${name}`;
  const x = area.x + Math.max(1, Math.floor((area.width - text.length) / 2));
  if (node !== undefined) canvas.write(x, area.y + 1, sign, role);
  canvas.write(
    node === undefined ? x : x + 2,
    area.y + 1,
    name,
    selected ? "selected" : node === undefined ? "muted" : "plain",
  );
}

/** What lies next in a direction, the nearest one that is more ahead than aside. */
export function neighbourOf(
  spots: readonly Spot[],
  selection: Selection | undefined,
  x: number,
  y: number,
): Selection | undefined {
  const here = spots.find((each) => each.selection.kind === selection?.kind && each.selection.name === selection.name);
  if (here === undefined) return spots[0]?.selection;
  const [fromX, fromY] = centre(here.area);
  let best: { readonly selection: Selection; readonly cost: number } | undefined;
  for (const { selection: there, area } of spots) {
    const [toX, toY] = centre(area);
    // A character is about twice as high as it is wide.
    const [dx, dy] = [toX - fromX, (toY - fromY) * 2];
    const ahead = dx * x + dy * y;
    const aside = Math.abs(dx * y) + Math.abs(dy * x);
    if (ahead <= 0 || aside > ahead * 2.5) continue;
    const cost = ahead + aside * 2;
    if (best === undefined || cost < best.cost) best = { selection: there, cost };
  }
  return best?.selection;
}

function centre({ x, y, width, height }: Rectangle): readonly [number, number] {
  return [x + width / 2, y + height / 2];
}
