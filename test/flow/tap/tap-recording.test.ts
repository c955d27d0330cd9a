import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readLastWords } from "../../../src/flow/tap/last-words.ts";
import { TapRecording } from "../../../src/flow/tap/tap-recording.ts";

const frameAt = (time: number, bytes = 1) => ({
  timestampNanoseconds: BigInt(time),
  frame: Buffer.alloc(bytes),
  originalLength: bytes,
});

describe("TapRecording", () => {
  test("what was seen before the clock was read is before the send, however late it arrives", () => {
    // Frames are seen at strictly growing times of the node; a send lies between two of them, after some have arrived.
    const schedule = fc
      .uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 12 })
      .map((times) => times.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 1001 }), fc.nat(12), (times, sendAt, arrivedBefore) => {
        const recording = new TapRecording();
        const before = times.filter((time) => time < sendAt).length;
        const arrived = Math.min(arrivedBefore, before);
        for (const time of times.slice(0, arrived)) recording.add(frameAt(time));
        recording.note(100, { arrived: recording.arrived, guestTime: BigInt(sendAt) });
        for (const time of times.slice(arrived)) recording.add(frameAt(time));
        expect(recording.startOf(100)).toBe(before);
      }),
      { seed: 20261127 },
    );
  });

  test("a clock that is stepped back afterwards hides nothing", () => {
    const recording = new TapRecording();
    recording.note(5, { arrived: 0, guestTime: 1000n });
    for (const time of [999, 1000, 10, 20]) recording.add(frameAt(time));
    expect(recording.startOf(5)).toBe(1);
    expect(recording.from(recording.startOf(5)).map(({ guestTime }) => Number(guestTime))).toEqual([1000, 10, 20]);
  });

  test("of several sends the last one at or before the cursor counts", () => {
    const recording = new TapRecording();
    recording.add(frameAt(1));
    recording.note(10, { arrived: 1, guestTime: 2n });
    recording.add(frameAt(3));
    recording.note(20, { arrived: 2, guestTime: 4n });
    recording.add(frameAt(5));
    expect([0, 9, 10, 15, 20, 99].map((cursor) => recording.startOf(cursor))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test("is bounded: the oldest frames give way", () => {
    const recording = new TapRecording(10);
    for (let time = 0; time < 6; time += 1) recording.add(frameAt(time, 3));
    expect(recording.oldest).toBe(3);
    expect(recording.arrived).toBe(6);
    expect(recording.from(0).map(({ ordinal }) => ordinal)).toEqual([3, 4, 5]);
  });
});

describe("readLastWords", () => {
  test("reads what tcpdump counted", () => {
    const words = "listening on x\n12 packets captured\n15 packets received by filter\n3 packets dropped by kernel\n";
    expect(readLastWords(words)).toEqual({ captured: 12, received: 15, dropped: 3 });
    expect(readLastWords("1 packet captured\n1 packet received by filter\n0 packets dropped by kernel\n")).toEqual({
      captured: 1,
      received: 1,
      dropped: 0,
    });
    expect(readLastWords("killed")).toBeUndefined();
  });
});
