import { readTopology } from "../topology/index.ts";
import { type Benchmark, rowOfHosts, withTestbed } from "./benchmark.ts";
import { median } from "./statistics.ts";

const rounds = 5;

/** How long people wait: for a warm start of `routed` until all nodes answer, and for the end of 16 nodes. */
export const lifecycle: Benchmark = {
  description: "warm start of topologies/routed.yaml until all nodes answer, and the end of 16 nodes",
  run: async ({ nodes = 16 }) => {
    const routed = await readTopology(new URL("../../topologies/routed.yaml", import.meta.url).pathname);
    await withTestbed(routed, {}, () => Promise.resolve());
    const ups: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      await withTestbed(routed, {}, async (testbed) => {
        await Promise.all(testbed.nodes.map(async (node) => (await node.guest()).exec("true")));
        ups.push(performance.now() - startedAt);
      });
    }
    let startedAt = 0;
    await withTestbed(rowOfHosts(nodes), {}, () => {
      startedAt = performance.now();
      return Promise.resolve();
    });
    return {
      warmUpMs: Math.round(median(ups)),
      warmUpMaximumMs: Math.round(Math.max(...ups)),
      nodes,
      downMs: Math.round(performance.now() - startedAt),
    };
  },
};
