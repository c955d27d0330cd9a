import { expect, test } from "vitest";
import { down, eventually, type FlowTestbed, stably, testbed } from "../../src/index.ts";

const second = "r1:net1--h2:net0";

function routed(): Promise<FlowTestbed> {
  return testbed("routed");
}

test("a stream across the router loses nothing on clean wires, and its latency is told", async () => {
  await using bed = await routed();
  await using stream = await bed.stream("h1:net0", "h2:net0", { rate: 100, drainMs: 20_000 });
  await eventually(() => stream.report().received >= 50);
  await expect(stream).toLoseAtMost({ packets: 0 });
  const { latencyMs, reordered, duplicated } = await stream.stop();
  expect({ reordered, duplicated }).toEqual({ reordered: 0, duplicated: 0 });
  expect(latencyMs.p50).toBeGreaterThan(0);
  expect(latencyMs.p50).toBeLessThanOrEqual(latencyMs.maximum);
});

test("a fault shows as an outage: how many were lost, and for how long", async () => {
  await using bed = await routed();
  const stream = await bed.stream("h1:net0", "h2:net0", { rate: 100, family: "ipv4" });
  await eventually(() => stream.report().received >= 10);
  await bed.wire(second).cut();
  await eventually(async () => (await bed.wire(second).frames()).filter(({ fate }) => fate === "cut").length >= 20);
  await bed.wire(second).mend();
  const { received } = stream.report();
  await eventually(() => stream.report().received >= received + 10);
  const report = await stream.stop();
  expect(report.outages).toHaveLength(1);
  expect(report.longestOutage?.packets).toBe(report.lost);
  expect(report.lost).toBeGreaterThan(0);
  // Sent at 100 a second, but at once after a moment without processor time: how long it was is the recording's to say.
  expect(report.longestOutage?.forMs).toBeGreaterThan(1);

  const failing = expect(stream).toLoseAtMost({ packets: 0, forMs: 1 });
  await expect(failing).rejects.toThrow(
    /^the stream h1:net0 → h2:net0 lost \d+ of \d+ packets, expected at most 0\nthe stream .* lost packets for [\d.]+ ms, expected at most 1 ms[^]*longest outage/,
  );
});

test("delay on a wire before the last shows in the latency", async () => {
  await using bed = await routed();
  await bed.wire("h1:net0--r1:net0").set({ delayMicroseconds: 40_000 });
  await using stream = await bed.stream("h1:net0", "h2:net0", { rate: 50 });
  await eventually(() => stream.report().received >= 20);
  expect((await stream.stop()).latencyMs.p50).toBeGreaterThanOrEqual(40);
});

test("a node itself sends a stream, several flows at once, and what it cannot send counts as lost", async () => {
  await using bed = await routed();
  await using stream = await bed.nodeStream("h1", "h2", { destination: bed.port("h2:net0").ipv6, flows: 3 });
  await eventually(() => stream.report().received >= 60);
  // What is on its way counts as lost until it arrives; each flow may lose the one that asks for the neighbour.
  await eventually(() => stream.report().lost <= 3);
  await bed.whileBroken(down("h1:net0--r1:net0"), async () => {
    await eventually(async () => (await carrier(bed)) === "0");
    // Long enough for a few packets of each flow.
    await stably(10, async () => (await carrier(bed)) === "0");
  });
  const { received } = stream.report();
  await eventually(() => stream.report().received >= received + 60);
  const { lost, outages } = await stream.stop();
  expect(lost).toBeGreaterThanOrEqual(3);
  expect(outages).toHaveLength(3);
  expect([0, 1, 2].map((flow) => stream.report(flow).outages.length)).toEqual([1, 1, 1]);
});

function carrier(bed: FlowTestbed): Promise<string> {
  return bed.node("h1").ask("cat /sys/class/net/net0/carrier");
}
