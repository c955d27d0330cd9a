import { formatPattern, formatValue } from "../pattern-text.ts";
import type { Hop } from "./hop.ts";
import { type HopPattern, type Traversal, whereabouts } from "./traverse.ts";

/** A path, and how it is shown. */
interface TracedPath {
  readonly hops: readonly Hop[];
  toString(): string;
}

/** The text of a path that is not the expected one: hop, field, expected and found, then the whole path. */
export function traverseReport(
  trace: TracedPath,
  patterns: readonly HopPattern[],
  { found, failure }: Traversal,
  exact: boolean,
): string {
  return [
    ...headline(trace.hops, patterns, failure),
    "",
    exact ? "expected path, hop by hop:" : "expected path, other hops may lie between:",
    ...patterns.map((pattern, index) => {
      const mark = index < found.length ? "✓" : index === failure?.pattern ? "✗" : " ";
      return `  ${mark} ${index + 1}. ${hopText(pattern)}`;
    }),
    "",
    "the packet's path:",
    String(trace),
  ].join("\n");
}

/** The text of a path that is the one that it should not be. */
export function traverseNegatedReport(trace: TracedPath, patterns: readonly HopPattern[]): string {
  return [
    "the packet took the path that it should not take",
    "",
    "not expected:",
    ...patterns.map((pattern, index) => `    ${index + 1}. ${hopText(pattern)}`),
    "",
    "the packet's path:",
    String(trace),
  ].join("\n");
}

function headline(
  hops: readonly Hop[],
  patterns: readonly HopPattern[],
  failure: Traversal["failure"],
): readonly string[] {
  if (failure === undefined) return [];
  const ordinal = failure.pattern + 1;
  const pattern = patterns[failure.pattern];
  const hop = failure.hop === undefined ? undefined : hops[failure.hop];
  if (pattern === undefined) {
    const where = hop === undefined ? "" : `: ${whereabouts(hop.seen)}`;
    return [`the packet went on behind hop ${patterns.length}, the last expected${where}`];
  }
  if (hop === undefined) {
    const last = hops.at(-1);
    const seen = last === undefined ? "it was seen nowhere" : `it was last seen at ${whereabouts(last.seen)}`;
    const fate =
      last === undefined || last.seen.fate === "delivered" ? "" : `, which did not deliver it: ${last.seen.fate}`;
    return [`hop ${ordinal} (${hopText(pattern)}) is missing: ${seen}${fate}`];
  }
  const wrong = failure.verdicts.filter(({ matches }) => !matches);
  return [
    `hop ${ordinal} is not as expected, at ${whereabouts(hop.seen)}:`,
    ...wrong.map(
      ({ field, expected, found }) => `  ${field}: expected ${formatValue(expected)}, found ${formatValue(found)}`,
    ),
  ];
}

/** A hop pattern on one line: `leaves r1:net1, enters r2, geneve {vni: 1001}`. */
export function hopText(pattern: HopPattern): string {
  if (typeof pattern === "string") return pattern;
  const { leaves, enters, at, ...packet } = pattern;
  const places = Object.entries({ at, leaves, enters }).flatMap(([name, place]) =>
    place === undefined ? [] : [`${name} ${String(place)}`],
  );
  return [...places, ...(Object.keys(packet).length > 0 ? [formatPattern(packet)] : [])].join(", ") || "any hop";
}
