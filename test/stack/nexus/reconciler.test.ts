import { describe, expect, test } from "vitest";
import type { Target } from "../../../src/stack/nexus/engine/desired-state.ts";
import {
  reconcile,
  type ReconcilerInput,
  type ReconcilerOutput,
  type ReconcilerState,
  reconcilerTimes,
} from "../../../src/stack/nexus/engine/reconciler.ts";

const target: Target = "sled:1";

/** A reconciler with its clock. */
class Run {
  state: ReconcilerState = new Map();
  now = 1000;
  wake: number | undefined;

  give(input: ReconcilerInput): readonly ReconcilerOutput[] {
    const step = reconcile(this.state, input, this.now);
    this.state = step.state;
    this.wake = step.wakeMs;
    return step.outputs;
  }

  want(generation: number): readonly ReconcilerOutput[] {
    return this.give({ kind: "wanted", generations: new Map([[target, generation]]) });
  }

  answer(generation: number, isSettled = true): readonly ReconcilerOutput[] {
    return this.give({ kind: "answered", target, generation, isSettled });
  }

  /** Let time pass until something is due. */
  tick(): readonly ReconcilerOutput[] {
    this.now = this.wake ?? this.now;
    return this.give({ kind: "tick" });
  }
}

describe("the reconciler", () => {
  test("asks a target that it knows nothing of, and pushes what that lacks", () => {
    const run = new Run();
    expect(run.want(3)).toEqual([{ kind: "poll", target }]);
    expect(run.answer(0)).toEqual([{ kind: "push", target, generation: 3 }]);
    expect(run.answer(3)).toEqual([]);
    expect(run.wake).toBe(1000 + reconcilerTimes.checkMs);
  });

  test("pushes a change at once, and once, however often it is told", () => {
    const run = new Run();
    run.want(1);
    run.answer(1);
    expect(run.want(2)).toEqual([{ kind: "push", target, generation: 2 }]);
    expect(run.want(2)).toEqual([]);
    expect(run.answer(2)).toEqual([]);
    expect(run.want(2)).toEqual([]);
  });

  test("pushes the latest when the state changed while one was on its way", () => {
    const run = new Run();
    run.want(1);
    run.answer(1);
    run.want(2);
    expect(run.want(3)).toEqual([]);
    expect(run.want(4)).toEqual([]);
    expect(run.answer(2)).toEqual([{ kind: "push", target, generation: 4 }]);
  });

  test("a target that comes back with an older state gets the present one", () => {
    const run = new Run();
    run.want(7);
    run.answer(7);
    expect(run.tick()).toEqual([{ kind: "poll", target }]);
    expect(run.answer(4)).toEqual([{ kind: "push", target, generation: 7 }]);
  });

  test("a target that does not answer is asked ever more seldom, and first what it has", () => {
    const run = new Run();
    run.want(1);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 12; attempt++) {
      const [failedAt] = [run.now];
      expect(run.give({ kind: "failed", target, fault: "refused" })).toEqual([]);
      expect(run.tick()).toEqual([{ kind: "poll", target }]);
      waits.push(run.now - failedAt);
    }
    for (const [attempt, wait] of waits.entries()) {
      const longest = Math.min(reconcilerTimes.longestRetryMs, reconcilerTimes.firstRetryMs * 2 ** attempt);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }
    expect(run.state.get(target)?.fault).toBe("refused");
    expect(run.answer(0)).toEqual([{ kind: "push", target, generation: 1 }]);
    expect(run.state.get(target)?.fault).toBeUndefined();
  });

  test("a change does not hasten the next attempt at a target that does not answer", () => {
    const run = new Run();
    run.want(1);
    run.give({ kind: "failed", target, fault: "refused" });
    const due = run.wake;
    expect(run.want(2)).toEqual([]);
    expect(run.wake).toBe(due);
  });

  test("a target that is at work is asked soon, and told again only if it has not got it", () => {
    const run = new Run();
    run.want(1);
    run.answer(0);
    expect(run.answer(0)).toEqual([]);
    expect(run.tick()).toEqual([{ kind: "poll", target }]);
    expect(run.now).toBe(1000 + reconcilerTimes.settlingMs);
    expect(run.answer(1, false)).toEqual([]);
    expect(run.wake).toBe(run.now + reconcilerTimes.settlingMs);
  });

  test("a later generation than wanted is to be overtaken, not pushed over", () => {
    const run = new Run();
    run.want(2);
    expect(run.answer(9)).toEqual([{ kind: "overtaken", target, generation: 9 }]);
    expect(run.want(10)).toEqual([{ kind: "push", target, generation: 10 }]);
  });

  test("a target that is gone is forgotten", () => {
    const run = new Run();
    run.want(1);
    run.give({ kind: "wanted", generations: new Map() });
    expect(run.state.size).toBe(0);
    expect(run.answer(1)).toEqual([]);
    expect(run.wake).toBeUndefined();
  });
});
