import { expect, onTestFinished, test } from "vitest";
import {
  cut,
  drawCampaign,
  during,
  type FlowTestbed,
  flapping,
  impaired,
  killed,
  paused,
  seedFor,
  testbed,
  together,
} from "../../src/index.ts";
import { type FlowStep, onStep } from "../../src/flow/timeline.ts";

const [first, second] = ["h1:net0--r1:net0", "r1:net1--h2:net0"];

function routed(): Promise<FlowTestbed> {
  return testbed("routed");
}

/** A neighbour that could not be resolved while something was broken is asked for again. */
async function untilPings(bed: FlowTestbed): Promise<void> {
  await bed.node("h1").until(`ping -6 -q -c 1 -W 1 ${bed.port("h2:net0").ipv6}`);
}

/** The steps of the test from now on. */
function steps(): readonly FlowStep[] {
  const heard: FlowStep[] = [];
  onTestFinished(onStep((step) => heard.push(step)));
  return heard;
}

test("a composed schedule happens in the order of each wire and node, is told step by step, and leaves a path that works", async () => {
  await using bed = await routed();
  const heard = steps();
  await bed.campaign(
    together(
      during(impaired(first, { loss: 0.2, delayMicroseconds: 5000 }), { durationMs: 1700 }),
      during(cut(first, { direction: "bToA" }), { startMs: 150, durationMs: 250 }),
      during(flapping(second, { periodMs: 200, count: 2 }), { startMs: 550 }),
      during(paused("h2"), { startMs: 1050, durationMs: 250 }),
    ),
  );
  const told = heard.filter(({ kind }) => kind === "fault" || kind === "heal");
  expect(told.every(({ outcome, testbed: name }) => outcome === "done" && name === bed.name)).toBe(true);
  // What is done to different targets is done at the same time: on a busy host one may be done before another that began earlier.
  const toldOf = (target: string) =>
    told.filter(({ text }) => text.startsWith(target)).map(({ kind, text }) => `${kind} ${text}`);
  expect(told).toHaveLength(10);
  expect(toldOf(first)).toEqual([
    `fault ${first} is impaired: delay 5 ms, loss 20%`,
    `fault ${first} is cut (bToA)`,
    `heal ${first} is cut (bToA): healed`,
    `heal ${first} is impaired: delay 5 ms, loss 20%: healed`,
  ]);
  const flap = [`fault ${second} is down`, `heal ${second} is down: healed`];
  expect(toldOf(second)).toEqual([...flap, ...flap]);
  expect(toldOf("h2")).toEqual(["fault h2 is paused", "heal h2 is paused: healed"]);
  for (const target of [first, second, "h2"]) {
    const cursors = told.filter(({ text }) => text.startsWith(target)).map(({ cursor }) => cursor ?? Number.NaN);
    expect(cursors).toEqual(cursors.toSorted((a, b) => a - b));
  }
  await untilPings(bed);
});

test("a campaign drawn from a seed ends with a path that works", async () => {
  await using bed = await routed();
  const heard = steps();
  const campaign = drawCampaign(
    seedFor("eight short faults"),
    {
      count: 8,
      kinds: ["down", "flapping", "cut", "one-way-cut", "impaired", "paused", "killed", "clock-step"],
      never: ["h1"],
      atOnce: 2,
      durationMs: { from: 200, to: 600 },
      quietMs: { from: 100, to: 400 },
    },
    bed.plan,
  );
  await bed.campaign(campaign);
  expect(heard.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  expect(heard.filter(({ kind }) => kind === "heal").length).toBeGreaterThanOrEqual(8);
  await untilPings(bed);
});

test("a campaign that is called off in the middle is healed at once", async () => {
  await using bed = await routed();
  const stop = new AbortController();
  const running = bed.campaign(during(together(cut(first), killed("r1")), { durationMs: 60_000 }), {
    signal: stop.signal,
  });
  await expect.poll(async () => (await bed.wire(first).status()).aToB.settings.cut).toBe(true);
  stop.abort(new Error("enough"));
  await expect(running).rejects.toThrow("enough");
  await untilPings(bed);
});
