import type { Plan } from "../model/public-api.ts";

/** One rack, or the nodes that are in none (its name is then empty): rows of nodes and segments, the topmost first. */
export interface RackGroup {
  readonly name: string;
  readonly rows: readonly { readonly rank: number; readonly members: readonly string[] }[];
}

/** A wire between two members. */
export interface RackLink {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly ranks: readonly [number, number];
}

/** Name that a segment has among the members. */
function segmentMember(segment: string): string {
  return `═ ${segment}`;
}

/** Routers, which lead out of racks, above switches, above segments, above everything that has its place at the end of a wire. */
const ranks: Readonly<Record<string, number>> = { router: 0, switch: 1 };
const segmentRank = 2;
const endRank = 3;

/** The outermost groups of a plan with all their members, and what is in no group. */
export function groupsOfPlan(plan: Plan): readonly RackGroup[] {
  const outermost = new Map<string, string>();
  const groupOf = (name: string): string => {
    const group = plan.groups.find((each) => each.name === name);
    return group?.parent === null || group === undefined ? name : groupOf(group.parent);
  };
  for (const group of plan.groups) for (const node of group.nodes) outermost.set(node, groupOf(group.name));
  const members = [
    ...plan.nodes.map(({ name, kind }) => ({ name, rank: ranks[kind] ?? endRank, group: outermost.get(name) ?? "" })),
    ...plan.segments.map((segment) => {
      const groups = new Set(segment.legs.map(({ port }) => outermost.get(port.node) ?? ""));
      const [group = ""] = groups;
      return { name: segmentMember(segment.name), rank: segmentRank, group: groups.size === 1 ? group : "" };
    }),
  ];
  const names = [...new Set(members.map(({ group }) => group))].toSorted((a, b) => Number(a === "") - Number(b === ""));
  return names.map((name) => {
    const own = members.filter(({ group }) => group === name);
    const present = [...new Set(own.map(({ rank }) => rank))].toSorted((a, b) => a - b);
    return {
      name,
      rows: present.map((rank) => ({
        rank,
        members: own.filter((each) => each.rank === rank).map((each) => each.name),
      })),
    };
  });
}

/** The wires of a plan and the legs of its segments. */
export function linksOfPlan(plan: Plan): readonly RackLink[] {
  const rankOf = new Map(plan.nodes.map(({ name, kind }) => [name, ranks[kind] ?? endRank]));
  const rank = (node: string): number => rankOf.get(node) ?? endRank;
  return [
    ...plan.wires.map(({ name, a, b }) => ({
      name,
      a: a.node,
      b: b.node,
      ranks: [rank(a.node), rank(b.node)] as const,
    })),
    ...plan.segments.flatMap((segment) =>
      segment.legs.map(({ name, port }) => ({
        name,
        a: port.node,
        b: segmentMember(segment.name),
        ranks: [rank(port.node), segmentRank] as const,
      })),
    ),
  ];
}
