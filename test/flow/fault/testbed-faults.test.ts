import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  cut,
  down,
  during,
  type FaultSchedule,
  flapping,
  impaired,
  inTurn,
  killed,
  paused,
  powerCycled,
  together,
} from "../../../src/flow/fault/index.ts";
import { type FlowStep, onStep } from "../../../src/flow/timeline.ts";
import { checkedWindows } from "../../../src/flow/fault/schedule-problems.ts";
import { firstWire as wire, plan, RoutedBed } from "../routed-bed.ts";
import { NotedTestbed } from "./noted-testbed.ts";
import { anyFault, schedulesOf } from "./schedules.ts";

/** Carry out a schedule by a virtual clock; what was asked, when. */
async function askedDuring(schedule: FaultSchedule): Promise<readonly string[]> {
  const testbed = new NotedTestbed();
  const campaign = testbed.faults.campaign(schedule);
  await testbed.clock.advanceTo(10_000);
  await campaign;
  return testbed.asked;
}

const machineOrWireFault = anyFault.filter(({ kind }) => kind !== "clock-step");

function isPossible(schedule: FaultSchedule): boolean {
  try {
    checkedWindows(schedule, plan);
    return true;
  } catch {
    return false;
  }
}

function failing(message: string): () => Promise<void> {
  return () => Promise.reject(new Error(message));
}

describe("a campaign", () => {
  it("does everything in its time, and heals in its time", async () => {
    const schedule = together(
      during(paused("h1"), { startMs: 30, durationMs: 40 }),
      during(flapping(wire, { periodMs: 20, count: 2 }), { startMs: 25 }),
      during(powerCycled("h2"), { startMs: 100, durationMs: 100 }),
    );
    expect(await askedDuring(schedule)).toEqual([
      `25 ${wire} down`,
      "30 h1 pause",
      `35 ${wire} up`,
      `45 ${wire} down`,
      `55 ${wire} up`,
      "70 h1 resume",
      "100 h2 power-cycle",
    ]);
  });

  it("keeps the union of overlapping faults of a wire until the last is healed", async () => {
    const schedule = together(
      during(impaired(wire, { loss: 0.5 }, { direction: "aToB" }), { durationMs: 40 }),
      during(impaired(wire, { loss: 0.5 }, { direction: "aToB" }), { startMs: 10, durationMs: 10 }),
      during(down(wire), { startMs: 20, durationMs: 20 }),
      during(down(wire), { startMs: 30, durationMs: 30 }),
    );
    expect(await askedDuring(schedule)).toEqual([
      `0 ${wire} aToB {"loss":0.5}`,
      `10 ${wire} aToB {"loss":0.75}`,
      `20 ${wire} aToB {"loss":0.5}`,
      `20 ${wire} down`,
      `40 ${wire} aToB {"loss":0}`,
      `60 ${wire} up`,
    ]);
  });

  it("waits with a machine until it is done with it, and with nothing else", async () => {
    const testbed = new NotedTestbed();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    testbed.instead.set("h1 power-cycle", () => promise);
    const campaign = testbed.faults.campaign(
      together(
        powerCycled("h1"),
        during(paused("h1"), { startMs: 10, durationMs: 10 }),
        during(paused("h2"), { startMs: 10, durationMs: 10 }),
      ),
    );
    await testbed.clock.advanceTo(50);
    resolve(undefined);
    await campaign;
    expect(testbed.asked).toEqual(["0 h1 power-cycle", "10 h2 pause", "20 h2 resume", "50 h1 pause", "50 h1 resume"]);
  });

  it("is refused when it would never end, or breaks what is broken already; then nothing is asked", async () => {
    const testbed = new NotedTestbed();
    await expect(testbed.faults.campaign(inTurn(during(cut(wire), { durationMs: 5 }), cut(wire)))).rejects.toThrow(
      `${wire} is cut, but nothing heals it: give it a durationMs`,
    );
    await expect(
      testbed.faults.campaign(during(together(killed("h1"), killed("h1")), { durationMs: 5 })),
    ).rejects.toThrow("h1 is killed (0 to 5 ms) and h1 is killed (0 to 5 ms) at once");
    expect(testbed.asked).toEqual([]);
    await using _fault = await testbed.faults.start(killed("h1"));
    await expect(testbed.faults.start(during(killed("h1"), { startMs: 100 }))).rejects.toThrow(
      /h1 is killed .* at once/,
    );
  });

  it("ends and heals when its signal is aborted", async () => {
    const testbed = new NotedTestbed();
    const stop = new AbortController();
    const campaign = testbed.faults.campaign(during(paused("h1"), { durationMs: 100 }), stop.signal);
    await testbed.clock.advanceTo(10);
    stop.abort(new Error("enough"));
    await expect(campaign).rejects.toThrow("enough");
    expect(testbed.asked).toEqual(["0 h1 pause", "10 h1 resume"]);
  });

  it("ends and heals when a fault cannot be begun", async () => {
    const testbed = new NotedTestbed();
    testbed.instead.set("h2 pause", failing("h2 will not"));
    const campaign = testbed.faults.campaign(
      together(
        during(cut(wire, { direction: "aToB" }), { durationMs: 90 }),
        during(paused("h2"), { startMs: 10, durationMs: 10 }),
        during(paused("h1"), { startMs: 50, durationMs: 10 }),
      ),
    );
    void testbed.clock.advanceTo(100);
    await expect(campaign).rejects.toThrow("h2 will not");
    expect(testbed.asked).toEqual([`0 ${wire} aToB {"cut":true}`, "10 h2 pause", `10 ${wire} aToB {"cut":false}`]);
  });
});

