import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomDraw } from "../../src/wire/random-draw.ts";

const draws = 65_536;

function sample(source: RandomDraw, from = 0): number[] {
  return Array.from({ length: draws }, (_, index) => source.fraction(from + index));
}

describe("RandomDraw", () => {
  it("is a function of seed, names and position alone", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), fc.maxSafeNat(), (seed, names, position) => {
        const value = new RandomDraw(seed, ...names).fraction(position);
        expect(new RandomDraw(seed, ...names).fraction(position)).toBe(value);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
      }),
    );
  });

  it("does not confuse names that run together", () => {
    expect(new RandomDraw("s", "ab", "c").integer(0)).not.toBe(new RandomDraw("s", "a", "bc").integer(0));
  });

  it.each([0, 0xffff_8000, 2 ** 40])("is uniform from position %d on (chi-square, 255 degrees of freedom)", (from) => {
    const buckets = new Array<number>(256).fill(0);
    for (const value of sample(new RandomDraw("uniform", "w"), from)) {
      const bucket = Math.floor(value * 256);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    const expected = draws / 256;
    const chiSquare = buckets.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Outside of this with a probability of 1 in 10000; the seed is fixed.
    expect(chiSquare).toBeGreaterThan(177);
    expect(chiSquare).toBeLessThan(347);
  });

  it.each([
    ["neighbouring positions", (x: RandomDraw) => sample(x), (x: RandomDraw) => sample(x, 1)],
    ["different names", (x: RandomDraw) => sample(x), () => sample(new RandomDraw("seed", "w", "aToB", "delay"))],
  ])("has no correlation between %s", (_what, first, second) => {
    const source = new RandomDraw("seed", "w", "aToB", "loss");
    const other = second(source);
    const covariance =
      first(source).reduce((sum, x, index) => sum + (x - 0.5) * ((other[index] ?? 0) - 0.5), 0) / draws;
    // Standard deviation of the correlation of independent draws is 1/256 here; four of them.
    expect(Math.abs(covariance * 12)).toBeLessThan(4 / 256);
  });
});
