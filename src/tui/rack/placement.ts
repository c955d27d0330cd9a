import type { Rectangle, Stroke } from "../canvas/canvas.ts";
import type { Plan } from "../model/public-api.ts";
import { packLanes } from "./lanes.ts";
import { groupsOfPlan, linksOfPlan, type RackGroup, type RackLink } from "./graph.ts";

/** The way of a wire on the drawing, and where its rate is written. */
export interface PlacedWire {
  readonly name: string;
  /** Lines that join: all wires which come out of one node downwards. */
  readonly net: string;
  readonly strokes: readonly Stroke[];
  readonly label: { readonly x: number; readonly y: number };
  /** Where it meets the edges of its boxes: from below, or from above. */
  readonly joints: readonly { readonly x: number; readonly y: number; readonly below: boolean }[];
}

/** Where everything of a topology is drawn. */
export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly boxes: ReadonlyMap<string, Rectangle>;
  readonly frames: readonly { readonly name: string; readonly area: Rectangle }[];
  readonly wires: readonly PlacedWire[];
}

/** Columns that a wire takes at the top of a box: the line and its rate. */
const slotColumns = 7;
const boxRows = 3;

/** How much room there is around things. */
export type Spacing = "roomy" | "tight";

const spacings = {
  roomy: { gapColumns: 6, padding: 10 },
  tight: { gapColumns: 2, padding: 6 },
} as const satisfies Readonly<Record<Spacing, object>>;

const placements = { roomy: new WeakMap<Plan, Placement>(), tight: new WeakMap<Plan, Placement>() };

/** Where everything of a topology is drawn: racks side by side, switches above sleds. The same for the same plan. */
export function placementOf(plan: Plan, spacing: Spacing): Placement {
  const known = placements[spacing].get(plan);
  if (known !== undefined) return known;
  const made = place(groupsOfPlan(plan), linksOfPlan(plan), spacing);
  placements[spacing].set(plan, made);
  return made;
}

interface Column {
  readonly x: number;
  readonly width: number;
}

function place(groups: readonly RackGroup[], links: readonly RackLink[], spacing: Spacing): Placement {
  const { gapColumns, padding } = spacings[spacing];
  const rowWidth = (widths: readonly number[]): number =>
    widths.reduce((sum, width) => sum + width + gapColumns, -gapColumns);
  const columns = new Map<string, Column>();
  const rowOf = new Map<string, number>();
  const frameColumns: { name: string; x: number; width: number; rows: readonly number[] }[] = [];
  let x = 0;
  for (const { name, rows } of groups) {
    const inset = name === "" ? 0 : 2;
    const widths = rows.map(({ members }) => members.map((member) => boxWidth(member, rows, links, padding)));
    const wide = Math.max(name.length + 4, ...widths.map(rowWidth));
    for (const [index, { rank, members }] of rows.entries()) {
      const own = widths[index] ?? [];
      let at = x + inset + Math.floor((wide - rowWidth(own)) / 2);
      for (const [position, member] of members.entries()) {
        const width = own[position] ?? 0;
        columns.set(member, { x: at, width });
        rowOf.set(member, rank);
        at += width + gapColumns;
      }
    }
    if (name !== "") frameColumns.push({ name, x, width: wide + 2 * inset, rows: rows.map(({ rank }) => rank) });
    x += wide + 2 * inset + 2;
  }
  return route({ columns, rowOf, frameColumns, links, width: Math.max(0, x - 2) });
}

function boxWidth(member: string, rows: RackGroup["rows"], links: readonly RackLink[], padding: number): number {
  const rank = rows.find(({ members }) => members.includes(member))?.rank ?? 0;
  const above = links.filter(
    ({ a, b, ranks: [rankA, rankB] }) => (a === member && rankA >= rankB) || (b === member && rankB >= rankA),
  );
  return Math.max(member.length + padding, above.length * slotColumns + 2, rank === 0 ? 8 : 0);
}

interface Routing {
  readonly columns: ReadonlyMap<string, Column>;
  readonly rowOf: ReadonlyMap<string, number>;
  readonly frameColumns: readonly { name: string; x: number; width: number; rows: readonly number[] }[];
  readonly links: readonly RackLink[];
  readonly width: number;
}

