import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Invariants } from "../../../src/flow/wait/invariants.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("Invariants", () => {
  test("one that holds says nothing, and is looked at until the end", async () => {
    const invariants = new Invariants("bed");
    const check = vi.fn(() => true);
    invariants.add("always", check, { every: 100 });
    await vi.advanceTimersByTimeAsync(950);
    expect(check).toHaveBeenCalledTimes(10);
    invariants.check();
    await invariants.finish();
    expect(check).toHaveBeenCalledTimes(11);
    await vi.advanceTimersByTimeAsync(1000);
    expect(check).toHaveBeenCalledTimes(11);
  });

  test("one that was broken for a moment fails what comes next, and not the end again", async () => {
    const invariants = new Invariants("bed");
    let looks = 0;
    invariants.add("no leak", () => (looks += 1) !== 3, { every: 100 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(() => {
      invariants.check();
    }).toThrow(
      "watch an invariant: no leak: expected that it holds during the whole flow, " +
        "found that it did not, at look 3, 200 ms after it was watched first: it was false",
    );
    expect(looks).toBe(3);
    await invariants.finish();
  });

  test("one that does not hold at the end fails the end", async () => {
    const invariants = new Invariants("bed");
    let holds = true;
    invariants.add("no leak", () => holds, { every: 60_000 });
    await vi.advanceTimersByTimeAsync(1);
    holds = false;
    await expect(invariants.finish()).rejects.toThrow(/no leak/);
  });

  test("one whose watch was ended is not asked any more", async () => {
    const invariants = new Invariants("bed");
    let holds = true;
    {
      using _watch = invariants.add("for a while", () => holds, { every: 60_000 });
    }
    holds = false;
    await invariants.finish();
  });
});
