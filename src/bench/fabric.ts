import { deployStack, fabricOf, hostAddress, nodesOf, type RackNode } from "../rack/index.ts";
import type { Testbed } from "../testbed/index.ts";
import { type Plan, readTopology } from "../topology/index.ts";
import { type Benchmark, withTestbed } from "./benchmark.ts";
import { proportionalMemory } from "./proportional-memory.ts";
import { median, rounded } from "./statistics.ts";

const rounds = 3;
/** How long a sled may try to reach another. */
const answerSeconds = 60;

/** Racks that route by themselves: from the wake of their machines until every sled has an answer of every other. */
export const fabric: Benchmark = {
  description: "warm start of one rack and of two until every sled reaches every other, and their memory",
  run: () => fabricFigures(),
};

/** How long racks take to start, and what they take of memory. */
interface FabricFigures {
  readonly oneRackMs: number;
  readonly oneRackMaximumMs: number;
  readonly oneRackPssMiB: number;
  readonly twoRacksMs: number;
  readonly twoRacksPssMiB: number;
  readonly pssMiBPerSled: number;
  readonly pssMiBPerSwitch: number;
}

/** Measured on live launches. */
async function fabricFigures(): Promise<FabricFigures> {
  const oneRack = await measure("one-rack", rounds);
  const twoRacks = await measure("two-racks", 1);
  return {
    oneRackMs: Math.round(median(oneRack.elapsedMs)),
    oneRackMaximumMs: Math.round(Math.max(...oneRack.elapsedMs)),
    oneRackPssMiB: Math.round(oneRack.pssMiB),
    twoRacksMs: Math.round(median(twoRacks.elapsedMs)),
    twoRacksPssMiB: Math.round(twoRacks.pssMiB),
    pssMiBPerSled: rounded(twoRacks.pssMiBPerSled),
    pssMiBPerSwitch: rounded(twoRacks.pssMiBPerSwitch),
  };
}

interface Measured {
  readonly elapsedMs: readonly number[];
  readonly pssMiB: number;
  readonly pssMiBPerSled: number;
  readonly pssMiBPerSwitch: number;
}

async function measure(topology: string, times: number): Promise<Measured> {
  const plan = deployStack(await readTopology(new URL(`../../topologies/${topology}.yaml`, import.meta.url).pathname));
  const owners = nodesOf(fabricOf(plan));
  const elapsedMs: number[] = [];
  let memory: ReadonlyMap<string, number> = new Map();
  await makeTemplates(plan);
  for (let round = 0; round < times; round += 1) {
    const startedAt = performance.now();
    await withTestbed(plan, {}, async (testbed) => {
      await reachEachOther(testbed, owners);
      elapsedMs.push(performance.now() - startedAt);
      memory = await proportionalMemory(testbed);
    });
  }
  const of = (role: RackNode["role"]): readonly number[] =>
    owners.filter((owner) => owner.role === role).map(({ node }) => memory.get(node.name) ?? Number.NaN);
  return {
    elapsedMs,
    pssMiB: sum([...memory.values()]),
    pssMiBPerSled: sum(of("sled")) / of("sled").length,
    pssMiBPerSwitch: sum(of("switch")) / of("switch").length,
  };
}

/** They are made once per host and image, and are not what a launch costs. */
async function makeTemplates(plan: Plan): Promise<void> {
  await withTestbed(plan, {}, () => Promise.resolve());
}

/** Throws unless every sled has an answer of every other. */
async function reachEachOther(testbed: Testbed, owners: readonly RackNode[]): Promise<void> {
  const sleds = owners.filter(({ role }) => role === "sled");
  await Promise.all(
    sleds.map(async (sled) => {
      const others = sleds.filter((other) => other !== sled).map(({ prefix }) => hostAddress(prefix));
      const pings = others.map((address) => `ping -6 -c 1 -w ${answerSeconds} ${address}`).join(" && ");
      const { exitCode, stdout } = await (await testbed.node(sled.node.name).guest()).exec(pings);
      if (exitCode !== 0) throw new Error(`${sled.node.name} does not reach every sled: ${stdout}`);
    }),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
