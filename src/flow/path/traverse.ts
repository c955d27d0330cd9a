import { allMatch, compareWithPattern, type FieldVerdict, type LayersPattern } from "../pattern.ts";
import type { Fate } from "../../wire/index.ts";
import type { Sighting } from "../sighting.ts";
import type { Hop } from "./hop.ts";
import { nodeOfEnd } from "./journey.ts";

/**
 * What one hop of a path must be, for instance
 * `{ leaves: "r1:net1", enters: "r2", geneve: { vni: 1001 }, inner: { ipv4: { ttl: 63 } } }`. A text names a wire, a tap, or
 * an end that the packet leaves or enters.
 */
export type HopPattern = string | HopPredicate;

/** A hop described by where it is and what the packet is there. */
export type HopPredicate = LayersPattern & {
  /** The port or node that the packet leaves; an expression where several will do. */
  readonly leaves?: string | RegExp;
  /** The port or node that the packet enters. */
  readonly enters?: string | RegExp;
  /** Name of the wire, or of the tap (`r1:gnv0`), that the packet is seen at. */
  readonly at?: string | RegExp;
  /** What became of it there; `delivered` unless given. */
  readonly fate?: Fate | "any";
  /** What the packet inside of the tunnels must be. */
  readonly inner?: LayersPattern;
};

/** How a path compares with what was expected of it. */
export interface Traversal {
  /** The hop of the trace that each pattern is about, as far as they could be found. */
  readonly found: readonly number[];
  /** What is wrong; undefined when all is as expected. */
  readonly failure: TraversalFailure | undefined;
}

/** Why a path is not the expected one. */
export interface TraversalFailure {
  /** Place in the list of patterns; its length where the path goes on behind the last. */
  readonly pattern: number;
  /** Place of the hop that comes nearest to the pattern; undefined when there is none left. */
  readonly hop: number | undefined;
  /** Where it should be, then the fields. */
  readonly verdicts: readonly FieldVerdict[];
}

/**
 * Compare the path of a packet with what is expected of its hops, in order.
 *
 * @param exact - no hop may lie between those that are named, before or behind them
 */
export function traverse(hops: readonly Hop[], patterns: readonly HopPattern[], exact: boolean): Traversal {
  const found: number[] = [];
  let next = 0;
  for (const [index, pattern] of patterns.entries()) {
    const candidates = hops.map((_hop, at) => at).slice(next, exact ? next + 1 : undefined);
    const hit = candidates.find((at) => allMatch(compareHop(pattern, hops[at])));
    if (hit === undefined) return { found, failure: nearest(hops, candidates, pattern, index, exact) };
    found.push(hit);
    next = hit + 1;
  }
  const goesOn = exact && next < hops.length;
  return { found, failure: goesOn ? { pattern: patterns.length, hop: next, verdicts: [] } : undefined };
}

/** The hop that comes nearest to a pattern; where the packet was not at the right place at all, none does. */
function nearest(
  hops: readonly Hop[],
  candidates: readonly number[],
  pattern: HopPattern,
  index: number,
  exact: boolean,
): TraversalFailure {
  let best: TraversalFailure = { pattern: index, hop: undefined, verdicts: [] };
  let most = -1;
  for (const at of candidates) {
    const verdicts = compareHop(pattern, hops[at]);
    const isThere = verdicts.every(({ field, matches }) => matches || !places.has(field));
    const right = verdicts.filter(({ matches }) => matches).length;
    if ((isThere || exact) && right > most) [best, most] = [{ pattern: index, hop: at, verdicts }, right];
  }
  return best;
}

const places: ReadonlySet<string> = new Set(["at", "leaves", "enters"]);

function compareHop(pattern: HopPattern, hop: Hop | undefined): readonly FieldVerdict[] {
  if (hop === undefined) return [];
  const { seen } = hop;
  if (typeof pattern === "string")
    return [placeVerdict("at", pattern, [seen.wire, seen.tap, ...ends(seen)], whereabouts(seen))];
  const { leaves, enters, at, ...packet } = pattern;
  return [
    ...(at === undefined ? [] : [placeVerdict("at", at, [seen.wire, seen.tap], seen.tap ?? seen.wire)]),
    ...(leaves === undefined ? [] : [placeVerdict("leaves", leaves, endNames(seen.from), seen.from)]),
    ...(enters === undefined ? [] : [placeVerdict("enters", enters, endNames(seen.to), seen.to)]),
    ...compareWithPattern(packet, seen),
  ];
}

function placeVerdict(
  field: string,
  expected: string | RegExp,
  names: readonly (string | undefined)[],
  found: string,
): FieldVerdict {
  const matches = names.some((name) =>
    typeof expected === "string" ? name === expected : name !== undefined && expected.test(name),
  );
  return { field, matches, expected: String(expected), found };
}

function ends({ from, to }: Sighting): readonly string[] {
  return [...endNames(from), ...endNames(to)];
}

function endNames(end: string): readonly string[] {
  return [end, nodeOfEnd(end)];
}

/** Where a sighting is, as a person says it. */
export function whereabouts({ tap, from, to }: Sighting): string {
  return tap === undefined ? `${from} → ${to}` : `${from} → ${to} (tap)`;
}
