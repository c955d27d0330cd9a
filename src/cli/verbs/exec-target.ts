import { KestrelError } from "../../error/kestrel-error.ts";
import type { Running } from "../../guest/guest.ts";
import type { NodeHandle, Testbed } from "../../testbed/index.ts";
import type { ExecRequest } from "./exec.ts";

/** Where a command is run: a node, or an instance of a rack. */
export interface ExecTarget {
  readonly name: string;
  start(request: ExecRequest, stdin: boolean): Promise<Running>;
}

/** A node. */
export function nodeTarget(node: NodeHandle): ExecTarget {
  return {
    name: node.name,
    start: async ({ command, ...options }, stdin) => (await node.guest()).spawn(command, { ...options, stdin }),
  };
}

/**
 * What a person means by a name: a node, or in a testbed with racks an instance, as `NAME` or `PROJECT/NAME`.
 *
 * @throws KestrelError (input) when it is neither, or the instance does not run
 */
export async function execTarget(testbed: Testbed, name: string): Promise<ExecTarget> {
  const isNode = testbed.nodes.some((node) => node.name === name);
  const hasRacks = testbed.plan.nodes.some(({ kind }) => kind === "sled");
  if (isNode || !hasRacks) return nodeTarget(testbed.node(name));
  // Loaded for who needs it: a command in a node is not kept waiting.
  const { findInstance, instanceCommand, machineOfInstance, NexusClient } = await import("../../rack/index.ts");
  const { id, sled, state } = await findInstance(await NexusClient.of(testbed), name);
  if (sled === null) throw notRunning(name, state);
  const machine = await machineOfInstance(testbed, sled, id);
  if (machine !== undefined) return { ...nodeTarget(testbed.node(machine)), name };
  const node = testbed.node(sled);
  return {
    name,
    start: async ({ command, cwd, ...options }, stdin) =>
      (await node.guest()).spawn(instanceCommand(id, command, cwd), { ...options, cwd: undefined, stdin }),
  };
}

function notRunning(subject: string, found: string): KestrelError {
  const hint = `kestrel rack instance start ${subject}`;
  return new KestrelError({
    kind: "input",
    step: "run a command in an instance",
    subject,
    expected: "one that runs",
    found,
    hint,
  });
}
