import { expect, test } from "vitest";
import { measureRelay } from "../../src/wire/bench.ts";

test("the wire bench measures a relay and a blind one, and nothing is lost on the way", async () => {
  const figures = await measureRelay({ smallFrames: 5000, largeFrames: 1000 });
  expect(figures.droppedFrames).toBe(0);
  const { relayFramesPerSecond, relayBytesPerSecond, blindFramesPerSecond, blindBytesPerSecond } = figures;
  for (const rate of [relayFramesPerSecond, relayBytesPerSecond, blindFramesPerSecond, blindBytesPerSecond]) {
    // How fast it is depends on what else the machine does; whole frames have gone in a time that is not none.
    expect(rate).toBeGreaterThan(1);
    expect(rate).toBeLessThan(1e12);
  }
});
