import { isDeepStrictEqual } from "node:util";
import type { GuestSnapshot } from "../../guest/index.ts";
import type { Testbed } from "../../testbed/index.ts";
import { stackOfKind } from "../../topology/index.ts";

/** What every node of our own kinds was right after the launch, by name. */
export type Baseline = ReadonlyMap<string, GuestSnapshot>;

/** Milliseconds for a guest to describe itself. */
const answerDeadlineMs = 20_000;
/** Milliseconds for what a flow has started or broken to come back by itself: processes that end, carriers that return. */
const settleDeadlineMs = 5000;

/** Look at all nodes of a testbed. Costs a file or two of /proc in each; they are asked at the same time. */
export async function takeBaseline(testbed: Testbed): Promise<Baseline> {
  const routed = new Set(
    testbed.plan.nodes.filter(({ kind }) => stackOfKind(kind)?.daemons.includes("ddmd")).map(({ name }) => name),
  );
  const entries = await Promise.all(
    testbed.nodes.map(async (node) => [node.name, await node.snapshot(answerDeadlineMs)] as const),
  );
  return new Map(
    entries.flatMap(([name, snapshot]) => {
      if (snapshot === undefined) return [];
      return [[name, routed.has(name) ? withoutNextHops(snapshot) : snapshot] as const];
    }),
  );
}

/** The same right after the launch: addresses that are not certain yet are given a moment, since routes come with them. */
export async function takeFirstBaseline(testbed: Testbed): Promise<Baseline> {
  const deadline = performance.now() + settleDeadlineMs;
  for (;;) {
    const baseline = await takeBaseline(testbed);
    const isCertain = [...baseline.values()].every(({ tentative }) => tentative.length === 0);
    if (isCertain || performance.now() > deadline) return baseline;
  }
}

/** Which way a routing daemon takes to a prefix, of those that are equally good, changes while nobody does anything. */
export function withoutNextHops(snapshot: GuestSnapshot): GuestSnapshot {
  return { ...snapshot, routes: snapshot.routes.map((route) => route.replace(/ via \S+ dev \S+/, "")).toSorted() };
}

/** Whether all nodes answer and are now as they were. */
export async function isAtBaseline(testbed: Testbed, baseline: Baseline): Promise<boolean> {
  return takeBaseline(testbed).then(
    (now) => isDeepStrictEqual(now, baseline),
    () => false,
  );
}

/**
 * What differs from the baseline and stays so; empty when nothing does. What a node needs a moment for, such as a process
 * that ends or an address that waits for its carrier, is given that moment.
 */
export async function lastingChanges(testbed: Testbed, baseline: Baseline): Promise<readonly string[]> {
  const deadline = performance.now() + settleDeadlineMs;
  for (;;) {
    const now = await takeBaseline(testbed);
    if (isDeepStrictEqual(now, baseline)) return [];
    if (performance.now() > deadline) return describeChanges(baseline, now);
  }
}

const facts = [
  ["processes", "process"],
  ["links", "link"],
  ["addresses", "address"],
  ["routes", "route"],
] as const satisfies readonly (readonly [keyof GuestSnapshot, string])[];

/** The differences of two baselines, in words: `h1: process "sleep 100" was left running`. */
export function describeChanges(before: Baseline, after: Baseline): readonly string[] {
  return [...before].flatMap(([node, was]) => {
    const is = after.get(node);
    if (is === undefined) return [`${node}: it does not answer`];
    return facts.flatMap(([fact, noun]) => [
      ...surplus(is[fact], was[fact]).map((text) => `${node}: ${noun} ${JSON.stringify(text)} was left behind`),
      ...surplus(was[fact], is[fact]).map((text) => `${node}: ${noun} ${JSON.stringify(text)} is gone`),
    ]);
  });
}

/** The members of `list` that `other` does not have, each as often as it has too few of them. */
function surplus(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const text of other) left.set(text, (left.get(text) ?? 0) + 1);
  return list.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}
