import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CarryExpectation, CarryProgress, closestFrame } from "../../src/flow/carry.ts";
import { compileMatch, type FrameMatch } from "../../src/flow/frame-match.ts";
import type { Sighting } from "../../src/flow/sighting.ts";
import { sightingOf } from "./sightings.ts";

type Options = Omit<CarryExpectation, "frames">;

function run(wanted: readonly FrameMatch[], options: Options, frames: readonly Sighting[]): CarryProgress {
  const progress = new CarryProgress({ ...options, frames: wanted.map(compileMatch) });
  for (const seen of frames) progress.take(seen);
  return progress;
}

const port = (dstPort: number): FrameMatch => ({ udp: { dstPort } });
const sent = (ports: readonly number[]): readonly Sighting[] =>
  ports.map((each, sequence) => sightingOf({ port: each, sequence }));
const seed = { seed: 20261127 };

describe("CarryProgress", () => {
  test("holds exactly when the patterns are a subsequence of the frames", () => {
    const ports = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 });
    fc.assert(
      fc.property(ports, ports, (wanted, came) => {
        let at = 0;
        for (const each of came) if (each === wanted[at]) at += 1;
        expect(run(wanted.map(port), {}, sent(came)).isCarried).toBe(at === wanted.length);
      }),
      seed,
    );
  });

  test("with `only` it holds exactly when the patterns are the first frames", () => {
    const ports = fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 4 });
    fc.assert(
      fc.property(ports, ports, (wanted, came) => {
        const begins = wanted.every((each, index) => came[index] === each);
        expect(run(wanted.map(port), { only: true }, sent(came)).isCarried).toBe(begins);
      }),
      seed,
    );
  });

  test("in any order it holds exactly when each pattern can have a frame of its own", () => {
    // A pattern is a set of ports that will do; brute force tries every way to hand the frames out.
    const sets = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), { maxLength: 4 });
    const ports = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 });
    const canBe = (wanted: readonly (readonly number[])[], came: readonly number[]): boolean => {
      const [first, ...others] = wanted;
      if (first === undefined) return true;
      return came.some((each, index) => first.includes(each) && canBe(others, came.toSpliced(index, 1)));
    };
    fc.assert(
      fc.property(sets, ports, (wanted, came) => {
        const patterns = wanted.map((set): FrameMatch => ({ udp: { dstPort: (each) => set.includes(each) } }));
        expect(run(patterns, { anyOrder: true }, sent(came)).isCarried).toBe(canBe(wanted, came));
      }),
      seed,
    );
  });

  test("counted frames hold exactly when each came that often", () => {
    const ports = fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 6 });
    const bound = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(ports, bound, bound, (came, a, b) => {
        const count = { least: Math.min(a, b), most: Math.max(a, b) };
        const times = came.filter((each) => each === 1).length;
        expect(run([port(1)], { count }, sent(came)).isCarried).toBe(times >= count.least && times <= count.most);
        const others = came.length - times;
        const only = run([port(1)], { count, only: true }, sent(came)).isCarried;
        expect(only).toBe(others === 0 && times >= count.least && times <= count.most);
      }),
      seed,
    );
  });

  test("an upper bound is broken at once, and decided only by the end otherwise", () => {
    const count = { least: 1, most: 1 };
    expect(run([port(1)], { count }, sent([1, 2])).isDecided).toBe(false);
    const broken = run([port(1)], { count }, sent([1, 1]));
    expect(broken.isDecided).toBe(true);
    expect(broken.unexpected?.sequence).toBe(1);
  });
});

describe("closestFrame", () => {
  test("is the first of those with most parts right, since the last match", () => {
    const frames = [
      sightingOf({ sequence: 0, port: 2, hopLimit: 62 }),
      sightingOf({ sequence: 1, port: 1 }),
      sightingOf({ sequence: 2, port: 3 }),
      sightingOf({ sequence: 3, port: 2 }),
      sightingOf({ sequence: 4, port: 2, hopLimit: 61 }),
    ];
    const progress = run([port(1), { from: "h1:net0", ipv6: { hopLimit: 63 }, udp: { dstPort: 2 } }], {}, frames);
    const closest = closestFrame(progress, frames);
    expect(progress.matched.map(({ seen }) => seen.sequence)).toEqual([1]);
    expect(closest?.seen.sequence).toBe(3);
    expect(closest?.verdicts.filter(({ matches }) => !matches)).toEqual([
      { field: "ipv6.hopLimit", matches: false, expected: 63, found: 64 },
    ]);
  });
});
