import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";
import { describeFact, type Guest } from "../guest/index.ts";
import type { NodePlan, ReadyCondition } from "../topology/index.ts";
import type { Happening } from "./protocol.ts";

/** What a node goes through between its identity and being ready. */
export interface Settling {
  readonly node: NodePlan;
  readonly guest: Guest;
  /** Folder that relative `from` paths are in. */
  readonly topologyDirectory: string;
  readonly emit: (happening: Happening) => void;
  readonly signal: AbortSignal;
}

/** Milliseconds that one set-up command of a topology may take. */
const commandDeadlineMs = 120_000;

/**
 * Write the topology's files, run its commands in order, start its services, wait for its ready conditions.
 *
 * @throws KestrelError naming the command, service or condition that failed, with what it said
 */
export async function settle(settling: Settling): Promise<void> {
  const { node, guest, topologyDirectory, signal } = settling;
  for (const file of node.files) {
    const content =
      "content" in file ? Buffer.from(file.content) : await readHostFile(resolve(topologyDirectory, file.from), node);
    await guest.writeFile(file.path, content, { mode: file.mode });
  }
  for (const command of node.commands) {
    const result = await guest.exec(command, { timeoutMs: commandDeadlineMs, signal });
    if (result.exitCode !== 0) throw commandFailed(node, command, result);
  }
  for (const { name, command, parked, after } of node.services) {
    for (const condition of after) await cameOrNot(settling, condition);
    await guest.services.start({ name, command, restart: "always", parked });
  }
  for (const condition of node.ready) await waitFor(settling, condition);
}

async function waitFor({ node, guest, emit, signal }: Settling, condition: ReadyCondition): Promise<void> {
  emit({ type: "node", node: node.name, state: "settling", message: `waits for ${describeFact(condition)}` });
  await guest.ready(condition, signal);
}

/** Returns also when a condition does not come to hold in its time; rejects when the node ends or the wait is called off. */
async function cameOrNot(settling: Settling, condition: ReadyCondition): Promise<void> {
  try {
    await waitFor(settling, condition);
  } catch (error) {
    settling.signal.throwIfAborted();
    if (!(error instanceof KestrelError)) throw error;
  }
}

async function readHostFile(path: string, node: NodePlan): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new KestrelError(
      {
        kind: "input",
        step: "read a file of the topology",
        subject: `${node.name}, ${path}`,
        expected: "a file that can be read",
        found: cause instanceof Error ? cause.message : String(cause),
      },
      { cause },
    );
  }
}

function commandFailed(
  node: NodePlan,
  command: string,
  result: {
    readonly exitCode: number | null;
    readonly signal: string | null;
    readonly stdout: Buffer | string;
    readonly stderr: Buffer | string;
  },
): KestrelError {
  const how = result.signal === null ? `exit code ${result.exitCode ?? "unknown"}` : `death by ${result.signal}`;
  const output = `${result.stdout.toString()}\n${result.stderr.toString()}`;
  return new KestrelError({
    kind: "input",
    step: "run a command of the topology",
    subject: `${node.name}: ${command}`,
    expected: "exit code 0",
    found: how,
    lastWords: output
      .split("\n")
      .filter((line) => line !== "")
      .slice(-15),
  });
}
