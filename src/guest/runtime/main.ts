/**
 * What starts everything of ours in a node.
 *
 * `run NAME [ARGUMENT…]` is a daemon or command of the stack. `park [NAME [ARGUMENT…]]` is a Node.js that has started, and
 * has loaded and prepared the daemon NAME, and waits to be told that it may be it: made in the template, it is there in
 * every clone, where starting another would take seconds of emulated time. Without a name it waits to be any module. The
 * agent tells it by one line to its standard input.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { describeError, exitCodeOf } from "../../error/kestrel-error.ts";

const stateDirectory = "/run/kestrel";

/** What the agent tells a parked one. */
interface Role {
  /** The whole command: a priority if it has one, Node.js, its options, the module to run, its arguments. */
  readonly arguments: readonly string[];
  /** NAME=value. */
  readonly environment: readonly string[];
}

/** What a program of the stack exports. */
interface Program {
  readonly main: (argv: readonly string[]) => Promise<void>;
  readonly prepare?: (argv: readonly string[]) => Promise<void>;
}

const [task, name, ...rest] = process.argv.slice(2);
if (task === "run" && name !== undefined) await run(name, rest);
else if (task === "park") await park(name, rest);
else throw new Error("usage: runtime.js run NAME [ARGUMENT…] | park [NAME [ARGUMENT…]]");

async function park(daemon: string | undefined, argv: readonly string[]): Promise<void> {
  if (daemon === undefined) await loadWhatDaemonsNeed();
  else await (await programOf(daemon)).prepare?.(argv);
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const lines = createInterface({ input: process.stdin });
  // There once it waits; the template is not frozen before.
  writeFileSync(`${stateDirectory}/${daemon ?? "runtime"}.parked`, "");
  for await (const line of lines) {
    lines.close();
    process.stdin.destroy();
    await become(JSON.parse(line) as Role);
  }
}

async function loadWhatDaemonsNeed(): Promise<void> {
  await Promise.all([import("node:dgram"), import("node:http"), import("node:net")]);
}

async function become({ arguments: command, environment }: Role): Promise<void> {
  for (const variable of Object.keys(process.env)) Reflect.deleteProperty(process.env, variable);
  for (const entry of environment) {
    const equals = entry.indexOf("=");
    process.env[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  const words = command.slice(command.findIndex((word) => basename(word) === "node") + 1);
  const [module = "", ...argv] = words.slice(words.findIndex((word) => !word.startsWith("--")));
  process.argv.splice(1, Infinity, module, ...argv);
  const [verb, program, ...rest] = argv;
  if (module === import.meta.filename && verb === "run" && program !== undefined) await run(program, rest);
  else await import(pathToFileURL(module).href);
}

async function run(program: string, argv: readonly string[]): Promise<void> {
  process.title = program;
  try {
    await (await programOf(program)).main(argv);
  } catch (error) {
    const { exitCode, text } = failure(error);
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  }
}

/** A user's mistake is told in words, a fault of ours with the place where it happened. */
function failure(error: unknown): { readonly exitCode: number; readonly text: string } {
  if (!(error instanceof Error)) return { exitCode: 4, text: String(error) };
  const exitCode = exitCodeOf(error);
  return { exitCode, text: exitCode === 4 ? (error.stack ?? error.message) : describeError(error) };
}

async function programOf(program: string): Promise<Program> {
  return (await import(new URL(`./${program}.js`, import.meta.url).href)) as Program;
}
