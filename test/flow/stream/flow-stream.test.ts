import { afterAll, beforeAll, expect, test } from "vitest";
import "../../../src/flow/matchers.ts";
import type { FlowStream } from "../../../src/flow/stream/flow-stream.ts";
import { eventually } from "../../../src/flow/wait/eventually.ts";
import { firstWire, RoutedBed } from "../routed-bed.ts";

let routed: RoutedBed;

beforeAll(async () => {
  routed = await RoutedBed.open();
});
afterAll(() => routed[Symbol.asyncDispose]());

test("a stream over a wire that is cut for a while tells how many packets were lost, and for how long", async () => {
  const { bed } = routed;
  const stream = await bed.stream("h1:net0", "r1:net0", { rate: 500, drainMs: 3000 });
  await eventually(() => stream.report().received > 20);
  await bed.wire(firstWire).cut();
  await eventually(() => stream.report().lost > 20);
  await bed.wire(firstWire).mend();
  const { received } = stream.report();
  await eventually(() => stream.report().received > received + 20);
  const report = await stream.stop();

  expect(report.outages).toHaveLength(1);
  const [outage] = report.outages;
  expect(outage?.packets).toBe(report.lost);
  // 500 a second: two milliseconds each, more where the timer was late.
  expect(outage?.forMs).toBeGreaterThan(report.lost);
  expect(report).toMatchObject({ sent: report.received + report.lost, duplicated: 0, reordered: 0 });
  await expect(stream).toLoseAtMost({ packets: report.lost });
  await expect(expect(stream).toLoseAtMost({ packets: 5, forMs: 1 })).rejects.toThrow(
    /^the stream h1:net0 → r1:net0 lost \d+ of \d+ packets, expected at most 5\nthe stream h1:net0 → r1:net0 lost packets for [\d.]+ ms, expected at most 1 ms\n\nsent/,
  );
});

test("a wire that duplicates shows in the figures", async () => {
  const { bed } = routed;
  await bed.wire(firstWire).set({ duplicate: 1 });
  await using stream = await bed.stream("h1:net0", "r1:net0", { rate: 500 });
  await eventually(() => stream.report().received >= 10);
  const { duplicated, received, lost } = await stream.stop();
  expect({ duplicated, lost }).toEqual({ duplicated: received, lost: 0 });
  await bed.wire(firstWire).set({ duplicate: 0 });
});

test("a stream that cannot be sent says why", async () => {
  const { bed } = routed;
  await expect(bed.stream("h1:net0", "h3:net0")).rejects.toThrow(/no such port/);
  await expect(bed.stream("h1:net0", "r1:net0", { rate: 0 })).rejects.toThrow(/rate: expected a number above 0/);
  await expect(bed.stream("h1:net0", "r1:net0", { payloadBytes: 3 })).rejects.toThrow(/at least 16/);
});

// The last: its testbed's flow has failed for good.
test("a stream ends with its scope, also when the flow has failed meanwhile", async () => {
  const { bed } = routed;
  let stream: FlowStream | undefined;
  const flow = async (): Promise<void> => {
    await using mine = await bed.stream("h1:net0", "r1:net0", { rate: 500, drainMs: 50 });
    stream = mine;
    using _invariant = bed.invariant("never holds", () => false);
    await eventually(() => mine.report().received >= 5);
    await mine.stop();
  };
  await expect(flow()).rejects.toThrow(/watch an invariant: never holds/);
  const sent = stream?.report().sent ?? 0;
  expect(sent).toBeGreaterThanOrEqual(5);
  // Whatever was sent later would be in the recording by now.
  const frames = await bed.wire(firstWire).frames();
  expect(frames.length).toBe(sent);
});
