import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CampaignKind, campaignKinds, type CampaignOptions } from "../../../src/flow/fault/campaign-options.ts";
import { faultTarget } from "../../../src/flow/fault/fault.ts";
import { describeFault } from "../../../src/flow/fault/fault-text.ts";
import { faultWindows } from "../../../src/flow/fault/fault-window.ts";
import { drawCampaign } from "../../../src/flow/fault/index.ts";
import { checkedWindows } from "../../../src/flow/fault/schedule-problems.ts";
import { firstWire, plan, secondWire } from "../routed-bed.ts";

const daemons = { r1: [{ process: "zebra" }, { process: "bgpd" }], h1: [{ service: "dhcpd" }] };

const kindSet = fc.uniqueArray(fc.constantFrom(...campaignKinds), { minLength: 1 });
const options: fc.Arbitrary<CampaignOptions> = fc
  .record({
    count: fc.nat(12),
    kinds: kindSet,
    atOnce: fc.integer({ min: 1, max: 4 }),
    durationMs: fc
      .tuple(fc.integer({ min: 1, max: 900 }), fc.nat(900))
      .map(([from, more]) => ({ from, to: from + more })),
    quietMs: fc.tuple(fc.nat(900), fc.nat(900)).map(([from, more]) => ({ from, to: from + more })),
    never: fc.constantFrom([], ["h1"], [firstWire, "h2"]),
  })
  .map((each) => ({ ...each, daemons }));

function parts(seed: string, from: CampaignOptions): readonly string[] {
  const schedule = drawCampaign(seed, from, plan);
  return schedule.kind === "together" ? schedule.parts.map((part) => JSON.stringify(part)) : [];
}

function told(seed: string, from: CampaignOptions): readonly string[] {
  return faultWindows(drawCampaign(seed, from, plan)).map(
    ({ fault, beginMs, endMs }) => `${beginMs}-${endMs} ${describeFault(fault)}`,
  );
}

describe("drawCampaign", () => {
  it("draws what it has always drawn from a seed", () => {
    expect(told("night", { count: 6, kinds: campaignKinds, daemons, atOnce: 2 })).toMatchInlineSnapshot(`
      [
        "561-1504 the clock of h2 steps by -2445443 ms",
        "766-1601 r1 is paused",
        "1936-2900 h1:net0--r1:net0 is cut",
        "2596-3581 r1:net1--h2:net0 is cut",
        "3521-4357 process bgpd of r1 is frozen",
        "4032-4359 r1:net1--h2:net0 is cut (bToA)",
      ]
    `);
  });

  it("draws the same from the same seed, something else from another", () => {
    fc.assert(
      fc.property(fc.string(), options, (seed, from) => {
        expect(parts(seed, from)).toEqual(parts(seed, from));
      }),
      { numRuns: 50, seed: 1 },
    );
    const drawn = new Set(["a", "b", "c", "d"].map((seed) => parts(seed, { count: 5 }).join()));
    expect(drawn.size).toBe(4);
  });

  it("keeps to its limits, and can always be carried out", () => {
    fc.assert(
      fc.property(fc.string(), options, (seed, from) => {
        const { atOnce = 1, never = [], durationMs = { from: 0, to: 0 } } = from;
        fc.pre(!(from.kinds ?? []).every((kind) => kind.startsWith("daemon")));
        const schedule = drawCampaign(seed, from, plan);
        const windows = checkedWindows(schedule, plan);
        expect(windows.some(({ fault }) => never.includes(faultTarget(fault)))).toBe(false);
        for (const { beginMs, endMs } of windows) {
          expect(endMs - beginMs).toBeLessThanOrEqual(durationMs.to);
          const holding = windows.filter((other) => other.beginMs <= beginMs && beginMs < other.endMs);
          expect(holding.length).toBeLessThanOrEqual(atOnce);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("changes only the faults of a kind when that kind is no longer permitted, or only those newly of it", () => {
    const withoutCount = fc.tuple(fc.string(), fc.uniqueArray(fc.constantFrom(...campaignKinds), { minLength: 2 }));
    fc.assert(
      fc.property(withoutCount, ([seed, kinds]) => {
        const permitted = (some: readonly CampaignKind[]) => parts(seed, { count: 12, kinds: some, daemons });
        const [removed, ...others] = kinds;
        const [all, fewer] = [permitted(kinds), permitted(others)];
        for (const [index, part] of all.entries()) {
          if (fewer[index] !== part) expect(part).toContain(kindWord(removed));
        }
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it("changes only the faults of a target when that target is taken out", () => {
    const kinds = ["down", "cut", "impaired"] as const;
    const all = parts("seed", { count: 30, kinds });
    const fewer = parts("seed", { count: 30, kinds, never: [secondWire] });
    const kept = all.filter((part) => part.includes(firstWire));
    expect(kept.length).toBeGreaterThan(5);
    expect(kept.length).toBeLessThan(25);
    expect(fewer.filter((_part, index) => all[index]?.includes(firstWire))).toEqual(kept);
    expect(fewer.every((part) => part.includes(firstWire))).toBe(true);
  });

  it("draws each kind and each target about as often as the others", () => {
    const drawn = parts("fair", { count: 600, kinds: ["cut", "down", "paused"] });
    for (const [word, share] of [
      ["cut", 1 / 3],
      ["down", 1 / 3],
      ["paused", 1 / 3],
      ['h1"', 1 / 9],
      [firstWire, 1 / 3],
    ] as const) {
      const found = drawn.filter((part) => part.includes(word)).length / 600;
      expect(Math.abs(found - share), word).toBeLessThan(0.06);
    }
  });

  it("names everything that is wrong with its options", () => {
    const wrong: CampaignOptions = {
      count: -1,
      atOnce: 0,
      kinds: ["cut", "flood" as CampaignKind],
      durationMs: { from: 0, to: 5 },
      quietMs: { from: 9, to: 5 },
      impairments: { loss: { from: 0, to: 3 } },
      wires: ["h1:net0--r1:net9"],
      nodes: ["h9"],
      never: ["r2"],
      daemons: { r9: [] },
    };
    expect(() => drawCampaign("seed", wrong, plan)).toThrow(
      [
        "count must be a whole number, 0 or more, not -1",
        "atOnce must be a whole number above 0, not 0",
        `there is no kind flood (there are ${campaignKinds.join(", ")})`,
        "durationMs must go from 1 or more up, not from 0 to 5",
        "quietMs must go from 0 or more up, not from 9 to 5",
        "loss must be a probability from 0 to 1, not 3",
        'there is no wire h1:net0--r1:net9 (did you mean "h1:net0--r1:net0"?)',
        'there is no node h9 (did you mean "h1"?)',
        'there is no node r9 (did you mean "r1"?)',
      ].join("; "),
    );
    expect(() => drawCampaign("seed", { count: 1, kinds: ["daemon-killed"] }, plan)).toThrow(
      /nothing for daemon-killed/,
    );
  });
});

/** A word that only the faults of a kind have in their JSON. */
function kindWord(kind: CampaignKind | undefined): string {
  if (kind === "flapping") return '"repeated"';
  return kind === "one-way-cut" ? '"kind":"cut"' : `"kind":"${kind ?? ""}"`;
}
