import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxNexthopWeight } from "../../../src/netdev/nexthops.ts";
import { maxWeight, type PathDelay, sharesOf, weightsOf } from "../../../src/stack/multipath/engine/shares.ts";

const path = (delay: number | undefined, silent = false): PathDelay => ({ delay, silent });
const paths = fc.array(
  fc.record({
    delay: fc.option(fc.double({ min: 0, max: 100_000, noNaN: true }), { nil: undefined }),
    silent: fc.boolean(),
  }),
  { minLength: 1, maxLength: 16 },
);
const bases = fc.constantFrom(0, 1, 1000);

describe("weights", () => {
  test("are those that the kernel takes", () => {
    expect(maxWeight).toBe(maxNexthopWeight);
  });

  test("of two paths are crosswise as their delays, as in the prototype: 70 and 30 give 30 and 70 of a hundred", () => {
    const [one = 0, other = 0] = sharesOf(weightsOf([path(70_000), path(30_000)], 0));
    expect(one).toBeCloseTo(0.3, 2);
    expect(other).toBeCloseTo(0.7, 2);
  });

  test("of a path that is not measured are those of an equal share", () => {
    const [, , share] = sharesOf(weightsOf([path(9000), path(1000), path(undefined)], 1000));
    expect(share).toBeCloseTo(1 / 3, 2);
  });

  test("are whole numbers from 1 to 255; shares add up to 1 and go the other way than delays", () => {
    fc.assert(
      fc.property(paths, bases, (list, base) => {
        const weights = weightsOf(list, base);
        expect(weights).toHaveLength(list.length);
        for (const weight of weights) expect(Number.isInteger(weight) && weight >= 1 && weight <= 255).toBe(true);
        expect(sharesOf(weights).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
        const measured = list.flatMap((each, at) => (each.silent || each.delay === undefined ? [] : [at]));
        for (const one of measured) {
          for (const other of measured) {
            if ((list[one]?.delay ?? 0) <= (list[other]?.delay ?? 0)) {
              expect(weights[one]).toBeGreaterThanOrEqual(weights[other] ?? 0);
            }
          }
        }
      }),
    );
  });

  test("of a path only fall when its delay grows", () => {
    fc.assert(
      fc.property(paths, bases, fc.double({ min: 0, max: 100_000, noNaN: true }), (list, base, more) => {
        const withDelay = (delay: number): number => weightsOf([path(delay), ...list], base)[0] ?? 0;
        // Paths that are not measured take the mean, which moves too.
        const known = list.every(({ delay, silent }) => silent || delay !== undefined);
        if (known) expect(withDelay(more)).toBeGreaterThanOrEqual(withDelay(100_000));
        expect(withDelay(0)).toBeGreaterThanOrEqual(withDelay(more));
      }),
    );
  });

  test("say nothing against any path when none answers, and 1 to 255 when one alone does", () => {
    expect(weightsOf([path(1, true), path(5, true)], 0)).toEqual([128, 128]);
    expect(weightsOf([path(1, true), path(5), path(100_000, true)], 0)).toEqual([1, 255, 1]);
    expect(weightsOf([path(0), path(0), path(undefined, true)], 0)).toEqual([128, 128, 1]);
  });
});
