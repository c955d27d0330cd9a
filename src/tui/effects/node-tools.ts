import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Batch } from "../../testbed/batch.ts";
import type { Testbed } from "../../testbed/testbed.ts";
import { printable } from "../line/line.ts";
import { askNode } from "./node-facts.ts";
import type { OptedAnswers } from "./opte-ports.ts";
import { errorText, type Outcomes } from "./services.ts";

/** Milliseconds in which lines are collected before they are handed on. */
const batchMs = 100;

/** What is done inside the nodes of one testbed: questions, commands, logs. */
export class NodeTools implements Disposable {
  readonly #testbed: Testbed;
  readonly #outcomes: Outcomes;
  readonly #commands = new AbortController();
  readonly #opted = new Map<string, OptedAnswers>();
  #asking: string | undefined;
  #log: Readable | undefined;

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.#testbed = testbed;
    this.#outcomes = outcomes;
  }

  /** Ask a node about itself; a node that is being asked is not asked twice. */
  async inspect(name: string): Promise<void> {
    if (this.#asking === name) return;
    this.#asking = name;
    try {
      const guest = await this.#testbed.node(name).guest();
      const { facts, opted } = await askNode(guest, this.#opted.get(name));
      this.#opted.set(name, opted);
      this.#outcomes.dispatch({ type: "facts", facts });
    } catch {
      // A node that does not answer now says nothing about itself; its state says why.
    } finally {
      if (this.#asking === name) this.#asking = undefined;
    }
  }

  /** Run a command, and show what it prints while it runs. */
  async exec(name: string, command: string, id: number): Promise<void> {
    const { dispatch } = this.#outcomes;
    const batch = new Batch<string>(batchMs, (lines) => {
      dispatch({ type: "exec-output", node: name, id, lines });
    });
    let outcome: string;
    try {
      const guest = await this.#testbed.node(name).guest();
      const running = guest.spawn(command, { signal: this.#commands.signal });
      await Promise.all([readLines(running.stdout, batch), readLines(running.stderr, batch)]);
      const { exitCode, signal } = await running.result;
      outcome = exitCode === null ? `ended by ${signal ?? "a signal"}` : `exit code ${exitCode}`;
    } catch (error) {
      outcome = errorText(error);
    }
    batch.flush();
    dispatch({ type: "exec-ended", node: name, id, outcome });
  }

  /** Follow the log of a node instead of the one followed so far. */
  async followLog(name: string): Promise<void> {
    this.leaveLog();
    const { dispatch } = this.#outcomes;
    const batch = new Batch<string>(batchMs, (lines) => {
      dispatch({ type: "log", node: name, lines });
    });
    try {
      const log = (await this.#testbed.node(name).guest()).logs({ follow: true });
      this.#log = log;
      await readLines(log, batch);
    } catch (error) {
      if (!this.#commands.signal.aborted)
        dispatch({ type: "log", node: name, lines: [`the log has ended: ${errorText(error)}`] });
    }
    batch.flush();
  }

  /** Follow no log any more. */
  leaveLog(): void {
    this.#log?.destroy();
    this.#log = undefined;
  }

  [Symbol.dispose](): void {
    this.leaveLog();
    this.#commands.abort();
  }
}

async function readLines(stream: Readable, batch: Batch<string>): Promise<void> {
  stream.on("error", () => undefined);
  for await (const text of createInterface({ input: stream, crlfDelay: Infinity })) batch.add(printable(text));
}
