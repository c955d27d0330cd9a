import { describe, expect, onTestFinished, test } from "vitest";
import {
  cut,
  down,
  during,
  ethernet,
  eventually,
  flapping,
  type FlowTestbed,
  impaired,
  type Impairment,
  ipv6,
  packet,
  payload,
  type Sighting,
  testbed,
  together,
  udp,
} from "../../src/index.ts";
import { onStep } from "../../src/flow/timeline.ts";

const wire = "h1:net0--h2:net0";

function twoHosts(): Promise<FlowTestbed> {
  return testbed("two-hosts");
}

function ping(bed: FlowTestbed, ...options: readonly string[]) {
  return bed.node("h1").exec(["ping", "-6", "-q", ...options, bed.port("h2:net0").ipv6]);
}

async function expectHealed(bed: FlowTestbed): Promise<void> {
  const status = await bed.wire(wire).status();
  const [planned] = bed.plan.wires;
  expect([status.up, status.aToB.settings, status.bToA.settings]).toEqual([true, planned?.aToB, planned?.bToA]);
  // A neighbour that could not be resolved while the wire was broken is asked for again.
  await bed.node("h1").until(`ping -6 -q -c 1 -W 1 ${bed.port("h2:net0").ipv6}`);
}

/** Have h1 send datagrams to the discard port of h2. */
async function send(bed: FlowTestbed, count: number): Promise<readonly Sighting[]> {
  const [h1, h2] = [bed.port("h1:net0"), bed.port("h2:net0")];
  const since = await bed.mark();
  for (let number = 0; number < count; number += 1) {
    await h1.send(
      packet(
        ethernet({ src: h1.mac, dst: h2.mac }),
        ipv6({ src: h1.ipv6, dst: h2.ipv6 }),
        udp({ srcPort: 4000, dstPort: 9 }),
        payload("kestrel ".repeat(50)),
      ),
    );
  }
  return (await bed.wire(wire).frames(since)).filter(({ packet: seen }) => seen.find("udp")?.srcPort === 4000);
}

test("a wire that is down has no carrier at both ends, and gets it back", async () => {
  await using bed = await twoHosts();
  const carriers = (carrier: 0 | 1) =>
    Promise.all(
      ["h1", "h2"].map((node) => bed.node(node).until(`test $(cat /sys/class/net/net0/carrier) = ${carrier}`)),
    );
  await bed.whileBroken(down(wire), () => carriers(0));
  await carriers(1);
  await expectHealed(bed);
});

test("a wire that flaps loses its carrier as often as it is told to", async () => {
  await using bed = await twoHosts();
  const steps: string[] = [];
  onTestFinished(onStep(({ kind, outcome }) => steps.push(`${kind} ${outcome}`)));
  const changes = async () => Number(await bed.node("h2").ask("cat /sys/class/net/net0/carrier_changes"));
  const before = await changes();
  await bed.campaign(flapping(wire, { periodMs: 800, count: 3 }));
  const told = steps.filter((step) => /^(fault|heal) /.test(step));
  expect(told).toEqual(Array(3).fill(["fault done", "heal done"]).flat());
  await bed.node("h2").until("test $(cat /sys/class/net/net0/carrier) = 1");
  // A guest that got no processor during a whole flap has not seen it; what it saw are losses and returns in turn.
  const seen = (await changes()) - before;
  expect([2, 4, 6]).toContain(seen);
  await expectHealed(bed);
});

test("a cut is silence with a carrier, both ways or one way", async () => {
  await using bed = await twoHosts();
  await bed.whileBroken(cut(wire), async () => {
    expect((await ping(bed, "-c", "1", "-W", "1")).exitCode).toBe(1);
    expect(await bed.node("h1").ask("cat /sys/class/net/net0/carrier")).toBe("1");
  });
  await expectHealed(bed);
  await bed.whileBroken(cut(wire, { direction: "bToA" }), async () => {
    expect((await ping(bed, "-c", "1", "-W", "1")).exitCode).toBe(1);
    await expect(bed.wire(wire)).toCarry([
      { from: "h1:net0", icmpv6: { message: "echo-request" } },
      { from: "h2:net0", icmpv6: { message: "echo-reply" }, fate: "cut" },
    ]);
  });
  await expectHealed(bed);
});