describe("what is broken", () => {
  it("stays so until it is disposed of, and the youngest is healed first", async () => {
    const testbed = new NotedTestbed();
    {
      await using _outer = await testbed.faults.start(cut(wire, { direction: "aToB" }));
      await using _inner = await testbed.faults.start(paused("h1"));
      await using _last = await testbed.faults.start(paused("h2"));
      await testbed.clock.advanceTo(1e9);
    }
    expect(testbed.asked.map((each) => each.replace(/^\d+ /, ""))).toEqual([
      `${wire} aToB {"cut":true}`,
      "h1 pause",
      "h2 pause",
      "h2 resume",
      "h1 resume",
      `${wire} aToB {"cut":false}`,
    ]);
  });

  it("is not begun any more when it is disposed of before its time", async () => {
    const testbed = new NotedTestbed();
    {
      await using _fault = await testbed.faults.start(together(paused("h1"), during(paused("h2"), { startMs: 10 })));
    }
    await testbed.clock.advanceTo(100);
    expect(testbed.asked).toEqual(["0 h1 pause", "0 h1 resume"]);
  });

  it("is not begun any more when it waits for its turn until the end", async () => {
    const testbed = new NotedTestbed();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    testbed.instead.set("h1 power-cycle", () => promise);
    const starting = testbed.faults.start(together(powerCycled("h1"), during(paused("h1"), { startMs: 10 })));
    await testbed.clock.advanceTo(20);
    const healing = testbed.faults.healAll();
    resolve(undefined);
    await healing;
    await expect(starting).rejects.toThrow("it was ended before");
    expect(testbed.asked).toEqual(["0 h1 power-cycle"]);
  });

  it("is healed as far as can be, and all that could not be is named", async () => {
    const testbed = new NotedTestbed();
    testbed.instead.set("h2 resume", failing("h2 sleeps"));
    testbed.instead.set(`${wire} up`, failing("the carrier is lost"));
    const run = await testbed.faults.start(together(paused("h1"), down(wire), paused("h2")));
    const errors = [new Error("h2 sleeps"), new Error("the carrier is lost")];
    const error: unknown = await run.heal().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toHaveProperty("errors", expect.arrayContaining(errors));
    expect(testbed.asked.filter((each) => /resume|up/.test(each)).toSorted()).toEqual([
      "0 h1 resume",
      `0 ${wire} up`,
      "0 h2 resume",
    ]);
  });

  it("is whole again, whatever the schedule, whenever it is ended, and whatever could not be begun", async () => {
    let broken = 0;
    await fc.assert(
      fc.asyncProperty(schedulesOf(machineOrWireFault), fc.nat(1500), fc.boolean(), async (schedule, endMs, fails) => {
        fc.pre(isPossible(schedule));
        const testbed = new NotedTestbed();
        if (fails) testbed.instead.set("h2 pause", failing("h2 will not"));
        const run = await testbed.faults.start(schedule).catch(() => undefined);
        await testbed.clock.advanceTo(endMs);
        if (!testbed.isWhole) broken += 1;
        await run?.heal().catch(() => undefined);
        await testbed.clock.advanceTo(endMs + 10_000);
        expect(testbed.isWhole).toBe(true);
      }),
      { numRuns: 200, seed: 1 },
    );
    expect(broken).toBeGreaterThan(20);
  });

  it("is left alone when the flow has healed it itself", async () => {
    const testbed = new NotedTestbed();
    const run = await testbed.faults.start(killed("h1"));
    await testbed.bed.testbed.node("h1").act("start");
    await run.heal();
    expect(testbed.asked).toEqual(["0 h1 kill", "0 h1 start"]);
  });

  it("is gone with its wire", async () => {
    await using routed = await RoutedBed.open();
    const run = await routed.bed.break(cut(wire));
    await routed.panel.removeWire(wire);
    await run.heal();
    await expect(routed.bed.break(cut(wire))).rejects.toThrow("found that it has been removed");
  });

  it("is gone with its testbed", async () => {
    const testbed = new NotedTestbed();
    testbed.instead.set("h1 resume", failing("nobody answers"));
    const run = await testbed.faults.start(paused("h1"));
    testbed.alive = false;
    await run.heal();
    expect(testbed.asked).toEqual(["0 h1 pause", "0 h1 resume"]);
  });

  it("can be broken again once it is healed", async () => {
    const testbed = new NotedTestbed();
    for (let turn = 0; turn < 2; turn += 1) await (await testbed.faults.start(killed("h1"))).heal();
    expect(testbed.asked).toEqual(["0 h1 kill", "0 h1 start", "0 h1 kill", "0 h1 start"]);
  });

  it("is told, begin and heal, with the fault and what went wrong", async () => {
    const testbed = new NotedTestbed();
    const steps: FlowStep[] = [];
    onTestFinished(onStep((step) => steps.push(step)));
    testbed.instead.set("h1 resume", failing("h1 sleeps"));
    await expect((await testbed.faults.start(paused("h1"))).heal()).rejects.toThrow("h1 sleeps");
    expect(steps.map(({ kind, text, outcome, detail }) => ({ kind, text, outcome, detail }))).toEqual([
      { kind: "fault", text: "h1 is paused", outcome: "done", detail: paused("h1") },
      { kind: "heal", text: "h1 is paused: not healed: h1 sleeps", outcome: "failed", detail: paused("h1") },
    ]);
  });
});

