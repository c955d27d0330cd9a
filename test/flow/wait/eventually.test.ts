import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isLooking } from "../../../src/flow/wait/check.ts";
import { eventually, never, stably } from "../../../src/flow/wait/eventually.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Run all timers until the promise is settled, and give its result or error message. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  let outcome: { readonly value: unknown } | undefined;
  promise.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { value: (error as Error).message }),
  );
  while (outcome === undefined) await vi.advanceTimersByTimeAsync(1);
  return outcome.value;
}

/** A check that gives the next of these each time, the last for ever. */
function oneAfterAnother(...values: readonly unknown[]): () => unknown {
  let at = 0;
  return () => {
    const value = values[Math.min(at, values.length - 1)];
    at += 1;
    if (value instanceof Error) throw value;
    return value;
  };
}

describe("eventually", () => {
  test("gives what the check gave when it held", async () => {
    expect(await settled(eventually(oneAfterAnother(new Error("no"), false, 7)))).toBe(7);
    expect(performance.now()).toBeGreaterThan(0);
  });

  test("tells the last failure, how long and how often it looked", async () => {
    const wait = eventually(oneAfterAnother(new Error("no route"), new Error("no neighbour")), {
      what: "r1 knows h2",
      within: 200,
      every: 50,
    });
    expect(await settled(wait)).toBe(
      "wait for a check to hold: r1 knows h2: expected that it holds within 200 ms, found that it did not, " +
        "looked at 5 times in 200 ms; at last: no neighbour",
    );
  });

  test("a check knows that it is being looked at, and nobody else does", async () => {
    expect(await settled(eventually(async () => Promise.resolve({ looking: isLooking() })))).toEqual({ looking: true });
    expect(isLooking()).toBe(false);
  });

  test("does not wait for a check that never answers", async () => {
    const hanging = eventually(() => new Promise(() => undefined), { within: 100 });
    expect(await settled(hanging)).toMatch(/at last: it had not answered after 100 ms$/);
  });
});

describe("stably", () => {
  test("holds after so many looks in a row", async () => {
    const check = vi.fn(oneAfterAnother(true, new Error("flap"), true, true, "settled"));
    expect(await settled(stably(3, check))).toBe("settled");
    expect(check).toHaveBeenCalledTimes(5);
  });

  test("tells the longest row", async () => {
    let at = 0;
    const flapping = () => (at += 1) % 3 !== 0;
    expect(await settled(stably(3, flapping, { within: 400, what: "the link stays up" }))).toBe(
      "wait for a check to hold stably: the link stays up: expected that it holds 3 times in a row within 400 ms, " +
        "found 2 in a row at most, looked at 9 times in 400 ms; last failure: it was false",
    );
  });

  test("refuses a count that is none", async () => {
    expect(await settled(stably(0, () => true))).toMatch(/whole number of at least 1/);
  });
});

describe("never", () => {
  test("is content when the check does not hold all the time", async () => {
    const check = vi.fn(() => false);
    expect(await settled(never(check, { within: 100, every: 20 }))).toBeUndefined();
    expect(check.mock.calls.length).toBeGreaterThanOrEqual(5);
  });

  test("fails at once when it holds, with what it gave", async () => {
    const check = oneAfterAnother(false, new Error("no"), { leaked: 3 });
    expect(await settled(never(check, { what: "a packet leaks" }))).toBe(
      "see that a check does not hold: a packet leaks: expected that it does not hold for 500 ms, " +
        'found that it held after 100 ms, at look 3, and gave {"leaked":3}',
    );
  });
});
