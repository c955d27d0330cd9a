import { deployStack, findInstance, instanceCommand, NexusClient } from "../rack/index.ts";
import type { Testbed } from "../testbed/index.ts";
import type { Plan } from "../topology/index.ts";
import { ownTopology, withTestbed } from "./benchmark.ts";

const project = "bench";
/** How long an instance may try to reach another, seconds. */
const answerSeconds = 120;

/** How long racks with instances take from their declaration to traffic. */
export interface RackStart {
  /** From the launch until the testbed is ready: routes are programmed, all instances run. */
  readonly readyMs: number;
  /** From the launch until an instance has an answer of one at another sled. */
  readonly firstPingMs: number;
}

/** Launch racks with so many light instances, as a topology would declare them. Templates that are there already are not made anew. */
export async function rackStart(
  topology: string,
  instances: number,
  parameters: Readonly<Record<string, number>> = {},
): Promise<RackStart> {
  const plan = deployStack(withInstances(await ownTopology(topology, parameters), instances));
  const startedAt = performance.now();
  return withTestbed(plan, {}, async (testbed, readyMs) => {
    await pingAcrossSleds(testbed);
    return { readyMs: Math.round(readyMs), firstPingMs: Math.round(performance.now() - startedAt) };
  });
}

function withInstances(plan: Plan, count: number): Plan {
  const instances = Array.from({ length: count }, (_, index) => ({
    ...{ name: `i${index}`, kind: "light" as const, cpus: 1, memoryMiB: 64, vpc: "default", start: true },
  }));
  return { ...plan, stack: { ...plan.stack, projects: [{ name: project, vpcs: [], instances }] } };
}

async function pingAcrossSleds(testbed: Testbed): Promise<void> {
  const nexus = await NexusClient.of(testbed);
  const first = await findInstance(nexus, `${project}/i0`);
  const others = await Promise.all([1, 2, 3].map((index) => findInstance(nexus, `${project}/i${index}`)));
  const other = others.find(({ sled }) => sled !== first.sled);
  if (first.sled === null || other === undefined) throw new Error("all instances are at one sled");
  const ping = ["ping", "-n", "-c", "1", "-i", "0.1", "-w", String(answerSeconds), other.addresses[0] ?? ""];
  const guest = await testbed.node(first.sled).guest();
  const { exitCode, stdout } = await guest.exec(instanceCommand(first.id, ping));
  if (exitCode !== 0) throw new Error(`i0 does not reach ${other.name}: ${stdout}`);
}
