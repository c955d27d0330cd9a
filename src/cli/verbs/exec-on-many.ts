import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { describeError, KestrelError, serializeError, type SerializedError } from "../../error/kestrel-error.ts";
import type { Running } from "../../guest/guest.ts";
import { ownFailureInExec } from "../failure.ts";
import { countOf } from "../quantities.ts";
import type { Output, Terminal } from "../terminal.ts";
import { type ExecOutcome, type ExecRequest, exitCodeOf, passSignalsOn } from "./exec.ts";
import type { ExecTarget } from "./exec-target.ts";

/** What `--json` prints for a node in which the command could not be run. */
export interface ExecFailure {
  readonly node: string;
  readonly error: SerializedError;
}

/**
 * Run a command in several nodes at once. Lines are printed as they come, with the node's name before them; with `json`
 * one document `{"results": […]}` in the order of the nodes.
 *
 * @returns the exit code of the first node in that order whose command failed, else 0
 */
export async function execOnMany(
  terminal: Terminal,
  targets: readonly ExecTarget[],
  request: ExecRequest,
  json: boolean,
): Promise<number> {
  const width = Math.max(...targets.map(({ name }) => name.length));
  const paints = [terminal.colors.cyan, terminal.colors.magenta, terminal.colors.yellow, terminal.colors.blue];
  const started: Running[] = [];
  using _passing = passSignalsOn(started);
  const results = await Promise.all(
    targets.map(async (target, index): Promise<ExecOutcome | ExecFailure> => {
      try {
        const process = await target.start(request, false);
        started.push(process);
        const paint = paints[index % paints.length] ?? String;
        const prefix = `${paint(target.name.padEnd(width))} ${terminal.colors.dim("|")} `;
        const [stdout, stderr, result] = await Promise.all([
          lines(process.stdout, json ? undefined : { output: terminal.stdout, prefix }),
          lines(process.stderr, json ? undefined : { output: terminal.stderr, prefix }),
          process.result,
        ]);
        return { node: target.name, ...result, stdout, stderr };
      } catch (error) {
        if (!(error instanceof KestrelError)) throw error;
        if (!json) terminal.note(`${target.name}: ${describeError(error)}`);
        return { node: target.name, error: serializeError(error) };
      }
    }),
  );
  if (json) terminal.printJson({ results });
  else terminal.note(summary(results));
  return results.map(codeOf).find((code) => code !== 0) ?? 0;
}

/** `4 nodes: 3 ended with 0, h2 with 1`. */
export function summary(results: readonly (ExecOutcome | ExecFailure)[]): string {
  const failed = results.filter((result) => codeOf(result) !== 0);
  const good = results.length - failed.length;
  const parts = [`${good} ended with 0`, ...failed.map((result) => `${result.node} with ${codeOf(result)}`)];
  return `${countOf(results.length, "node")}: ${parts.join(", ")}`;
}

function codeOf(result: ExecOutcome | ExecFailure): number {
  return "error" in result ? ownFailureInExec : exitCodeOf(result);
}

/** Read a stream to its end: print its lines with the prefix, or else return its text. */
async function lines(
  stream: Readable,
  print: { readonly output: Output; readonly prefix: string } | undefined,
): Promise<string> {
  if (print === undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString("utf8");
  }
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    print.output.write(`${print.prefix}${line}\n`);
  }
  return "";
}
