import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { KestrelError } from "../error/kestrel-error.ts";
import { QmpClient } from "./qmp.ts";

/** Lines of QEMU's own messages that are kept for an error. */
const lastWordsKept = 20;

/** What a hub without a far side makes QEMU say; it is meant to have none. */
const harmless = /warning: (hub \d+ is not connected to host network|netdev .* has no peer|nic .* has no peer)/;

/** How a QEMU ended. */
export interface QemuExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What {@link QemuProcess.start} needs to know. */
export interface QemuStart {
  /** Shown in errors. */
  readonly name: string;
  readonly executable: string;
  readonly arguments: readonly string[];
  /** Paths of sockets in the arguments are relative to it, which keeps them under the limit of 107 bytes. */
  readonly workingDirectory: string;
  /** Open descriptor of a template's device state; the child inherits it. */
  readonly stateDescriptor?: number;
}

/**
 * One QEMU as a child of this process, bound to it by a parent-death signal: if this process dies in any way, so does QEMU.
 * QMP, the console and the agent are inherited socket pairs: nothing of them is on a file system or a network.
 */
export class QemuProcess {
  readonly name: string;
  readonly qmp: QmpClient;
  readonly console: Duplex;
  readonly agent: Duplex;
  readonly #child: ChildProcess;
  readonly #lastWords: string[] = [];
  readonly #exited = Promise.withResolvers<QemuExit>();

  private constructor(name: string, child: ChildProcess) {
    this.name = name;
    this.#child = child;
    const [, , , qmp, console, agent] = child.stdio as unknown as readonly Duplex[];
    if (qmp === undefined || console === undefined || agent === undefined)
      throw new Error("QEMU was started without its sockets");
    for (const stream of [console, agent]) stream.on("error", () => undefined); // The exit of QEMU says what happened.
    this.qmp = new QmpClient(qmp, name);
    this.console = console;
    this.agent = agent;
    this.#collectLastWords(child.stderr);
    child.once("error", (error) => {
      this.#lastWords.push(error.message);
      this.#finish({ code: 127, signal: null });
    });
    child.once("close", (code, signal) => {
      this.#finish({ code, signal });
    });
  }

  /** Start QEMU. It has not yet said anything when this returns: {@link QmpClient.negotiate} is the first fact. */
  static start(start: QemuStart): QemuProcess {
    const state = start.stateDescriptor;
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", start.executable, ...start.arguments], {
      cwd: start.workingDirectory,
      env: { PATH: process.env["PATH"] },
      stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe", ...(state === undefined ? [] : [state])],
    });
    return new QemuProcess(start.name, child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves when QEMU is gone; never rejects. */
  get exited(): Promise<QemuExit> {
    return this.#exited.promise;
  }

  /** The last lines that QEMU itself wrote to its standard error, oldest first. */
  get lastWords(): readonly string[] {
    return this.#lastWords;
  }

  /** Send SIGKILL and wait until the process is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  /** Rejects with what QEMU said when it exits before `step` is done. */
  async whileRunning<T>(step: string, work: Promise<T>): Promise<T> {
    const result = await Promise.race([work, this.exited.then((exit) => exitMarker(exit))]).catch(
      async (error: unknown) => {
        // A line that ended is a symptom; the exit is the cause, and it comes within the same moment.
        if (!this.agent.readableEnded && !this.qmp.isClosed) throw error;
        return exitMarker(await this.exited);
      },
    );
    if (isExitMarker(result)) throw this.exitError(step, result.exit);
    return result;
  }

  /** An error that says how and with which words QEMU ended. */
  exitError(step: string, exit: QemuExit): KestrelError {
    const how = exit.signal === null ? `with code ${String(exit.code)}` : `by ${exit.signal}`;
    return new KestrelError({
      kind: "host",
      step,
      subject: this.name,
      expected: "a running QEMU",
      found: `QEMU ended ${how}`,
      lastWords: this.#lastWords,
    });
  }

  #finish(exit: QemuExit): void {
    this.#exited.resolve(exit);
  }

  #collectLastWords(stream: Readable | null): void {
    let partial = "";
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (partial + text).split("\n");
      partial = lines.pop() ?? "";
      for (const line of lines) {
        if (line !== "" && !harmless.test(line)) this.#lastWords.push(line);
      }
      this.#lastWords.splice(0, this.#lastWords.length - lastWordsKept);
    });
  }
}

const exitSymbol = Symbol("exit");

interface ExitMarker {
  readonly [exitSymbol]: true;
  readonly exit: QemuExit;
}

function exitMarker(exit: QemuExit): ExitMarker {
  return { [exitSymbol]: true, exit };
}

function isExitMarker(value: unknown): value is ExitMarker {
  return typeof value === "object" && value !== null && exitSymbol in value;
}
