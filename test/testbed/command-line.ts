import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { eventually, processesIn } from "./host-processes.ts";

const kestrelPath = fileURLToPath(new URL("../../bin/kestrel", import.meta.url));

/** A state directory of a test's own, and the command line working in it. */
export interface CommandLine extends AsyncDisposable {
  readonly stateDirectory: string;
  /** Start a command; what it prints is collected. */
  start(arguments_: readonly string[], environment?: NodeJS.ProcessEnv): RunningCommand;
  /** Run a command to its end. */
  run(arguments_: readonly string[], environment?: NodeJS.ProcessEnv): Promise<EndedCommand>;
}

/** A command that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<EndedCommand>;
}

/** A command that has ended. */
export interface EndedCommand {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Who calls the command line: another user than the one who runs the tests, with a program and an environment of theirs. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** Make a state directory; disposing it ends what still runs in it and fails when something survives that. */
export async function commandLine(caller?: Caller): Promise<CommandLine> {
  const stateDirectory = await mkdtemp("/tmp/ks-");
  if (caller !== undefined) await chown(stateDirectory, caller.uid, caller.gid);
  const start: CommandLine["start"] = (arguments_, environment = {}) => {
    const child = spawn(caller?.program ?? kestrelPath, arguments_, {
      env: { ...process.env, ...caller?.environment, KESTREL_STATE_DIR: stateDirectory, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      ...(caller === undefined ? {} : { uid: caller.uid, gid: caller.gid }),
    });
    const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
    const ended = Promise.all([text(child.stdout), text(child.stderr), exited]).then(([stdout, stderr, exitCode]) => ({
      exitCode,
      stdout,
      stderr,
    }));
    return { child, ended };
  };
  const run: CommandLine["run"] = (arguments_, environment) => start(arguments_, environment).ended;
  return {
    stateDirectory,
    start,
    run,
    [Symbol.asyncDispose]: async () => {
      await run(["down", "--all"]);
      await eventually(
        () => processesIn(stateDirectory).length === 0,
        20_000,
        () => `left behind: ${JSON.stringify(processesIn(stateDirectory))}`,
      );
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}