describe("a flow's testbed", () => {
  it("is healed before it is given back, and given back also when it cannot be healed", async () => {
    for (const heals of [true, false]) {
      const testbed = new NotedTestbed();
      if (!heals) testbed.instead.set("h1 resume", failing("h1 sleeps"));
      await testbed.bed.break(paused("h1"));
      const disposal = testbed.bed[Symbol.asyncDispose]();
      if (heals) await disposal;
      else await expect(disposal).rejects.toThrow("h1 sleeps");
      expect(testbed.asked.slice(-2)).toEqual(["0 h1 resume", "given back"]);
    }
  });

  it("is healed when the work throws", async () => {
    const testbed = new NotedTestbed();
    const work = () => Promise.reject(new Error("the flow failed"));
    await expect(testbed.bed.whileBroken(paused("h1"), work)).rejects.toThrow("the flow failed");
    expect(testbed.asked).toEqual(["0 h1 pause", "0 h1 resume"]);
  });

  it("tells what the work threw and what could not be healed", async () => {
    const testbed = new NotedTestbed();
    testbed.instead.set("h1 resume", failing("h1 sleeps"));
    const work = () => Promise.reject(new Error("the flow failed"));
    await expect(testbed.bed.whileBroken(paused("h1"), work)).rejects.toHaveProperty("errors", [
      new Error("the flow failed"),
      new Error("h1 sleeps"),
    ]);
  });

  it("has its real wires broken and healed by the panel", async () => {
    await using routed = await RoutedBed.open();
    const { bed } = routed;
    const settings = async () => {
      const { up, aToB, bToA } = await bed.wire(wire).status();
      return [up, aToB.settings.cut, bToA.settings.cut, aToB.settings.loss, bToA.settings.loss];
    };
    const clean = await settings();
    await bed.whileBroken(together(cut(wire, { direction: "bToA" }), impaired(wire, { loss: 0.5 })), async () => {
      expect(await settings()).toEqual([true, false, true, 0.5, 0.5]);
      await bed.whileBroken(
        together(down(wire), cut(wire), impaired(wire, { loss: 1 }, { direction: "aToB" })),
        async () => {
          expect(await settings()).toEqual([false, true, true, 1, 0.5]);
        },
      );
      expect(await settings()).toEqual([true, false, true, 0.5, 0.5]);
    });
    expect(await settings()).toEqual(clean);
  });
});
