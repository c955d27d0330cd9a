import { test } from "vitest";
import { type FlowTestbed, readTopology, testbed } from "../../src/index.ts";
import { converged } from "./fabric.ts";

/** Launches in a row. */
const launches = 20;
const ends = [
  ["rack0-sled0", "fd00:1122:3344:102::1"],
  ["rack0-sled1", "fd00:1122:3344:101::1"],
] as const;

/** That everybody knows and has programmed everything, and that both ends of the rack reach each other. */
async function isUp(bed: FlowTestbed): Promise<void> {
  await converged(bed);
  await Promise.all(ends.map(([node, far]) => bed.node(node).ask(`ping -6 -q -c 1 -W 20 ${far}`)));
}

test.for([
  { from: "templates", cold: false },
  { from: "cold", cold: true },
])(
  "a rack comes up by itself $from, $launches times in a row",
  { timeout: 4 * 3_600_000 },
  async ({ from, cold }, { annotate }) => {
    const plan = await readTopology("topologies/one-rack.yaml", { parameters: { sleds: 2 } });
    const took: number[] = [];
    for (let launch = 0; launch < launches; launch += 1) {
      const begin = performance.now();
      await using bed = await testbed(plan, { fresh: true, cold });
      took.push(Math.round(performance.now() - begin));
      await isUp(bed);
    }
    const sorted = took.toSorted((a, b) => a - b);
    const said = `${launches} launches ${from}: median ${sorted[launches / 2] ?? 0} ms, longest ${sorted.at(-1) ?? 0} ms`;
    await annotate(said);
    console.log(said);
  },
);
