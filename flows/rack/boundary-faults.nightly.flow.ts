import { expect, test } from "vitest";
import {
  cut,
  daemonFrozen,
  daemonKilled,
  down,
  type FaultSchedule,
  type FlowTestbed,
  killed,
  together,
} from "../../src/index.ts";
import { NexusClient } from "../../src/rack/index.ts";
import { boundaryOfFile, outside, pingFrom, reachedBy, runningInstance, wayOut, within } from "./boundary.ts";
import { InstanceProbe, instanceResets } from "./instance-probe.ts";

const timeout = 900_000;
const both = ["qsfp0", "qsfp1"];
const boundary = boundaryOfFile();

/** What is broken, until traffic and routes are as `during` says; and what it may cost an instance that talks to the internet. */
interface Breakage {
  readonly fault: FaultSchedule;
  /** What has to hold before it is healed. */
  readonly during?: (bed: FlowTestbed) => Promise<void>;
  /** Whether packets may be lost at all. */
  readonly costs: boolean;
}

/** The customer's side has seen it too: answers come by the other router. */
async function onlyBy(bed: FlowTestbed, uplink: "qsfp0" | "qsfp1"): Promise<void> {
  await reachedBy(bed, [uplink]);
  const gone = uplink === "qsfp0" ? "10.0.2.1" : "10.0.1.1";
  await bed.node("internet").until(`! ip route show 198.51.100.0/26 | grep -qF ${gone}`, { within });
}

const breakages: Readonly<Record<string, Breakage>> = {
  "an uplink without carrier": {
    fault: down("t1:qsfp0--c1:net0"),
    during: (bed) => onlyBy(bed, "qsfp1"),
    costs: true,
  },
  "a customer's router without power": { fault: killed("c1"), during: (bed) => onlyBy(bed, "qsfp1"), costs: true },
  "a silent uplink": { fault: cut("t1:qsfp1--c2:net0"), during: (bed) => onlyBy(bed, "qsfp0"), costs: true },
  "the only switch without power": {
    fault: killed("t1"),
    during: async (bed) => {
      await bed.node("internet").until("! ip route show 198.51.100.0/26 | grep -q .", { within });
    },
    costs: true,
  },
  "nexus and both sled-agents frozen": {
    fault: together(
      daemonFrozen("s1", { service: "nexusd" }),
      daemonFrozen("s1", { service: "sled-agent" }),
      daemonFrozen("s2", { service: "sled-agent" }),
    ),
    costs: false,
  },
  "nexus killed": { fault: daemonKilled("s1", { service: "nexusd" }), costs: false },
  "a name server killed": { fault: daemonKilled("s2", { service: "dnsd" }), costs: false },
  "mgd killed": { fault: daemonKilled("t1", { service: "mgd" }), costs: false },
  "dpd killed": { fault: daemonKilled("t1", { service: "dpd" }), costs: false },
};

test.for(Object.keys(breakages))(
  "R04 R42 R48: %s: what it costs an instance that talks to the internet, and its connection goes on",
  { timeout },
  async (name, { annotate }) => {
    const { fault, during, costs } = breakages[name] ?? expect.unreachable();
    const bed = await boundary();
    const web = await runningInstance(bed, await NexusClient.of(bed.testbed), "web");
    await reachedBy(bed, both);
    const resets = await instanceResets(bed, web);
    await using probe = await InstanceProbe.start(bed, web);
    await bed.whileBroken(fault, async () => {
      await during?.(bed);
      // By the only switch there is nothing to wait for.
      if (name !== "the only switch without power") await probe.goesOn(50);
    });
    await reachedBy(bed, both);
    await probe.goesOn(50);
    await probe.connectionLives("after");
    const { answered, lost, longestMs } = probe.losses();
    const told = `${lost} of ${answered + lost} echo requests lost, for ${longestMs} ms at most`;
    await annotate(told);
    console.log(`${name}: ${told}`);
    if (!costs) expect(lost, "echo requests lost").toBe(0);
    expect(await instanceResets(bed, web), "TCP resets").toBe(resets);
  },
);

test("while one of two ways is gone packets take the other, over every wire", { timeout }, async () => {
  const bed = await boundary();
  const web = await runningInstance(bed, await NexusClient.of(bed.testbed), "web");
  await reachedBy(bed, both);
  await bed.whileBroken(down("t1:qsfp0--c1:net0"), async () => {
    await onlyBy(bed, "qsfp1");
    const sled = bed.node(web.sled);
    const out = await sled.trace(pingFrom(web, outside), { to: "internet", match: { geneve: {} } });
    expect(out).toTraverse(wayOut(web, "198.51.100.0", "c2"), { exactly: true });
    expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);
  });
  await reachedBy(bed, both);
});
