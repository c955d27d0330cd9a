import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runDirectory } from "../../host/index.ts";
import { endedRoot, runFiles } from "../../testbed/index.ts";
import type { BundleWriter } from "./bundle-writer.ts";
import { bundleFiles } from "./layout.ts";

/** Copy the logs of a testbed, which has ended or was kept: events, journal, what its supervisor and its consoles said. */
export async function keepLogs(bundle: BundleWriter, testbed: string): Promise<void> {
  const directory = await logDirectory(testbed);
  if (directory === undefined) return;
  const target = join(bundleFiles.testbeds, testbed);
  const copy = async (from: string, to: string): Promise<void> => {
    const text = await readFile(join(directory, from), "utf8").catch(() => undefined);
    if (text !== undefined && text !== "") await bundle.writeText(join(target, to), text);
  };
  const nodes = await readdir(join(directory, runFiles.nodes)).catch(() => []);
  await Promise.all([
    copy(runFiles.events, runFiles.events),
    copy(runFiles.journal, runFiles.journal),
    copy(runFiles.supervisorLog, runFiles.supervisorLog),
    ...nodes.map((node) => copy(join(runFiles.nodes, node, "console.log"), join("consoles", `${node}.log`))),
  ]);
}

/** Where the logs are: in the run directory while it lives, else where ended testbeds are put away. */
async function logDirectory(testbed: string): Promise<string | undefined> {
  const running = runDirectory(testbed);
  const lives = await readdir(running).then(
    () => true,
    () => false,
  );
  if (lives) return running;
  const prefix = `${testbed}.`;
  const ended = (await readdir(endedRoot()).catch(() => [])).filter((name) => name.startsWith(prefix)).toSorted();
  const last = ended.at(-1);
  return last === undefined ? undefined : join(endedRoot(), last);
}
