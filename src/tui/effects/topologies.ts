import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { endedRoot, runFiles } from "../../testbed/run-directory.ts";
import { readTopology } from "../../topology/plan-topology.ts";
import type { Plan, TestbedEvent } from "../model/public-api.ts";
import { endsLaunch, type TopologyEntry } from "../model/launch.ts";
import { errorText, type TuiServices } from "./services.ts";

const extension = /\.ya?ml$/;
/** Earlier launches that a time is taken from. */
const consideredRuns = 20;

/** The topologies of a directory, of `topologies/` in it, and those that come with Kestrel, each file once. */
export async function findTopologies(services: TuiServices, directory: string): Promise<readonly TopologyEntry[]> {
  const folders = [directory, join(directory, "topologies"), services.ownTopologies];
  const found = await Promise.all(folders.map((folder) => topologyFiles(folder, folder === directory)));
  const files = [...new Set(found.flat())];
  const times = await launchTimes();
  return Promise.all(
    files.map((file) => entryOf(file, { directory, own: dirname(file) === resolve(services.ownTopologies), times })),
  );
}

/** In a folder that is not only for topologies, what has no nodes is something else. */
async function topologyFiles(folder: string, isMixed: boolean): Promise<readonly string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => extension.test(name)).toSorted();
  const files = names.map((name) => resolve(folder, name));
  if (!isMixed) return files;
  const looksRight = await Promise.all(
    files.map(async (file) => /^(nodes|blueprints|instances):/m.test(await readFile(file, "utf8").catch(() => ""))),
  );
  return files.filter((_, index) => looksRight[index] === true);
}

async function entryOf(
  path: string,
  {
    directory,
    own,
    times,
  }: { readonly directory: string; readonly own: boolean; readonly times: ReadonlyMap<string, readonly number[]> },
): Promise<TopologyEntry> {
  const near = relative(directory, path);
  const isFar = near.startsWith("..");
  const file = isFar ? path : near;
  const about = aboutOf(await readFile(path, "utf8").catch(() => ""));
  const entry = { file, label: isFar && own ? basename(path) : file, own: isFar && own, about };
  try {
    const plan = await readTopology(path);
    return { ...entry, plan, problem: undefined, expectedMs: middle(times.get(launchKey(plan)) ?? []) };
  } catch (error) {
    return { ...entry, plan: undefined, problem: errorText(error), expectedMs: undefined };
  }
}

/** The comment at the beginning of a file. */
export function aboutOf(text: string): string {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("#"));
  return lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.replace(/^#\s?/, ""))
    .join(" ")
    .trim();
}

/** Milliseconds that earlier launches of the same took, the middle one; undefined without any. */
export async function expectedLaunchMs(plan: Plan): Promise<number | undefined> {
  return middle((await launchTimes()).get(launchKey(plan)) ?? []);
}

/** Milliseconds that launches of testbeds which have ended took, by {@link launchKey}. */
async function launchTimes(): Promise<ReadonlyMap<string, readonly number[]>> {
  const root = endedRoot();
  const names = (await readdir(root).catch(() => [])).slice(-consideredRuns);
  const times = new Map<string, number[]>();
  await Promise.all(
    names.map(async (name) => {
      try {
        const plan = JSON.parse(await readFile(join(root, name, runFiles.plan), "utf8")) as Plan;
        const took = readyAfter(await readFile(join(root, name, runFiles.events), "utf8"));
        if (took !== undefined) times.set(launchKey(plan), [...(times.get(launchKey(plan)) ?? []), took]);
      } catch {
        // A testbed that ended before it had a plan tells no time.
      }
    }),
  );
  return times;
}

/** What makes two launches alike enough to compare their times. */
function launchKey({ name, nodes }: Plan): string {
  return `${name} ${nodes.length}`;
}

function readyAfter(ndjson: string): number | undefined {
  for (const text of ndjson.split("\n")) {
    if (!text.includes('"state"')) continue;
    const event = JSON.parse(text) as TestbedEvent;
    if (endsLaunch(event)) return event.elapsedMs;
  }
  return undefined;
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
