import type { Testbed } from "../../testbed/testbed.ts";
import type { TestbedEvent } from "../model/public-api.ts";
import { foundText, type Outcomes } from "./services.ts";

/** Milliseconds between two sets of counters. */
const countersMs = 1000;
/** Milliseconds in which events are collected before they come together. */
const batchMs = 100;
/** Least milliseconds between two looks at the status: it names everything there is. */
const refreshMs = 500;

/** A testbed that is attached to: its events, counters and status, until it is let go or ends. */
export class BedSession implements Disposable {
  readonly testbed: Testbed;
  readonly #outcomes: Outcomes;
  readonly #ended = new AbortController();
  #refreshing: NodeJS.Timeout | undefined;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.testbed = testbed;
    this.#outcomes = outcomes;
  }

  /** Aborted when the session ends. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Begin to follow it. */
  follow(): void {
    void this.#events();
    void this.#counters();
    this.refresh();
  }

  /** Look at its status and wires again, soon. Often asked, it is done seldom. */
  refresh(): void {
    if (this.#refreshing !== undefined || this.signal.aborted) return;
    const wait = Math.max(0, this.#refreshedAt + refreshMs - performance.now());
    this.#refreshing = setTimeout(() => {
      void this.#look().finally(() => {
        this.#refreshedAt = performance.now();
        this.#refreshing = undefined;
      });
    }, wait);
  }

  /** Let it go; it runs on. */
  [Symbol.dispose](): void {
    this.#ended.abort();
    clearTimeout(this.#refreshing);
    this.testbed.close();
  }

  async #events(): Promise<void> {
    const { signal, testbed } = this;
    try {
      await testbed.onEvents({ signal, everyMs: batchMs }, (events) => {
        this.#take(events);
      });
      this.#lost(`testbed ${testbed.name} has ended`);
    } catch (error) {
      this.#lost(`testbed ${testbed.name} does not answer any more: ${foundText(error)}`);
    }
  }

  #take(events: readonly TestbedEvent[]): void {
    if (this.signal.aborted) return;
    this.#outcomes.dispatch({ type: "events", bed: this.testbed.name, events });
    // Events say that something changed; the status says what it is like now.
    if (events.some(({ type }) => type !== "notice" && type !== "progress")) this.refresh();
  }

  async #counters(): Promise<void> {
    const { signal, testbed } = this;
    try {
      for await (const statistics of testbed.wires.followStatistics(countersMs, signal))
        this.#outcomes.dispatch({ type: "statistics", bed: testbed.name, statistics });
    } catch {
      // What ended is told where the events end; without the panel there are no rates, which is what is shown then.
    }
  }

  async #look(): Promise<void> {
    const { testbed, signal } = this;
    const { dispatch } = this.#outcomes;
    const [status, list] = await Promise.allSettled([testbed.status(), testbed.wires.list()]);
    if (signal.aborted) return;
    if (status.status === "fulfilled") dispatch({ type: "status", bed: testbed.name, status: status.value });
    if (list.status === "fulfilled") dispatch({ type: "wires", bed: testbed.name, wires: list.value.wires });
  }

  #lost(reason: string): void {
    if (this.signal.aborted) return;
    this.#outcomes.dispatch({ type: "lost", bed: this.testbed.name, reason });
  }
}
