import type { Testbed } from "../../testbed/testbed.ts";
import type { DemoCommand } from "../model/demo.ts";
import { errorText, type Outcomes } from "./services.ts";

/** Commands that go on in nodes in the background of a tour. */
export class TourCommands {
  readonly #testbed: Testbed;
  readonly #outcomes: Outcomes;
  readonly #running = new Map<string, AbortController>();

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.#testbed = testbed;
    this.#outcomes = outcomes;
  }

  /** Begin some and end others. */
  async change(begin: readonly DemoCommand[], end: readonly string[]): Promise<void> {
    for (const name of end) this.#running.get(name)?.abort();
    await Promise.all(begin.map((command) => this.#run(command)));
  }

  /** End all of them. */
  endAll(): void {
    for (const running of this.#running.values()) running.abort();
  }

  async #run({ name, node, command }: DemoCommand): Promise<void> {
    this.#running.get(name)?.abort();
    const running = new AbortController();
    this.#running.set(name, running);
    try {
      const guest = await this.#testbed.node(node).guest();
      const { exitCode, stderr } = await guest.exec(command, { signal: running.signal });
      if (running.signal.aborted) return;
      this.#failed(`${command} in ${node} has ended with exit code ${exitCode ?? "unknown"}: ${stderr.trim()}`);
    } catch (error) {
      if (!running.signal.aborted) this.#failed(`${command} in ${node}: ${errorText(error)}`);
    } finally {
      if (this.#running.get(name) === running) this.#running.delete(name);
    }
  }

  #failed(reason: string): void {
    this.#outcomes.dispatch({ type: "demo-failed", reason });
  }
}
