import { statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KestrelError } from "../../error/kestrel-error.ts";
import { type HostCheck, runFlows, type RunOptions, type RunRecord } from "../../flow/run/index.ts";
import { runSeed } from "../../flow/seed.ts";
import { bundleFiles } from "../../flow/bundle/layout.ts";
import { hostChecks } from "../doctor/doctor.ts";
import { Interruption, InterruptionWatch } from "../interruption.ts";
import { secondsAsMilliseconds, wholeNumber, wrongValue } from "../option-values.ts";
import type { Session } from "../session.ts";
import { kestrelVersion } from "../version.ts";
import { flowDisplay } from "./flow-display.ts";
import { summaryLines } from "./flow-summary.ts";

/** Where a run's results go besides the bundle, and what becomes of failed testbeds; common to `run` and `replay`. */
export interface FlowOutputOptions {
  readonly bundle?: string;
  readonly junit?: string;
  /** True for standard output, or a file. */
  readonly json?: boolean | string;
  readonly keepOnFail?: boolean;
  readonly freezeOnFail?: boolean;
}

/** Options of `kestrel flow run`. */
export interface FlowRunOptions extends FlowOutputOptions {
  readonly repeat?: string;
  readonly untilFail?: boolean;
  readonly seed?: string;
  readonly shard?: string;
  readonly name?: string;
  readonly timeout: string;
}

/** Run flows, show how it goes, and print what it came to. */
export async function flowRun(session: Session, given: readonly string[], options: FlowRunOptions): Promise<void> {
  const { json, files } = jsonTarget(options.json, given);
  const repeat = options.repeat === undefined ? undefined : wholeNumber(options.repeat, "--repeat", 1);
  const run = await runShown(
    session,
    { ...options, json },
    {
      root: process.cwd(),
      files,
      seed: options.seed ?? runSeed(),
      name: options.name,
      repeat,
      untilFail: options.untilFail === true,
      shard: options.shard === undefined ? undefined : parseShard(options.shard),
      timeoutMs: secondsAsMilliseconds(options.timeout, "--timeout"),
    },
  );
  session.exitCode = run.exitCode;
}

/** Milliseconds in which the same interruption may come twice. */
const repeatedSignalMs = 1000;

/** What `run` and `replay` decide for themselves. */
export type RunChoice = Pick<
  RunOptions,
  "root" | "files" | "seed" | "name" | "repeat" | "untilFail" | "shard" | "timeoutMs" | "adjust"
>;

/** Run flows with progress on the terminal, write the files that were asked for, print the summary unless told not to. */
export async function runShown(
  session: Session,
  options: FlowOutputOptions & { readonly quiet?: boolean },
  choice: RunChoice,
): Promise<RunRecord> {
  const { terminal } = session;
  let interruptedAt: number | undefined;
  using interruption = new InterruptionWatch((signal, abort) => {
    const reason = new Interruption(signal);
    if (interruptedAt !== undefined) {
      // Some send a signal to the process and to its group, so that it comes twice. The testbeds end with this process.
      if (performance.now() - interruptedAt > repeatedSignalMs) process.exit(reason.exitCode);
      return;
    }
    interruptedAt = performance.now();
    terminal.note(`${signal}: ends the run and writes its bundle; once more ends it at once`);
    abort(reason);
  });
  const run = await withDisplay(session, (onEvent) =>
    runFlows({
      ...choice,
      bundle: options.bundle,
      onFailure: options.freezeOnFail === true ? "freeze" : options.keepOnFail === true ? "keep" : "go on",
      version: kestrelVersion(),
      hostChecks: () => quietHostChecks(interruption.signal),
      onEvent,
      signal: interruption.signal,
    }),
  );
  if (options.junit !== undefined) await writeNext(run, bundleFiles.junit, options.junit);
  if (typeof options.json === "string") await writeNext(run, bundleFiles.record, options.json);
  if (options.quiet === true) return run;
  if (options.json === true) terminal.printJson(run);
  else terminal.print(summaryLines(run, terminal).join("\n"));
  return run;
}

async function withDisplay(
  { terminal }: Session,
  work: (onEvent: RunOptions["onEvent"]) => Promise<RunRecord>,
): Promise<RunRecord> {
  using display = flowDisplay(terminal);
  return await work((event) => {
    display.show(event);
  });
}

/** What doctor says; a check that cannot be made must not cost a run its bundle. */
async function quietHostChecks(signal: AbortSignal): Promise<readonly HostCheck[]> {
  return hostChecks({ fresh: false, signal, onProgress: () => undefined }).catch(() => []);
}

/** Copy a file of the bundle to where a CI system looks for it. */
async function writeNext(run: RunRecord, name: string, target: string): Promise<void> {
  try {
    await writeFile(target, await readFile(join(run.bundle, name)));
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new KestrelError(
      { kind: "input", step: "write the results", subject: target, expected: "a file that can be written", found },
      { cause },
    );
  }
}

/** `--json` may be followed by a file to write, or by the first flow file: what is one to run is not one to write. */
function jsonTarget(
  json: FlowOutputOptions["json"],
  files: readonly string[],
): { readonly json: boolean | string; readonly files: readonly string[] } {
  if (typeof json !== "string") return { json: json ?? false, files };
  const isFlow = json.endsWith(".ts") || (statSync(json, { throwIfNoEntry: false })?.isDirectory() ?? false);
  return isFlow ? { json: true, files: [json, ...files] } : { json, files };
}

/** `2/5`: the second of five. Throws KestrelError (input). */
export function parseShard(text: string): { readonly index: number; readonly count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw wrongValue("--shard", "i/n with i from 1 to n, such as 1/3", text);
  return { index, count };
}
