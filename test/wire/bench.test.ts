import { expect, test } from "vitest";
import { measureRelay } from "../../src/wire/bench.ts";

test(
  "the wire bench measures a relay and a blind one, and nothing is lost on the way",
  { timeout: 30_000 },
  async () => {
    const figures = await measureRelay({ smallFrames: 20_000, largeFrames: 5000 });
    expect(figures.droppedFrames).toBe(0);
    const { relayFramesPerSecond, relayBytesPerSecond, blindFramesPerSecond, blindBytesPerSecond } = figures;
    for (const rate of [relayFramesPerSecond, relayBytesPerSecond, blindFramesPerSecond, blindBytesPerSecond]) {
      expect(rate).toBeGreaterThan(1000);
      expect(rate).toBeLessThan(1e12);
    }
  },
);
