import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advanceFaults } from "../../../src/flow/fault/fault-progress.ts";
import { faultActions, faultWindows } from "../../../src/flow/fault/fault-window.ts";
import {
  cut,
  down,
  during,
  type FaultSchedule,
  flapping,
  inTurn,
  paused,
  powerCycled,
  repeated,
  together,
} from "../../../src/flow/fault/index.ts";
import { scheduleLengthMs } from "../../../src/flow/fault/schedule.ts";
import { anyFault, schedulesOf } from "./schedules.ts";

/** `time verb kind`, in order. */
function acts(schedule: FaultSchedule): readonly string[] {
  return faultActions(faultWindows(schedule)).map(
    ({ atMs, type, window }) => `${atMs} ${type} ${window.fault.kind}#${window.id}`,
  );
}

describe("faultActions", () => {
  it("begins a fault by itself at once, and leaves the healing to whoever broke it", () => {
    expect(acts(cut("w"))).toEqual(["0 begin cut#1"]);
  });

  it("breaks for a time, later", () => {
    expect(acts(during(cut("w"), { startMs: 100, durationMs: 50 }))).toEqual(["100 begin cut#1", "150 heal cut#1"]);
  });

  it("counts what is broken together from the same moment", () => {
    const parts = [
      during(cut("w"), { startMs: 20, durationMs: 50 }),
      during(paused("n"), { startMs: 10, durationMs: 20 }),
    ];
    expect(acts(together(...parts))).toEqual([
      "10 begin paused#1",
      "20 begin cut#2",
      "30 heal paused#1",
      "70 heal cut#2",
    ]);
  });

  it("begins what comes in turn when the one before has ended, and heals that first", () => {
    expect(
      acts(inTurn(during(cut("w"), { startMs: 5, durationMs: 10 }), during(cut("w"), { durationMs: 10 }))),
    ).toEqual(["5 begin cut#1", "15 heal cut#1", "15 begin cut#2", "25 heal cut#2"]);
  });

  it("heals what ends together youngest first", () => {
    const both = together(cut("w"), during(paused("n"), { startMs: 10 }));
    expect(acts(during(both, { durationMs: 30 })).slice(2)).toEqual(["30 heal paused#2", "30 heal cut#1"]);
  });

  it("flaps: down for the first half of each period, up for the second", () => {
    expect(acts(flapping("w", { periodMs: 100, count: 2 }))).toEqual([
      "0 begin down#1",
      "50 heal down#1",
      "100 begin down#2",
      "150 heal down#2",
    ]);
  });

  it("drops what would begin after its time, and heals in time what would last longer", () => {
    const twice = repeated(during(cut("w"), { durationMs: 30 }), { times: 3, everyMs: 50 });
    expect(acts(during(twice, { durationMs: 60 }))).toEqual([
      "0 begin cut#1",
      "30 heal cut#1",
      "50 begin cut#2",
      "60 heal cut#2",
    ]);
  });

  it("does not heal what heals by itself", () => {
    expect(acts(during(powerCycled("n"), { startMs: 5, durationMs: 100 }))).toEqual(["5 begin power-cycled#1"]);
  });

  it("is in time order and heals everything once, after it began and within the length of the schedule", () => {
    fc.assert(
      fc.property(schedulesOf(anyFault), (schedule) => {
        const windows = faultWindows(schedule);
        const actions = faultActions(windows);
        const length = scheduleLengthMs(schedule);
        for (const [index, { atMs }] of actions.entries())
          expect(atMs).toBeGreaterThanOrEqual(actions[index - 1]?.atMs ?? 0);
        for (const window of windows) {
          const types = actions.filter((action) => action.window === window).map(({ type }) => type);
          expect(types).toEqual(window.fault.kind === "power-cycled" ? ["begin"] : ["begin", "heal"]);
          expect(window.endMs).toBeLessThanOrEqual(length);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("survives JSON", () => {
    fc.assert(
      fc.property(schedulesOf(anyFault), (schedule) => {
        expect(acts(JSON.parse(JSON.stringify(schedule)) as FaultSchedule)).toEqual(acts(schedule));
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

describe("advanceFaults", () => {
  it("brings every action once, in order, however time passes", () => {
    fc.assert(
      fc.property(schedulesOf(anyFault), fc.array(fc.nat(700)), (schedule, pauses) => {
        const actions = faultActions(faultWindows(schedule));
        let [nowMs, pending] = [0, actions];
        const done: (typeof actions)[number][] = [];
        for (const pause of [...pauses, 1e6]) {
          nowMs += pause;
          const step = advanceFaults(pending, nowMs);
          expect(step.nextMs).toBe(step.pending[0]?.atMs);
          expect(step.due.every(({ atMs }) => atMs <= nowMs)).toBe(true);
          expect(step.pending.every(({ atMs }) => atMs > nowMs)).toBe(true);
          done.push(...step.due);
          ({ pending } = step);
        }
        expect(done).toEqual(actions);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

it("down and up again is the simplest flap", () => {
  expect(acts(flapping("w", { periodMs: 10, count: 1 }))).toEqual(acts(during(down("w"), { durationMs: 5 })));
});
