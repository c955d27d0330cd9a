/** Takes over how flows went from bundles of runs: `node scripts/record-flow-results.ts .kestrel/runs/…`, for docs/promises.md. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readBundle } from "../src/flow/bundle/read-bundle.ts";
import { flowKey, flowResults, type FlowResults, flowResultsFile } from "./promises-page.ts";

const file = join(import.meta.dirname, "..", flowResultsFile);
const results: FlowResults = flowResults.parse(JSON.parse(await readFile(file, "utf8").catch(() => "{}")));
for (const directory of process.argv.slice(2)) {
  const { run } = await readBundle(directory);
  const digests = new Map(run.files.map(({ path, sha256 }) => [path, sha256]));
  for (const { file: flowFile, name, rounds } of run.flows) {
    const last = rounds.at(-1);
    // One that an interruption kept from beginning, or that was left out, has come to nothing.
    if (last === undefined || last.durationMs === 0 || last.state === "skipped" || !/^R\d\d/.test(name)) continue;
    // One round that fails is a promise that was broken.
    const state = rounds.some((round) => round.state === "failed") ? "failed" : last.state;
    const sha256 = digests.get(flowFile) ?? "";
    results[flowKey(flowFile, name)] = { state, day: new Date(last.startedAt).toISOString().slice(0, 10), sha256 };
  }
}
const sorted = Object.fromEntries(Object.entries(results).toSorted(([one], [other]) => (one < other ? -1 : 1)));
await writeFile(file, `${JSON.stringify(sorted, null, 2)}\n`);
