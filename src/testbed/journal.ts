import { closeSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAlive, type ProcessIdentity, processIdentity, signalProcess } from "../host/index.ts";

/**
 * What a supervisor is about to do, or has done, that would outlive it. Written before the act (and completed after it),
 * so that whoever finds the journal of a dead supervisor knows what to look for.
 */
export type JournalEntry =
  | { readonly act: "spawn"; readonly what: string }
  | { readonly act: "spawned"; readonly what: string; readonly process: ProcessIdentity };

/** An append-only file of {@link JournalEntry}; each entry is in the kernel when the call returns. */
export class Journal {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, "a", 0o600);
  }

  write(entry: JournalEntry): void {
    writeSync(this.#descriptor, `${JSON.stringify({ time: Date.now(), ...entry })}\n`);
  }

  /** Note a child that was just started. */
  spawned(what: string, pid: number | undefined): void {
    const identity = pid === undefined ? undefined : processIdentity(pid);
    if (identity !== undefined) this.write({ act: "spawned", what, process: identity });
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Kill the processes of a journal that still live. Their parent-death signal has done so already, save in the moment
 * between a fork and the signal being set.
 *
 * @returns what was killed, in words
 */
export async function killSurvivors(path: string): Promise<readonly string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const killed: string[] = [];
  for (const line of text.split("\n")) {
    const entry = parseEntry(line);
    if (entry?.act === "spawned" && isAlive(entry.process) && signalProcess(entry.process, "SIGKILL")) {
      killed.push(`${entry.what} (process ${entry.process.pid})`);
    }
  }
  return killed;
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch {
    return undefined; // The last line of a supervisor killed while it wrote.
  }
}
