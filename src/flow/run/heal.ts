import { isDeepStrictEqual } from "node:util";
import { describeImpairments, formatPort, type Plan } from "../../topology/index.ts";
import type { Testbed } from "../../testbed/index.ts";
import { directionNames } from "../../wire/index.ts";

/**
 * Bring wires and machines back to what the plan says.
 *
 * @returns what was found otherwise, in words
 */
export async function heal(testbed: Testbed): Promise<readonly string[]> {
  return [...(await healNodes(testbed)), ...(await healWires(testbed))];
}

async function healNodes(testbed: Testbed): Promise<readonly string[]> {
  const { nodes, panel } = await testbed.status();
  if (!panel.running) throw new Error("its patch panel has ended");
  const found: string[] = [];
  for (const { name, state } of nodes) {
    if (state === "ready") continue;
    found.push(`${name}: it was left ${state}`);
    if (state === "paused") await testbed.node(name).act("resume");
    else if (state === "stopped" || state === "failed") await testbed.node(name).act("start");
  }
  return found;
}

async function healWires(testbed: Testbed): Promise<readonly string[]> {
  const { wires } = await testbed.wires.list();
  const found: string[] = [];
  for (const wire of wires) {
    const planned = plannedWire(testbed.plan, wire.name);
    if (planned === undefined) continue;
    for (const direction of directionNames) {
      if (isDeepStrictEqual(wire[direction].settings, planned[direction])) continue;
      const [from, to] = direction === "aToB" ? planned.ends : [planned.ends[1], planned.ends[0]];
      const impairments = describeImpairments(wire[direction].settings) || "no impairments";
      found.push(`wire ${wire.name}: it was left with ${impairments} from ${formatPort(from)} to ${formatPort(to)}`);
      await testbed.wires.set(wire.name, planned[direction], direction);
    }
    for (const index of [0, 1] as const) {
      const port = formatPort(planned.ends[index]);
      const end = wire.ends[index];
      if (end !== null && "port" in end && end.port === port) continue;
      found.push(`wire ${wire.name}: its end ${index === 0 ? "a" : "b"} was left out of ${port}`);
      await testbed.wires.attach(wire.name, index, { port });
    }
    if (wire.up) continue;
    found.push(`wire ${wire.name}: it was left down`);
    await testbed.wires.up(wire.name);
  }
  return found;
}

function plannedWire(plan: Plan, name: string) {
  const wire = plan.wires.find((candidate) => candidate.name === name);
  return wire === undefined ? undefined : { aToB: wire.aToB, bToA: wire.bToA, ends: [wire.a, wire.b] as const };
}
