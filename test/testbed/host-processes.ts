import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that belongs to testbeds of one state directory. */
export interface HostProcess {
  readonly pid: number;
  readonly command: string;
}

/** All living processes that work in a directory or name it on their command line. */
export function processesIn(directory: string): readonly HostProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ").trim();
        const workingDirectory = readlinkSync(`/proc/${name}/cwd`);
        const belongs = workingDirectory.startsWith(directory) || command.includes(directory);
        return belongs && command !== "" ? [{ pid: Number(name), command }] : [];
      } catch {
        return []; // It ended while it was looked at.
      }
    });
}

/** Resolves when `holds` is true; rejects with `message` after the deadline. Looks again whenever the event loop turns. */
export async function eventually(holds: () => boolean, deadlineMs: number, message: () => string): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(message());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves when no process of a directory's testbeds is left. */
export function nothingRuns(directory: string): Promise<void> {
  return eventually(
    () => processesIn(directory).length === 0,
    20_000,
    () => `left: ${JSON.stringify(processesIn(directory))}`,
  );
}
