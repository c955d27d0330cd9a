import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished } from "vitest";
import { buildP4Program } from "../../../src/p4/compiler/index.ts";
import { RuntimeCli } from "../../../src/p4/switch/cli/runtime-cli.ts";
import { type RunningSwitch, runSwitch } from "../../../src/p4/switch/index.ts";

let program = "";
beforeAll(async () => {
  const { text, warnings } = await buildP4Program(join(import.meta.dirname, "cli-program.p4"));
  expect(warnings).toEqual([]);
  program = text;
});

/** The JSON of the program of these tests. */
export function cliProgram(): string {
  return program;
}

/** A directory that is gone after the test. */
export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kestrel-p4cli-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** A switch with the program of these tests. */
export async function start(): Promise<{ running: RunningSwitch; at: string }> {
  const at = await directory();
  const file = join(at, "program.json");
  await writeFile(file, program);
  const running = await runSwitch({
    program: file,
    ports: [],
    thriftPort: 0,
    thriftAddress: "127.0.0.1",
    deviceId: 3,
    enableSwap: true,
    dropPort: 511,
    priorityQueues: 2,
    seed: 1,
    log: () => undefined,
  });
  onTestFinished(() => running[Symbol.asyncDispose]());
  return { running, at };
}

/** Says commands, and gives what came back. */
export async function cli(): Promise<{
  readonly say: (line: string) => Promise<string>;
  readonly value: (line: string) => Promise<unknown>;
  readonly cli: RuntimeCli;
  readonly running: RunningSwitch;
  readonly at: string;
}> {
  const started = await start();
  const session = await RuntimeCli.connect(started.running.thriftPort, "127.0.0.1");
  onTestFinished(() => {
    session[Symbol.dispose]();
  });
  return {
    ...started,
    cli: session,
    say: async (line) => (await session.run(line))?.text ?? "(nothing)",
    value: async (line) => (await session.run(line))?.value,
  };
}
