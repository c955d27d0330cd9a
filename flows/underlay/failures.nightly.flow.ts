import { beforeAll, expect, test } from "vitest";
import {
  cut,
  daemonKilled,
  down,
  type FlowTestbed,
  killed,
  type Plan,
  readTopology,
  testbed,
} from "../../src/index.ts";
import { type Breakage, type Endpoint, losses, lossesWhile, tcpResets } from "./fabric.ts";

const sled0: Endpoint = { node: "rack0-sled0", address: "fd00:1122:3344:101::1" };
const sled1: Endpoint = { node: "rack0-sled1", address: "fd00:1122:3344:102::1" };
const pair = [sled0, sled1] as const;
/** The wires of the first switch that packets between the two cross. */
const toSwitch0 = "rack0-sled0:net0--rack0-switch0:rear0";
const fromSwitch0 = "rack0-sled1:net0--rack0-switch0:rear1";
/** What a lost carrier may cost, and a silence that nobody announces: milliseconds. */
const carrierMs = 1000;
const silenceMs = 7000;

let plan: Plan;

beforeAll(async () => {
  plan = await readTopology("topologies/one-rack.yaml", { parameters: { sleds: 3 } });
});

function rack(): Promise<FlowTestbed> {
  return testbed(plan);
}

/** What is broken, and what flows over it may lose; those of the other switch lose nothing. */
const breakages: Readonly<Record<string, Breakage & { readonly outageMs: number }>> = {
  "a sled's wire without carrier": {
    fault: down(toSwitch0),
    ...{ brokenWires: [toSwitch0], forMs: 4000, outageMs: carrierMs },
  },
  "a silent wire": {
    fault: cut(toSwitch0),
    ...{ brokenWires: [toSwitch0], forMs: 10_000, outageMs: silenceMs },
  },
  "a wire that is silent towards the switch": {
    fault: cut(toSwitch0, { direction: "aToB" }),
    ...{ brokenWires: [toSwitch0], forMs: 10_000, outageMs: silenceMs },
  },
  "a wire that is silent towards the sled": {
    fault: cut(toSwitch0, { direction: "bToA" }),
    ...{ brokenWires: [toSwitch0], forMs: 10_000, outageMs: silenceMs },
  },
  "a switch without power": {
    fault: killed("rack0-switch0"),
    ...{ brokenWires: [toSwitch0, fromSwitch0], forMs: 10_000, outageMs: silenceMs },
  },
  "a switch whose ddmd was killed": {
    fault: daemonKilled("rack0-switch0", { service: "ddmd" }),
    ...{ brokenWires: [], forMs: 8000, outageMs: 0 },
  },
  "a switch whose dpd was killed": {
    fault: daemonKilled("rack0-switch0", { service: "dpd" }),
    ...{ brokenWires: [], forMs: 8000, outageMs: 0 },
  },
  "another sled without power": { fault: killed("rack0-sled2"), ...{ brokenWires: [], forMs: 8000, outageMs: 0 } },
};

test.for(Object.keys(breakages))(
  "R02 R03 R04: %s: the others' traffic goes on",
  { timeout: 600_000 },
  async (name, { annotate }) => {
    const { outageMs, ...breakage } = breakages[name] ?? expect.unreachable();
    await using bed = await rack();
    const resets = () => Promise.all(pair.map(({ node }) => tcpResets(bed, node)));
    const before = await resets();
    const lost = await lossesWhile(bed, pair, breakage);
    await annotate(losses(lost));
    console.log(name, losses(lost));
    expect(lost.untouched.packets, "packets lost by flows whose way was not touched").toBe(0);
    expect(lost.touched.longestMs, "longest outage of a flow whose way was broken, milliseconds").toBeLessThanOrEqual(
      outageMs,
    );
    expect(await resets(), "TCP resets").toEqual(before);
  },
);
