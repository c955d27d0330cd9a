import type { Plan } from "../topology/index.ts";
import type { NodeHandle } from "../testbed/index.ts";
import { type Benchmark, rowOfHosts, withTestbed } from "./benchmark.ts";
import { proportionalMemory } from "./proportional-memory.ts";
import { rounded } from "./statistics.ts";

/** Cold boots against clones: from nothing until every node, with its identity and a Node.js daemon, has answered exec. */
export const clones: Benchmark = {
  description: "cold boots against clones of a template, and memory per clone",
  run: async ({ nodes = 16 }) => {
    const plan = rowOfHosts(nodes);
    // The template is made once per host and image; it is not what a launch costs.
    await withTestbed(rowOfHosts(1), {}, () => Promise.resolve());
    const clone = await measure(plan, false);
    const cold = await measure(plan, true);
    return {
      nodes,
      coldMs: Math.round(cold.elapsedMs),
      cloneMs: Math.round(clone.elapsedMs),
      ratio: rounded(cold.elapsedMs / clone.elapsedMs, 2),
      pssMiBPerNode: rounded(clone.pssMiBPerNode),
      coldPssMiBPerNode: rounded(cold.pssMiBPerNode),
      downMs: Math.round(clone.downMs),
    };
  },
};

interface Measured {
  readonly elapsedMs: number;
  readonly pssMiBPerNode: number;
  readonly downMs: number;
}

async function measure(plan: Plan, cold: boolean): Promise<Measured> {
  const startedAt = performance.now();
  let downStartedAt = 0;
  const figures = await withTestbed(plan, { cold }, async (testbed) => {
    await Promise.all(testbed.nodes.map(async (node) => (await node.guest()).exec("true")));
    const elapsedMs = performance.now() - startedAt;
    await Promise.all(testbed.nodes.map(requireDaemon));
    const sizes = [...(await proportionalMemory(testbed)).values()];
    const pssMiBPerNode = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    downStartedAt = performance.now();
    return { elapsedMs, pssMiBPerNode };
  });
  return { ...figures, downMs: performance.now() - downStartedAt };
}

/** What is measured has a Node.js daemon in every node. */
async function requireDaemon(node: NodeHandle): Promise<void> {
  const services = await (await node.guest()).services.list();
  if (!services.some(({ name, state }) => name === "runtime" && state === "running"))
    throw new Error(`${node.name} has no Node.js running`);
}
