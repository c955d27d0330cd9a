import { dirname } from "node:path";
import { type Plan, readTopology, type TopologyBuilder } from "../topology/index.ts";
import { deployStack } from "../rack/index.ts";
import type { LaunchOptions } from "../testbed/index.ts";
import { findTopology } from "./find-topology.ts";
import type { FlowTestbed } from "./flow-testbed.ts";
import { leaseClient } from "./run/lease-client.ts";
import type { TestbedRequest } from "./run/testbed-pool.ts";
import { presentFlow } from "./run/worker-flow.ts";
import { leaseHere } from "./shared-testbeds.ts";
import { beginStep, noteStep } from "./timeline.ts";

/** How a test gets its testbed; all have defaults. */
export interface TestbedOptions extends Pick<LaunchOptions, "cold" | "accelerator"> {
  /**
   * A newly launched testbed that nobody has used and nobody else gets; it is taken down when given back. Without it, the
   * testbed is the one that other flows with the same topology use: of the run under `kestrel flow run`, of the file under
   * vitest alone. One flow at a time has it, and it is healed when given back: wires as planned, machines running,
   * processes, addresses and routes as right after the launch.
   */
  readonly fresh?: boolean;
}

/**
 * Get a testbed for a test: `await using bed = await testbed("routed")`. It is given back at the end of the scope.
 *
 * @param topology - a name to be found in `topologies/`, the path of a file, a topology that was built, or its plan
 * @throws KestrelError as `launchTestbed` does, or when the topology is not found or not valid
 */
export async function testbed(
  topology: string | TopologyBuilder | Plan,
  options: TestbedOptions = {},
): Promise<FlowTestbed> {
  const { fresh = false, ...launchOptions } = options;
  const file = typeof topology === "string" ? await findTopology(topology) : undefined;
  const plan = await planOf(file ?? topology);
  const request: TestbedRequest = {
    plan,
    fresh,
    topologyDirectory: file === undefined ? process.cwd() : dirname(file),
    ...launchOptions,
  };
  using _underWay = beginStep(`wait for a testbed of topology ${plan.name}`);
  const begun = performance.now();
  const bed = await lease(request);
  const elapsed = Math.round(performance.now() - begun);
  noteStep({
    kind: "launch",
    testbed: bed.name,
    text: `got testbed ${bed.name} (topology ${plan.name}) after ${elapsed} ms`,
    cursor: bed.cursor,
    outcome: "done",
  });
  return bed;
}

async function lease(request: TestbedRequest): Promise<FlowTestbed> {
  const run = await leaseClient();
  if (run === undefined) return leaseHere(request);
  const flow = presentFlow();
  return run.lease(request, flow, flow?.file ?? "");
}

async function planOf(topology: string | TopologyBuilder | Plan): Promise<Plan> {
  if (typeof topology === "string") return deployStack(await readTopology(topology));
  return deployStack("plan" in topology ? topology.plan() : topology);
}
