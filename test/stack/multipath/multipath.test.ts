import { expect, test } from "vitest";
import { namespacesWork, runInNamespace } from "../../netdev/in-namespace.ts";

interface Round {
  /** The share of datagrams that took the first way. */
  readonly seen: number;
  /** By the weights before and after. */
  readonly wanted: readonly [number, number];
}

interface Said {
  readonly equal: Round;
  readonly delayed: Round;
  readonly returned: Round;
  readonly silent: readonly { readonly paths: readonly unknown[] }[];
  readonly problems: readonly number[];
}

test.skipIf(!namespacesWork)(
  "between two hosts with two routers a delay on one way lowers its share of the traffic, and its end gives it back",
  { timeout: 120_000 },
  () => {
    const said = runInNamespace(new URL("two-routers.ts", import.meta.url)) as Said;
    const { equal, delayed, returned } = said;
    // Of 400 flows that the kernel hashes: five standard deviations.
    for (const { seen, wanted } of [equal, delayed, returned]) {
      expect(seen).toBeGreaterThan(Math.min(...wanted) - 0.125);
      expect(seen).toBeLessThan(Math.max(...wanted) + 0.125);
    }
    expect(equal.wanted).toEqual([0.5, 0.5]);
    expect(delayed.seen).toBeLessThan(equal.seen - 0.1);
    expect(returned.seen).toBeGreaterThan(delayed.seen + 0.1);
    expect(said.silent[0]?.paths).toMatchObject([
      { interface: "net0", silent: true, weight: 1, probesStrayed: 0 },
      { interface: "net1", silent: false, weight: 255, probesStrayed: 0 },
    ]);
    // No kernel answered that it does not know the header.
    expect(said.problems).toEqual([0, 0]);
  },
);
