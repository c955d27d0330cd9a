import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { modulePath } from "../host/index.ts";

/** How a companion is started, and who is told of it. */
export interface CompanionStart {
  /** Path of its module below `src`. */
  readonly program: string;
  /** Its only argument: it is a client of this testbed. */
  readonly testbed: string;
  readonly onSpawn: (pid: number | undefined) => void;
  /** It has ended, and is started again. */
  readonly onEnd: (words: string) => void;
}

/** Milliseconds after which one that has ended is started again, at first and at most. */
const firstRestartMs = 200;
const longestRestartMs = 10_000;
/** Milliseconds that one may take to end. */
const endMs = 2_000;

/**
 * A program of ours that runs beside a testbed for as long as that does. It dies with this process, however this one ends, and
 * speaks into the supervisor's log.
 */
export class Companion implements AsyncDisposable {
  readonly #start: CompanionStart;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(start: CompanionStart) {
    this.#start = start;
    this.#ended = this.#keep();
  }

  async #keep(): Promise<void> {
    const { signal } = this.#ending;
    for (let delayMs = firstRestartMs; !signal.aborted; delayMs = Math.min(longestRestartMs, delayMs * 2)) {
      const how = await this.#run();
      if (this.#isEnding()) return;
      this.#start.onEnd(how);
      await pause(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async #run(): Promise<string> {
    const { program, testbed, onSpawn } = this.#start;
    const main = modulePath(import.meta.url, `../${program}`);
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", process.execPath, main, testbed], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#child = child;
    onSpawn(child.pid);
    try {
      const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
      return `${program} ended: ${signal ?? `exit code ${String(code)}`}`;
    } catch (error) {
      return `${program} cannot be started: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** End it; it is gone when this resolves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#child?.kill("SIGTERM");
    const stuck = setTimeout(() => this.#child?.kill("SIGKILL"), endMs);
    await this.#ended;
    clearTimeout(stuck);
  }
}
