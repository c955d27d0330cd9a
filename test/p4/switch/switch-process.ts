import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export const repository = join(import.meta.dirname, "../../..");

/** A directory that is gone when the test has finished. */
export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kestrel-p4switch-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A switch in a process of its own. */
export interface Started {
  readonly child: ChildProcess;
  readonly errors: () => string;
  /** TCP port of the run-time interface, once it listens. */
  readonly thriftPort: Promise<number>;
}

/** Start it; it does not outlive the test. */
export function start(command: string, words: readonly string[], cwd: string): Started {
  const child = spawn(command, words, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  });
  let errors = "";
  child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()));
  const thriftPort = Promise.withResolvers<number>();
  createInterface(child.stdout).on("line", (line) => {
    const port = /Thrift server was started on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) thriftPort.resolve(Number(port));
  });
  child.once("close", () => {
    thriftPort.reject(new Error(`p4switch ended: ${errors}`));
  });
  thriftPort.promise.catch(() => undefined);
  return { child, errors: () => errors, thriftPort: thriftPort.promise };
}