describe("an impaired wire", () => {
  test.for<readonly [string, Impairment, (seen: Sighting) => boolean]>([
    ["loses", { loss: 1 }, ({ fate }) => fate === "loss"],
    ["duplicates", { duplicate: 1 }, ({ marks }) => marks.includes("duplicated")],
    ["corrupts", { corrupt: 1 }, ({ marks }) => marks.includes("corrupted")],
    ["refuses what is too long", { mtuBytes: 300 }, ({ fate }) => fate === "mtu"],
    [
      "drops what does not fit its queue",
      { queueBytes: 100, rateBitsPerSecond: 1_000_000 },
      ({ fate }) => fate === "queue",
    ],
  ])("%s", async ([, settings, isBroken]) => {
    await using bed = await twoHosts();
    await bed.whileBroken(impaired(wire, settings, { direction: "aToB" }), async () => {
      expect((await send(bed, 3)).map(isBroken)).toEqual([true, true, true]);
    });
    expect((await send(bed, 3)).map(isBroken)).toEqual([false, false, false]);
    await expectHealed(bed);
  });

  test("has frames overtake each other", async () => {
    await using bed = await twoHosts();
    await bed.whileBroken(
      impaired(wire, { delayMicroseconds: 500_000, reorder: 0.5 }, { direction: "aToB" }),
      async () => {
        const reordered = (await send(bed, 20)).filter(({ marks }) => marks.includes("reordered"));
        // All or none of 19 would be one seed in 260 000; the draws are the same in every run.
        expect(reordered.length).toBeGreaterThan(0);
        expect(reordered.length).toBeLessThan(20);
      },
    );
    await expectHealed(bed);
  });

  test.for<readonly [string, Impairment, number]>([
    ["delays", { delayMicroseconds: 80_000 }, 160],
    // 1000 bytes and their headers take 84 ms at 100 kbit/s, each way.
    ["is slow", { rateBitsPerSecond: 100_000 }, 160],
  ])("%s", async ([, settings, leastMs]) => {
    await using bed = await twoHosts();
    const fastest = async () =>
      Number(/= ([\d.]+)\//.exec((await ping(bed, "-c", "3", "-s", "1000", "-i", "0.3")).stdout)?.[1]);
    expect(await bed.whileBroken(impaired(wire, settings), fastest)).toBeGreaterThanOrEqual(leastMs);
    // On a busy host a ping may take as long without a fault; with it, none could be faster.
    await eventually(async () => (await fastest()) < leastMs);
  });

  test("jitters", async () => {
    await using bed = await twoHosts();
    await bed.whileBroken(impaired(wire, { jitterMicroseconds: 200_000 }), async () => {
      const { stdout } = await ping(bed, "-c", "10", "-i", "0.3");
      const [, fastest, slowest] = /= ([\d.]+)\/[\d.]+\/([\d.]+)\//.exec(stdout) ?? [];
      expect(Number(slowest) - Number(fastest)).toBeGreaterThan(50);
    });
    await expectHealed(bed);
  });
});

test("faults that overlap on one wire hold until each is healed, and the wire is then as it was", async () => {
  await using bed = await twoHosts();
  const seen: unknown[] = [];
  const note = async () => {
    const { up, aToB, bToA } = await bed.wire(wire).status();
    seen.push([up, aToB.settings.cut, aToB.settings.loss, bToA.settings.loss]);
  };
  {
    await using _outer = await bed.break(together(cut(wire, { direction: "aToB" }), impaired(wire, { loss: 0.5 })));
    await note();
    await bed.whileBroken(together(down(wire), impaired(wire, { loss: 0.5 }, { direction: "bToA" })), note);
    await note();
  }
  expect(seen).toEqual([
    [true, true, 0.5, 0.5],
    [false, true, 0.5, 0.75],
    [true, true, 0.5, 0.5],
  ]);
  await expectHealed(bed);
});

test("a flow that throws in the middle of a fault hands on a healed testbed", async () => {
  const flow = async () => {
    await using bed = await twoHosts();
    await using _fault = await bed.break(together(during(down(wire), { startMs: 1, durationMs: 60_000 }), cut(wire)));
    await bed.whileBroken(impaired(wire, { loss: 1 }), () => Promise.reject(new Error("the flow failed")));
  };
  await expect(flow()).rejects.toThrow("the flow failed");
  await using bed = await twoHosts();
  await expectHealed(bed);
});

test("a schedule that is wrong breaks nothing", async () => {
  await using bed = await twoHosts();
  await expect(bed.break(together(cut(wire), cut("h1:net0--h3:net0"), cut("r2:net0")))).rejects.toThrow(
    /there is no wire h1:net0--h3:net0 \(did you mean "h1:net0--h2:net0"\?\); there is no wire r2:net0/,
  );
  await expectHealed(bed);
});
