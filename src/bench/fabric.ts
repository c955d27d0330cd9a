import { deployStack, fabricOf, hostAddress, nodesOf, type RackNode } from "../rack/index.ts";
import { Testbed, type TestbedEvent } from "../testbed/index.ts";
import type { Plan } from "../topology/index.ts";
import { type Benchmark, ownTopology, withTestbed } from "./benchmark.ts";
import { proportionalMemory } from "./proportional-memory.ts";
import { median, rounded } from "./statistics.ts";

const rounds = 3;
/** How long a sled that knows a way to another may wait for an answer. */
const answerSeconds = 60;

/** Racks that route by themselves: from the wake of their machines until every sled has an answer of every other. */
export const fabric: Benchmark = {
  description: "warm start of one rack and of two until every sled reaches every other, and their memory",
  run: () => fabricFigures(),
};

/** How long racks take to start, and what they take of memory. */
interface FabricFigures {
  /** From the launch until every sled has had an answer of every other, milliseconds: the median of some launches. */
  readonly oneRackMs: number;
  readonly oneRackMaximumMs: number;
  /** From the launch until all daemons of all nodes serve. */
  readonly oneRackReadyMs: number;
  readonly oneRackPssMiB: number;
  readonly twoRacksMs: number;
  readonly twoRacksReadyMs: number;
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
    oneRackReadyMs: Math.round(median(oneRack.readyMs)),
    oneRackPssMiB: Math.round(oneRack.pssMiB),
    twoRacksMs: Math.round(median(twoRacks.elapsedMs)),
    twoRacksReadyMs: Math.round(median(twoRacks.readyMs)),
    twoRacksPssMiB: Math.round(twoRacks.pssMiB),
    pssMiBPerSled: rounded(twoRacks.pssMiBPerSled),
    pssMiBPerSwitch: rounded(twoRacks.pssMiBPerSwitch),
  };
}

interface Measured {
  readonly elapsedMs: readonly number[];
  readonly readyMs: readonly number[];
  readonly pssMiB: number;
  readonly pssMiBPerSled: number;
  readonly pssMiBPerSwitch: number;
}

async function measure(topology: string, times: number): Promise<Measured> {
  const plan = deployStack(await ownTopology(topology));
  const owners = nodesOf(fabricOf(plan));
  const elapsedMs: number[] = [];
  const readyMs: number[] = [];
  let memory: ReadonlyMap<string, number> = new Map();
  await makeTemplates(plan);
  for (let round = 0; round < times; round += 1) {
    const startedAt = performance.now();
    const reach = new Reach(owners);
    await withTestbed(plan, { onEvent: reach.heard }, async (testbed, launchMs) => {
      readyMs.push(launchMs);
      elapsedMs.push((await reach.everybodyAt()) - startedAt);
      memory = await proportionalMemory(testbed);
    });
  }
  const of = (role: RackNode["role"]): readonly number[] =>
    owners.filter((owner) => owner.role === role).map(({ node }) => memory.get(node.name) ?? Number.NaN);
  return {
    ...{ elapsedMs, readyMs },
    pssMiB: sum([...memory.values()]),
    pssMiBPerSled: sum(of("sled")) / of("sled").length,
    pssMiBPerSwitch: sum(of("switch")) / of("switch").length,
  };
}

/** They are made once per host and image, and are not what a launch costs. */
async function makeTemplates(plan: Plan): Promise<void> {
  await withTestbed(plan, {}, () => Promise.resolve());
}

/** Has every sled of a testbed that is being launched reach every other, from the moment when it can be asked to. */
class Reach {
  readonly #sleds: readonly RackNode[];
  readonly #begun = new Map<string, Promise<number>>();

  constructor(owners: readonly RackNode[]) {
    this.#sleds = owners.filter(({ role }) => role === "sled");
  }

  /** To be told of all events of the launch. */
  readonly heard = (event: TestbedEvent, testbed: string): void => {
    if (event.type !== "node" || event.state !== "settling" || this.#begun.has(event.node)) return;
    const sled = this.#sleds.find(({ node }) => node.name === event.node);
    if (sled === undefined) return;
    const reached = this.#reachedAt(testbed, sled);
    // Who waits for it hears of it.
    reached.catch(() => undefined);
    this.#begun.set(event.node, reached);
  };

  /** When the last had an answer of everybody, by `performance.now()`. Throws when one does not get it. */
  async everybodyAt(): Promise<number> {
    return Math.max(...(await Promise.all(this.#begun.values())));
  }

  async #reachedAt(name: string, sled: RackNode): Promise<number> {
    const others = this.#sleds.filter((other) => other !== sled).map(({ prefix }) => hostAddress(prefix));
    // What looks for routes again and again would keep emulated processors from making them.
    const known = sled.node.ready.filter((fact) => fact.type === "http");
    const pings = others.map((address) => `ping -6 -q -c 1 -i 0.2 -w ${answerSeconds} ${address}`).join(" && ");
    const testbed = await Testbed.connect(name);
    try {
      const guest = await testbed.node(sled.node.name).guest();
      for (const fact of known) await guest.ready(fact);
      const { exitCode, stdout } = await guest.exec(pings);
      if (exitCode !== 0) throw new Error(`${sled.node.name} does not reach every sled: ${stdout}`);
      return performance.now();
    } finally {
      testbed.close();
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
