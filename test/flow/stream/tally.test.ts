import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lossFaults, streamText } from "../../../src/flow/stream/stream-text.ts";
import { type StreamReport, StreamTally } from "../../../src/flow/stream/tally.ts";

const millisecond = 1_000_000n;

/** A packet every 10 ms; `arrivals` are the numbers that arrive, one after the other, 5 ms after the last was sent. */
function tallied(sent: number, arrivals: readonly number[], latencyMs = 2n): StreamReport {
  const tally = new StreamTally();
  for (let number = 0; number < sent; number += 1) tally.tellSent(number, BigInt(number) * 10n * millisecond);
  for (const number of arrivals) tally.tellArrived(number, (BigInt(number) * 10n + latencyMs) * millisecond);
  return tally.report();
}

describe("StreamTally", () => {
  test("every packet that was sent was either received or lost, and each outage is counted once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.array(fc.nat(39), { maxLength: 80 }), (sent, all) => {
        const arrivals = all.filter((number) => number < sent);
        const report = tallied(sent, arrivals);
        const distinct = new Set(arrivals).size;
        expect(report).toMatchObject({ sent, received: distinct, lost: sent - distinct });
        expect(report.duplicated).toBe(arrivals.length - distinct);
        expect(report.outages.reduce((sum, { packets }) => sum + packets, 0)).toBe(report.lost);
        expect(report.reordered).toBeLessThan(Math.max(1, distinct));
      }),
      { seed: 20261127 },
    );
  });

  test("does not mind in which order it is told", () => {
    const events = [0, 1, 2].flatMap((number) => [
      (tally: StreamTally) => {
        tally.tellSent(number, BigInt(number) * 10n * millisecond);
      },
      (tally: StreamTally) => {
        tally.tellArrived(number, (BigInt(number) * 10n + 2n) * millisecond);
      },
    ]);
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
        const tally = new StreamTally();
        for (const event of shuffled) event(tally);
        const { sent, received, lost, latencyMs } = tally.report();
        expect({ sent, received, lost }).toEqual({ sent: 3, received: 3, lost: 0 });
        expect(latencyMs.maximum).toBeCloseTo(2);
      }),
      { seed: 20261127 },
    );
  });

  test("an outage lasts from the first packet lost until the next that arrives", () => {
    const report = tallied(10, [0, 1, 5, 6, 8, 9]);
    expect(report.outages).toEqual([
      { packets: 3, first: 2, atMs: 20, forMs: 30 },
      { packets: 1, first: 7, atMs: 70, forMs: 10 },
    ]);
    expect(report.longestOutage).toEqual(report.outages[0]);
    expect(tallied(4, [0, 1]).longestOutage).toEqual({ packets: 2, first: 2, atMs: 20, forMs: 10 });
  });

  test("counts what comes after one that was sent later as reordered", () => {
    expect(tallied(5, [0, 2, 1, 4, 3]).reordered).toBe(2);
    expect(tallied(5, [4, 0, 1, 2, 3]).reordered).toBe(4);
    expect(tallied(5, [0, 1, 1, 2]).reordered).toBe(0);
  });

  test("latencies are those of the nearest rank", () => {
    const tally = new StreamTally();
    for (let number = 0; number < 100; number += 1) {
      tally.tellSent(number, 0n);
      tally.tellArrived(number, BigInt(number + 1) * millisecond);
    }
    expect(tally.report().latencyMs).toEqual({ p50: 50, p95: 95, p99: 99, maximum: 100 });
    expect(tallied(1, []).latencyMs.p50).toBeNaN();
  });
});

describe("the text of a stream", () => {
  const report = tallied(10, [0, 1, 5, 6, 7, 8, 9]);

  test("says which limit was passed", () => {
    expect(lossFaults(report, { packets: 3, forMs: 30 })).toEqual([]);
    expect(lossFaults(report, { packets: 2, forMs: 20 })).toEqual([
      "lost 3 of 10 packets, expected at most 2",
      "lost packets for 30.0 ms, expected at most 20 ms",
    ]);
  });

  test("shows all figures", () => {
    expect(streamText(report)).toBe(
      "sent 10, received 7, lost 3, duplicated 0, reordered 0\n" +
        "latency p50 2.00 ms, p95 2.00 ms, p99 2.00 ms, at most 2.00 ms\n" +
        "longest outage 30.0 ms (3 packets from number 2, sent 20.0 ms after the first); outages in all: 1",
    );
    expect(streamText(tallied(2, []))).toMatch(/latency unknown: nothing arrived/);
  });
});
