import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectSupervisor } from "../../testbed/connect.ts";
import type { TestbedState, TestbedStatus } from "../../testbed/protocol.ts";
import { listRuns, runFiles, type RunListing } from "../../testbed/run-directory.ts";
import type { Plan } from "../../topology/plan.ts";
import { commandName } from "../command-name.ts";
import { formatAge } from "../quantities.ts";
import type { JsonOption, Session } from "../session.ts";
import { paintState } from "../state-colors.ts";
import { table } from "../table.ts";

/** Options of `kestrel ls`. */
export type ListOptions = JsonOption;

/** One testbed as `kestrel ls --json` prints it, in `{"testbeds": […]}`. */
export interface TestbedListing {
  readonly name: string;
  /** Name of its topology; null while it is not known. */
  readonly topology: string | null;
  /** `unreachable`: its supervisor lives and does not answer. */
  readonly state: TestbedState | "unreachable";
  readonly nodes: number;
  readonly readyNodes: number;
  readonly supervisor: { readonly pid: number | null; readonly startedAt: number | null };
  readonly runDirectory: string;
}

/** Milliseconds for a supervisor to tell its status. */
const answerDeadlineMs = 2000;

/** List the testbeds that run. */
export async function list({ terminal }: Session, { json }: ListOptions): Promise<void> {
  const testbeds = await Promise.all((await listRuns()).filter(({ alive }) => alive).map(describeRun));
  if (json === true) {
    terminal.printJson({ testbeds });
    return;
  }
  if (testbeds.length === 0) {
    terminal.note(`no testbed runs; start one: ${commandName(terminal)} up FILE`);
    return;
  }
  const { colors } = terminal;
  const rows = testbeds.map(({ name, state, topology, nodes, readyNodes, supervisor }) => [
    colors.bold(name),
    paintState(state, colors),
    topology ?? "-",
    `${readyNodes}/${nodes}`,
    supervisor.startedAt === null ? "-" : formatAge(Date.now() - supervisor.startedAt),
    String(supervisor.pid ?? "-"),
  ]);
  terminal.print(table(rows, ["TESTBED", "STATE", "TOPOLOGY", "READY", "STARTED", "SUPERVISOR"], colors));
}

async function describeRun({ name, directory, owner }: RunListing): Promise<TestbedListing> {
  const status = await askStatus(name);
  const plan = status === undefined ? await readPlan(directory) : undefined;
  const starting = owner?.role === "launcher";
  return {
    name,
    topology: status?.topology ?? plan?.name ?? null,
    state: status?.state ?? (starting ? "starting" : "unreachable"),
    nodes: status?.nodes.length ?? plan?.nodes.length ?? 0,
    readyNodes: status?.nodes.filter(({ state }) => state === "ready").length ?? 0,
    supervisor: { pid: owner?.process.pid ?? null, startedAt: status?.supervisor.startedAt ?? null },
    runDirectory: directory,
  };
}

async function askStatus(name: string): Promise<TestbedStatus | undefined> {
  try {
    const { connection } = await connectSupervisor(name);
    try {
      return await connection.request<TestbedStatus>("status", undefined, { timeoutMs: answerDeadlineMs });
    } finally {
      connection.close();
    }
  } catch {
    return undefined;
  }
}

async function readPlan(directory: string): Promise<Plan | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, runFiles.plan), "utf8")) as Plan;
  } catch {
    return undefined;
  }
}
