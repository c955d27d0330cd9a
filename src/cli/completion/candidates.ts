import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { listRuns, runFiles } from "../../testbed/run-directory.ts";
import type { Plan } from "../../topology/plan.ts";

/** A word that may come next, and what it is. */
export type Candidate = readonly [value: string, description: string];

/** What an argument or option may be completed with, by its name in the definition. */
export type CandidateKind = "testbed" | "node" | "port" | "wire" | "topology" | "file";

/** The words that may stand for each kind, gathered from what is there right now. */
export type Candidates = Readonly<Record<CandidateKind, readonly Candidate[]>>;

/**
 * Gather what the next word may be. Testbeds, nodes and wires are read from the run directories: no supervisor is asked,
 * so that a key press costs milliseconds.
 *
 * @param testbed - the one that the command line names; nodes and wires are its, else those of all testbeds
 * @param typed - the word so far; files are listed in its folder
 */
export async function gatherCandidates(testbed: string | undefined, typed: string): Promise<Candidates> {
  const runs = (await listRuns()).filter(({ alive }) => alive);
  const chosen = runs.filter(({ name }) => testbed === undefined || name === testbed);
  const plans = (await Promise.all(chosen.map(({ directory }) => readPlan(directory)))).filter(
    (plan) => plan !== undefined,
  );
  const files = await listFiles(typed);
  const ports = plans.flatMap(({ nodes }) =>
    nodes.flatMap((node) => node.ports.map(({ name, mac }): Candidate => [`${node.name}:${name}`, mac])),
  );
  const segmentWires = plans.flatMap(({ segments }) =>
    segments.flatMap(({ name, legs }) => legs.map((leg): Candidate => [leg.name, `segment ${name}`])),
  );
  return {
    testbed: runs.map(({ name, directory }): Candidate => [name, directory]),
    node: plans.flatMap(({ nodes }) => nodes.map(({ name, kind }): Candidate => [name, kind])),
    port: ports,
    wire: [
      ...plans.flatMap(({ wires }) => wires.map(({ name, a, b }): Candidate => [name, `${a.node} to ${b.node}`])),
      ...segmentWires,
    ],
    topology: files.filter(([name]) => /(\.ya?ml|\/)$/.test(name)),
    file: files,
  };
}

async function readPlan(directory: string): Promise<Plan | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, runFiles.plan), "utf8")) as Plan;
  } catch {
    return undefined;
  }
}

/** Files and folders (with a slash) in the folder of the word typed so far. */
async function listFiles(typed: string): Promise<readonly Candidate[]> {
  const folder = typed.includes("/") ? (typed.endsWith("/") ? typed : `${dirname(typed)}/`) : "";
  const entries = await readdir(folder === "" ? "." : folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(({ name }) => !name.startsWith("."))
    .map((entry): Candidate => {
      const directory = entry.isDirectory();
      return [`${folder}${entry.name}${directory ? "/" : ""}`, directory ? "folder" : "file"];
    });
}
