import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/wire/panel-clock.ts";
import { ReleaseQueue } from "../../src/wire/release-queue.ts";
import { ReleaseTimer } from "../../src/wire/release-timer.ts";

describe("ReleaseQueue", () => {
  it("runs what is due, earliest first, and what is due together in the order of scheduling", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(20), (times, now) => {
        const queue = new ReleaseQueue();
        const ran: number[] = [];
        for (const [index, due] of times.entries()) queue.schedule(due, () => ran.push(index));
        queue.runDue(now);
        const due = [...times.entries()].filter(([, time]) => time <= now).toSorted(([, a], [, b]) => a - b);
        expect(ran).toEqual(due.map(([index]) => index));
        expect(queue.length).toBe(times.length - due.length);
        expect(queue.earliest).toBe(Math.min(...times.filter((time) => time > now)));
      }),
    );
  });
});

describe("ReleaseTimer", () => {
  it("runs all in order and never early", async () => {
    const clock = systemClock();
    const timer = new ReleaseTimer(clock);
    const delays = [3.2, 0.1, 7, 0.5, 0.1, 12.4, 1];
    const start = clock.now();
    const ran: { delay: number; late: number }[] = [];
    const { promise, resolve } = Promise.withResolvers<undefined>();
    for (const delay of delays) {
      timer.schedule(start + delay * 1e6, (now) => {
        ran.push({ delay, late: now - start - delay * 1e6 });
        if (ran.length === delays.length) resolve(undefined);
      });
    }
    await promise;
    expect(ran.map(({ delay }) => delay)).toEqual(delays.toSorted((a, b) => a - b));
    expect(Math.min(...ran.map(({ late }) => late))).toBeGreaterThanOrEqual(0);
    timer.close();
  });
});
