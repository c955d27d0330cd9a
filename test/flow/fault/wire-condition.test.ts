import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWireFault, type WireFault } from "../../../src/flow/fault/fault.ts";
import { cut, down, impaired, type Impairment } from "../../../src/flow/fault/index.ts";
import {
  brokenCondition,
  wireCalls,
  type WireCall,
  type WireCondition,
} from "../../../src/flow/fault/wire-condition.ts";
import { cleanDirection, type DirectionSettings } from "../../../src/topology/index.ts";
import { directionNames } from "../../../src/wire/index.ts";
import { wireFault } from "./schedules.ts";

const clean: WireCondition = { up: true, aToB: cleanDirection, bToA: cleanDirection };

function applied(condition: WireCondition, calls: readonly WireCall[]): WireCondition {
  return calls.reduce<WireCondition>(
    (state, call) =>
      call.type === "set"
        ? { ...state, [call.direction]: { ...state[call.direction], ...call.settings } }
        : { ...state, up: call.type === "up" },
    condition,
  );
}

function faults(...all: readonly ReturnType<typeof cut>[]): readonly WireFault[] {
  return all.filter(isWireFault);
}

describe("brokenCondition", () => {
  it("adds delays, lets frames that survive one loss fall to the other, and holds to the narrower limit", () => {
    const base = { ...clean, aToB: { ...cleanDirection, delayMicroseconds: 10, loss: 0.5, mtuBytes: 1500 } };
    const both = faults(
      impaired("w", { delayMicroseconds: 5, loss: 0.5, rateBitsPerSecond: 1000 }, { direction: "aToB" }),
      impaired("w", { loss: 0.5, rateBitsPerSecond: 2000, mtuBytes: 1400 }),
    );
    expect(brokenCondition(base, both)).toEqual({
      up: true,
      aToB: { ...cleanDirection, delayMicroseconds: 15, loss: 0.875, rateBitsPerSecond: 1000, mtuBytes: 1400 },
      bToA: { ...cleanDirection, loss: 0.5, rateBitsPerSecond: 2000, mtuBytes: 1400 },
    });
  });

  it("cuts one way or both, and has no carrier while any fault takes it", () => {
    const all = faults(down("w"), cut("w", { direction: "bToA" }), down("w"));
    expect(brokenCondition(clean, all)).toEqual({
      up: false,
      aToB: cleanDirection,
      bToA: { ...cleanDirection, cut: true },
    });
    expect(brokenCondition(clean, all.slice(0, 2)).up).toBe(false);
    expect(brokenCondition({ ...clean, up: false }, []).up).toBe(false);
  });
});

describe("a broken wire", () => {
  it("shows the effect of each of its faults, whatever the others are", () => {
    fc.assert(
      fc.property(fc.array(wireFault, { minLength: 1, maxLength: 6 }), (all) => {
        const broken = brokenCondition(clean, faults(...all));
        for (const fault of faults(...all)) {
          if (fault.kind === "down") expect(broken.up).toBe(false);
          else {
            for (const direction of directionNames.filter((each) => (fault.direction ?? each) === each)) {
              if (fault.kind === "cut") expect(broken[direction].cut).toBe(true);
              else expectAtLeast(broken[direction], fault.settings);
            }
          }
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});

function expectAtLeast(settings: DirectionSettings, impairment: Impairment): void {
  for (const name of ["delayMicroseconds", "jitterMicroseconds", "loss", "duplicate", "reorder", "corrupt"] as const)
    expect(settings[name], name).toBeGreaterThanOrEqual((impairment[name] ?? 0) - Number.EPSILON);
  for (const name of ["queueBytes", "rateBitsPerSecond", "mtuBytes"] as const) {
    const limit = impairment[name] ?? Number.POSITIVE_INFINITY;
    expect(settings[name] ?? Number.POSITIVE_INFINITY, name).toBeLessThanOrEqual(limit);
  }
}

describe("wireCalls", () => {
  it("keeps the union of all effects until the last fault heals, and then leaves the wire as it was", () => {
    const base = fc.constantFrom<WireCondition>(
      clean,
      { ...clean, up: false },
      { ...clean, bToA: { ...cleanDirection, cut: true, loss: 0.25, delayMicroseconds: 7, mtuBytes: 900 } },
    );
    fc.assert(
      fc.property(base, fc.array(wireFault, { maxLength: 8 }), fc.infiniteStream(fc.nat()), (before, all, order) => {
        let [current, broken] = [before, [] as readonly WireFault[]];
        const change = (after: readonly WireFault[]): void => {
          current = applied(current, wireCalls({ wire: "w", base: before, current, before: broken, after }));
          broken = after;
          expect(current).toEqual(brokenCondition(before, after));
        };
        for (const fault of faults(...all)) change([...broken, fault]);
        while (broken.length > 0) change(broken.toSpliced((order.next().value ?? 0) % broken.length, 1));
        expect(current).toEqual(before);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("asks for nothing that is so already", () => {
    const before = faults(down("w"), cut("w"));
    const current = brokenCondition(clean, before);
    expect(wireCalls({ wire: "w", base: clean, current, before, after: [...before, ...before] })).toEqual([]);
  });

  it("leaves alone what the flow has changed meanwhile", () => {
    const before = faults(cut("w"));
    const broken = brokenCondition(clean, before);
    const current = { ...broken, up: false, aToB: { ...broken.aToB, loss: 0.1 } };
    expect(applied(current, wireCalls({ wire: "w", base: clean, current, before, after: [] }))).toEqual({
      up: false,
      aToB: { ...cleanDirection, loss: 0.1 },
      bToA: cleanDirection,
    });
  });
});
