import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { BundleWriter, runName } from "../bundle/bundle-writer.ts";
import { hostFacts, projectFacts } from "../bundle/facts.ts";
import { writeResults } from "../bundle/write-results.ts";
import { describeFlowFiles, findFlowFiles, shardOf } from "./flow-files.ts";
import { makeLeaseDirectory } from "./lease-directory.ts";
import { LeaseServer } from "./lease-server.ts";
import type { RunEvent } from "./run-events.ts";
import type { HostCheck, RunRecord, RunRequest } from "./run-record.ts";
import { RunRecorder } from "./run-recorder.ts";
import { syntaxFaults } from "./syntax-check.ts";
import { TestbedPool, type TestbedRequest } from "./testbed-pool.ts";
import { exitCodeOf, verdictOf } from "./verdict.ts";
import { VitestRuns } from "./vitest-runs.ts";

/** What to run, and how. */
export interface RunOptions {
  /** Directory of the project; the working directory of the flows. */
  readonly root: string;
  /** Files and directories; the project's flows where empty. */
  readonly files: readonly string[];
  readonly seed: string;
  /** Only flows whose name has this in it (a regular expression). */
  readonly name?: string | undefined;
  /** Rounds; with `untilFail` the most there are, undefined for no end. */
  readonly repeat?: number | undefined;
  readonly untilFail: boolean;
  /** From 1. */
  readonly shard?: { readonly index: number; readonly count: number } | undefined;
  /** Milliseconds that a flow may take, unless it says otherwise itself. */
  readonly timeoutMs: number;
  /** What becomes of the testbeds of the first flow that fails; the run ends with it. */
  readonly onFailure: "go on" | "keep" | "freeze";
  /** Directory of the bundle; below `.kestrel/runs` unless given. */
  readonly bundle?: string | undefined;
  /** Version of Kestrel. */
  readonly version: string;
  /** What `kestrel doctor` says of the host, asked for when the flows are done. */
  readonly hostChecks: () => Promise<readonly HostCheck[]>;
  readonly onEvent: (event: RunEvent) => void;
  readonly signal?: AbortSignal | undefined;
  /** Swaps testbeds that are asked for; a replay gives them the plans of the run it repeats. */
  readonly adjust?: (request: TestbedRequest) => TestbedRequest;
}

/**
 * Run flows with vitest and write the bundle of the run.
 *
 * @throws KestrelError (input) when there is nothing to run or no place for the bundle; what fails in the run is in its record
 */
export async function runFlows(options: RunOptions): Promise<RunRecord> {
  const { root, seed, onEvent } = options;
  const found = await findFlowFiles(options.files, root);
  const paths = options.shard === undefined ? found : shardOf(found, options.shard.index, options.shard.count);
  const startedAt = new Date();
  const bundle = await BundleWriter.create(options.bundle ?? (await runDirectoryIn(root, runName(startedAt, seed))));
  onEvent({
    type: "begins",
    seed,
    files: paths.length,
    rounds: options.untilFail ? options.repeat : (options.repeat ?? 1),
  });
  const [project, files] = await Promise.all([projectFacts(root), describeFlowFiles(paths, root)]);
  const recorder = new RunRecorder(bundle, options);
  const syntax = await syntaxFaults(paths, root);
  for (const fault of syntax) recorder.onFault(fault);
  if (syntax.length === 0 && paths.length > 0) await runRounds(options, paths, recorder);
  if (options.name !== undefined && options.shard === undefined && recorder.isEmpty)
    recorder.onFault({ kind: "input", message: `no flow has a name that matches ${JSON.stringify(options.name)}` });
  const { flows, testbeds, faults } = recorder.results();
  const exitCode = exitCodeOf(flows, faults);
  const run: RunRecord = {
    version: 1,
    verdict: verdictOf(flows, exitCode),
    exitCode,
    startedAt: startedAt.getTime(),
    durationMs: Date.now() - startedAt.getTime(),
    seed,
    request: requestOf(options, paths),
    project,
    software: { kestrel: options.version, node: process.versions.node },
    host: hostFacts(await options.hostChecks()),
    files,
    testbeds,
    flows,
    faults,
    bundle: bundle.directory,
  };
  await writeResults(bundle, run);
  options.signal?.throwIfAborted();
  return run;
}

/** Below `.kestrel/runs` of the project, which git is told to leave alone. */
async function runDirectoryIn(root: string, name: string): Promise<string> {
  const own = join(root, ".kestrel");
  await mkdir(own, { recursive: true });
  await writeFile(join(own, ".gitignore"), "*\n");
  return join(own, "runs", name);
}

async function runRounds(options: RunOptions, paths: readonly string[], recorder: RunRecorder): Promise<void> {
  const directory = await makeLeaseDirectory();
  const pool = new TestbedPool(process.pid.toString(36), recorder.testbeds);
  try {
    await using leases = await LeaseServer.listen(directory, pool, recorder);
    await using vitest = await VitestRuns.create({ ...options, leaseDirectory: directory, listener: recorder });
    options.signal?.addEventListener("abort", () => {
      const reason: unknown = options.signal?.reason;
      recorder.onFault({ kind: "flow", message: reason instanceof Error ? reason.message : "interrupted" });
      // Flows that have not begun are skipped; the one that runs fails as soon as it wants something of its testbed.
      void Promise.all([vitest.cancel(), leases.interrupt()]);
    });
    const last = options.repeat ?? (options.untilFail ? Number.POSITIVE_INFINITY : 1);
    for (let round = 1; round <= last && options.signal?.aborted !== true; round += 1) {
      recorder.beginRound(round);
      await vitest.run(paths);
      await leases.settled();
      if (recorder.failedInRound && (options.untilFail || options.onFailure !== "go on")) break;
    }
  } finally {
    await pool.close();
    await recorder.testbeds.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function requestOf(options: RunOptions, paths: readonly string[]): RunRequest {
  return {
    files: paths.map((path) => relative(options.root, path)),
    name: options.name,
    repeat: options.repeat ?? (options.untilFail ? 0 : 1),
    untilFail: options.untilFail,
    shard: options.shard,
    timeoutMs: options.timeoutMs,
  };
}
