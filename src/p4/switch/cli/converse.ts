import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { completions } from "./complete.ts";
import { type CommandOutcome, RuntimeCli } from "./runtime-cli.ts";

/** Where a session reads from and writes to. */
export interface CliStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
}

/** A session with a switch, as its command line describes it. */
export interface CliOptions {
  readonly port: number;
  readonly host: string;
  /** Carried out instead of what is read from standard input. */
  readonly commands: readonly string[];
  /** One JSON document a command, in lines. */
  readonly json: boolean;
}

const prompt = "RuntimeCmd: ";

/**
 * Carry out commands: those given, else those read from standard input, with a prompt, completion and history where a
 * person sits there. A command that fails does not keep the next from being tried. Returns how many failed.
 *
 * @throws P4Error (host) where no switch answers
 */
export async function converse({ stdin, stdout }: CliStreams, options: CliOptions): Promise<number> {
  using cli = await RuntimeCli.connect(options.port, options.host);
  let failures = 0;
  const run = async (line: string): Promise<void> => {
    const outcome = await cli.run(line);
    if (outcome === undefined) return;
    if (outcome.failed) failures += 1;
    tell(stdout, outcome, options.json);
  };
  if (options.commands.length > 0) {
    for (const command of options.commands) await run(command);
    return failures;
  }
  const interactive = stdin.isTTY === true && stdout.isTTY === true;
  const lines = createInterface({
    input: stdin,
    ...(interactive ? { output: stdout, terminal: true, prompt } : { terminal: false }),
    completer: (line: string) => [completed(completions(line, cli.catalogue)), line.split(/\s+/).at(-1) ?? ""],
  });
  if (interactive) lines.prompt();
  for await (const line of lines) {
    if (/^\s*(EOF|exit|quit)\s*$/.test(line)) break;
    await run(line);
    if (interactive) lines.prompt();
  }
  lines.close();
  // A person has seen what failed.
  return interactive ? 0 : failures;
}

/** A word that can be no other is done; behind a folder there is more. */
function completed(words: readonly string[]): readonly string[] {
  const [only, ...others] = words;
  return only === undefined || others.length > 0 || only.endsWith("/") ? words : [`${only} `];
}

function tell(stdout: Writable, { command, failed, text, code, value }: CommandOutcome, json: boolean): void {
  if (json) {
    const error = { message: text, ...(code === undefined ? {} : { code }) };
    stdout.write(`${JSON.stringify({ command, ok: !failed, ...(failed ? { error } : { result: value ?? null }) })}\n`);
  } else if (text !== "") {
    stdout.write(`${text}\n`);
  }
}
