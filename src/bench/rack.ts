import { deployStack } from "../rack/index.ts";
import { readTopology } from "../topology/index.ts";
import { type Benchmark, withTestbed } from "./benchmark.ts";
import { fabricFigures } from "./fabric.ts";
import { nexusFigures } from "./nexus.ts";
import { effectTimes } from "./rack-effect.ts";
import { median } from "./statistics.ts";

/** Changes of a firewall rule that are measured. */
const changes = 9;

/** Racks with their control plane: how long they take to start, how soon a change is in effect, how fast nexus answers. */
export const rack: Benchmark = {
  description:
    "racks: warm start of one and of two, from the answer to a change of a firewall rule to the first packet that is treated so, " +
    "reads of nexus a second, and whom a change concerns in 32 sleds with 1024 instances",
  run: async () => {
    const plan = deployStack(await readTopology(new URL("../../topologies/vpcs.yaml", import.meta.url).pathname));
    const { allowMs, answerMs } = await withTestbed(plan, {}, (testbed) => effectTimes(testbed, changes));
    const { oneRackMs, twoRacksMs } = await fabricFigures();
    const { readsPerSecond, ...simulated } = await nexusFigures();
    return {
      ...{ oneRackMs, twoRacksMs },
      effectMs: Math.round(median(allowMs)),
      longestEffectMs: Math.round(Math.max(...allowMs)),
      answerMs: Math.round(median(answerMs)),
      nexusReadsPerSecond: readsPerSecond,
      ...simulated,
    };
  },
};
