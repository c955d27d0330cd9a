import { expect, test } from "vitest";
import {
  clockStep,
  cut,
  daemonFrozen,
  down,
  drawCampaign,
  during,
  type FlowTestbed,
  impaired,
  inTurn,
  killed,
  paused,
  repeated,
  seedFor,
  testbed,
  together,
} from "../../src/index.ts";

// The examples of docs/faults.md, word for word (test/flow/fault/documentation.test.ts).

function routed(): Promise<FlowTestbed> {
  return testbed("routed");
}

async function pings(bed: FlowTestbed): Promise<boolean> {
  const target = bed.port("h2:net0").ipv6;
  return (await bed.node("h1").exec(["ping", "-6", "-q", "-c", "1", "-W", "2", target])).exitCode === 0;
}

/** A neighbour that could not be resolved while something was broken is asked for again. */
async function untilPings(bed: FlowTestbed): Promise<void> {
  await bed.node("h1").until(`ping -6 -q -c 1 -W 1 ${bed.port("h2:net0").ipv6}`);
}

test("a fault for the time of some work", async () => {
  await using bed = await routed();
  await bed.whileBroken(cut("h1:net0--r1:net0", { direction: "aToB" }), async () => {
    expect(await pings(bed)).toBe(false);
  });
  await untilPings(bed);
});

test("a fault until the end of a scope", async () => {
  await using bed = await routed();
  await using _fault = await bed.break(impaired("r1:net1--h2:net0", { loss: 1 }));
  expect(await pings(bed)).toBe(false);
});

test("a daemon that hangs", async () => {
  await using bed = await routed();
  const server = bed.port("h2:net0").ipv6;
  await bed.node("h2").ask("iperf3 --server --daemon");
  await bed.node("h2").until("socat /dev/null TCP6:[::1]:5201");
  await bed.whileBroken(daemonFrozen("h2", { process: "iperf3" }), async () => {
    const client = ["iperf3", "-6", "-c", server, "-n", "1K"];
    const { timedOut } = await bed.node("h1").exec(client, { timeoutMs: 2000 });
    expect(timedOut).toBe(true);
  });
  await bed.node("h2").ask("pkill iperf3");
});

test("a schedule", async () => {
  await using bed = await routed();
  await bed.campaign(
    inTurn(
      during(together(paused("r1"), down("r1:net1--h2:net0")), { durationMs: 400 }),
      repeated(during(clockStep("h1", { ms: 5000 }), { startMs: 50, durationMs: 100 }), { times: 2 }),
    ),
  );
  await untilPings(bed);
});

test("a schedule that is refused", async () => {
  await using bed = await routed();
  const schedule = together(
    during(killed("h1"), { durationMs: 500 }),
    during(paused("h1"), { startMs: 100, durationMs: 100 }),
    cut("h1:net0--r1:net1"),
  );
  await expect(bed.break(schedule)).rejects.toThrow(
    'there is no wire h1:net0--r1:net1 (did you mean "h1:net0--r1:net0"?); h1 is killed (0 to 500 ms) and h1 is paused (100 to 200 ms) at once',
  );
});

test("a campaign drawn at random", async () => {
  await using bed = await routed();
  const campaign = drawCampaign(
    seedFor("links and routers"),
    { count: 4, kinds: ["down", "one-way-cut", "impaired", "paused"], never: ["h1"], atOnce: 2 },
    bed.plan,
  );
  await bed.campaign(campaign);
  await untilPings(bed);
});