/** A wire with the columns where it leaves the boxes: at the top of the lower one, below the middle of the upper one. */
interface Routed {
  readonly link: RackLink;
  readonly net: string;
  /** The gap above this rank is where it runs across. */
  readonly gap: number;
  readonly upper: number;
  readonly lower: number;
  readonly level: boolean;
}

function route({ columns, rowOf, frameColumns, links, width }: Routing): Placement {
  const routed = routeLinks(columns, links);
  const ranks = [...new Set(rowOf.values())].toSorted((a, b) => a - b);
  const lanes = new Map(ranks.map((rank) => [rank, packLanes(routed.filter(({ gap }) => gap === rank))] as const));
  const top = new Map<number, number>();
  let y = 0;
  for (const [index, rank] of ranks.entries()) {
    const { count = 0 } = lanes.get(rank) ?? {};
    // Lanes, then a row where the rates are written; above the first row there is room for the frames' upper edge.
    y += count + (count > 0 ? 1 : 0) + (index === 0 && frameColumns.length > 0 ? 1 : 0);
    top.set(rank, y);
    y += boxRows;
  }
  const height = y + (frameColumns.length > 0 ? 1 : 0);
  const boxes = new Map(
    [...columns].map(([name, column]) => [name, { ...column, y: top.get(rowOf.get(name) ?? 0) ?? 0, height: boxRows }]),
  );
  const firstTop = top.get(ranks[0] ?? 0) ?? 0;
  const frames = frameColumns.map(({ name, x, width: wide }) => ({
    name,
    area: { x, y: firstTop - 1, width: wide, height: height - firstTop + 1 },
  }));
  const wires = routed.map((each) =>
    placeWire(each, boxes, lanes.get(each.gap)?.laneOf.get(each.net) ?? 0, {
      firstLane:
        (top.get(each.gap) ?? 0) -
        (lanes.get(each.gap)?.count ?? 0) -
        1 -
        (each.gap === ranks[0] && frames.length > 0 ? 1 : 0),
    }),
  );
  return { width, height, boxes, frames, wires };
}

function routeLinks(columns: ReadonlyMap<string, Column>, links: readonly RackLink[]): readonly Routed[] {
  const used = new Map<string, number>();
  const centre = (name: string): number => {
    const column = columns.get(name);
    return column === undefined ? 0 : column.x + Math.floor(column.width / 2);
  };
  const slot = (name: string): number => {
    const at = used.get(name) ?? 0;
    used.set(name, at + 1);
    return (columns.get(name)?.x ?? 0) + 2 + at * slotColumns;
  };
  // The wires at the top of a box stand in the order of where they go to, so that fewer cross.
  const inOrder = links.toSorted((one, other) => centre(one.a) + centre(one.b) - centre(other.a) - centre(other.b));
  return inOrder.map((link) => {
    const { a, b, name, ranks } = link;
    if (ranks[0] === ranks[1])
      return { link, net: `wire ${name}`, gap: ranks[0], upper: slot(a), lower: slot(b), level: true };
    const [upper, lower, gap] = ranks[0] < ranks[1] ? [a, b, ranks[1]] : [b, a, ranks[0]];
    return { link, net: `node ${upper} ${gap}`, gap, upper: centre(upper), lower: slot(lower), level: false };
  });
}

function placeWire(
  { link: { name, a, b, ranks }, net, upper, lower, level }: Routed,
  boxes: ReadonlyMap<string, Rectangle>,
  lane: number,
  { firstLane }: { readonly firstLane: number },
): PlacedWire {
  const y = firstLane + lane;
  const [above, below] = ranks[0] <= ranks[1] ? [boxes.get(a), boxes.get(b)] : [boxes.get(b), boxes.get(a)];
  // Lines begin and end in the edges of the boxes, which are drawn over them.
  const upperEdge = above === undefined ? 0 : level ? above.y : above.y + above.height - 1;
  const lowerEdge = below?.y ?? 0;
  const strokes: Stroke[] = [
    { from: [upper, y], to: [lower, y] },
    { from: [upper, Math.min(y, upperEdge)], to: [upper, Math.max(y, upperEdge)] },
    { from: [lower, y], to: [lower, lowerEdge] },
  ];
  const label = level ? { x: Math.min(upper, lower) + 2, y } : { x: lower + 1, y: lowerEdge - 1 };
  const joints = [
    { x: upper, y: upperEdge, below: !level },
    { x: lower, y: lowerEdge, below: false },
  ];
  return { name, net, strokes, label, joints };
}
