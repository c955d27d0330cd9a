import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { Connection } from "../channel/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import { modulePath } from "../host/index.ts";
import { PanelClient } from "./panel-client.ts";

/** Memory for the recording of each wire unless said otherwise, bytes. */
export const defaultRingBytes = 8_388_608;

const startDeadlineMilliseconds = 30_000;
const closeDeadlineMilliseconds = 500;
const lastWordsLines = 20;

/** How to start a panel. */
export interface PanelOptions {
  /** The panel's working directory; port sockets appear below it. Must exist. */
  readonly runDirectory: string;
  /** All random decisions of the testbed's wires follow from it. */
  readonly seed: string;
  /** Memory for the recording of each wire, bytes; {@link defaultRingBytes} if left out, at least 1 MiB. */
  readonly ringBytes?: number;
  /** The Node.js that runs the panel; the one that runs this process if left out. */
  readonly nodeExecutable?: string;
}

/**
 * The panel of a testbed, seen from its supervisor: a child process that dies with this one, however this one ends.
 * All methods throw the panel's own KestrelError, or one that says that the panel is gone, with its last words.
 */
export class Panel extends PanelClient implements AsyncDisposable {
  readonly pid: number;
  /** Resolves when the process has ended: with undefined if it was closed, else with the reason. */
  readonly ended: Promise<KestrelError | undefined>;
  readonly #process: ChildProcess;
  readonly #control: Connection;
  #closing = false;

  private constructor(child: ChildProcess, pid: number, control: Connection, lastWords: () => readonly string[]) {
    super(control);
    this.#process = child;
    this.pid = pid;
    this.#control = control;
    this.ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => {
      if (this.#closing) return undefined;
      return new KestrelError({
        kind: "internal",
        step: "run panel",
        subject: `process ${pid}`,
        expected: "a process that lives as long as its testbed",
        found: signal === null ? `exit code ${code ?? "unknown"}` : `death by ${signal ?? "a signal"}`,
        hint: "the wires of the testbed are gone with it: take the testbed down and up again",
        lastWords: lastWords(),
      });
    });
  }

  /**
   * Start a panel and wait until it answers.
   *
   * @throws KestrelError (host) with the process's last words if it does not within half a minute.
   */
  static async start(options: PanelOptions): Promise<Panel> {
    const { runDirectory, seed, ringBytes = defaultRingBytes, nodeExecutable = process.execPath } = options;
    const main = modulePath(import.meta.url, "./panel-main");
    const command = [nodeExecutable, main, "--seed", seed, "--ring-bytes", String(ringBytes)];
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...command], {
      cwd: runDirectory,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
    });
    const words: string[] = [];
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      words.push(...text.split("\n").filter((line) => line !== ""));
      words.splice(0, words.length - lastWordsLines);
    });
    const failed = (found: string, cause?: unknown): KestrelError =>
      new KestrelError(
        { kind: "host", step: "start panel", subject: runDirectory, found, lastWords: words },
        { cause },
      );
    const { pid } = child;
    if (pid === undefined) {
      const [error] = (await once(child, "error")) as [Error];
      throw failed(error.message, error);
    }
    const control = new Connection(child.stdio[3] as Duplex, {}, { peer: "the panel" });
    const panel = new Panel(child, pid, control, () => words);
    try {
      await control.request("cursor", undefined, { timeoutMs: startDeadlineMilliseconds });
    } catch (cause) {
      await panel.close();
      throw failed(cause instanceof Error ? cause.message : String(cause), cause);
    }
    return panel;
  }

  /** End the panel. Resolves when the process is gone; may be called again. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#control.close();
    // It ends by itself when its control socket closes; the signals are for one that is stopped or stuck.
    this.#process.kill("SIGCONT");
    const stuck = setTimeout(() => this.#process.kill("SIGKILL"), closeDeadlineMilliseconds);
    await this.ended;
    clearTimeout(stuck);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
