import { deployStack } from "../rack/index.ts";
import { type Benchmark, ownTopology, withTestbed } from "./benchmark.ts";
import { nexusFigures } from "./nexus.ts";
import { effectTimes } from "./rack-effect.ts";
import { rackStart } from "./rack-start.ts";
import { median } from "./statistics.ts";

/** Changes of each kind that are measured. */
const changes = 5;
const instances = 8;

/** Racks with their control plane: how long they take to start, how soon a change is in effect, how fast nexus answers. */
export const rack: Benchmark = {
  description:
    "racks: start of one with 8 light instances until two of them at different sleds have spoken, and of two racks of one sled each; from " +
    "the answer to a change (a rule of the firewall, a route, a floating IP, a move) to the first packet that is treated so; reads of " +
    "nexus a second; whom a change concerns in 32 sleds with 1024 instances",
  run: async () => {
    const plan = deployStack(await ownTopology("boundary"));
    const { answer, ...effects } = await withTestbed(plan, {}, (testbed) => effectTimes(testbed, changes));
    const oneRack = await rackStart("one-rack", instances);
    const twoRacks = await rackStart("two-racks", instances, { sleds: 1 });
    const { readsPerSecond, ...simulated } = await nexusFigures();
    return {
      oneRackMs: oneRack.firstPingMs,
      oneRackReadyMs: oneRack.readyMs,
      twoRacksMs: twoRacks.firstPingMs,
      effectMs: Object.fromEntries(
        Object.entries(effects).map(([name, times]) => [
          name,
          { median: Math.round(median(times)), longest: Math.round(Math.max(...times)) },
        ]),
      ),
      answerMs: Math.round(median(answer)),
      nexusReadsPerSecond: readsPerSecond,
      ...simulated,
    };
  },
};
