import { ForwardingPlan, type RouteSet } from "../engine/forwarding-plan.ts";
import type { RouteChange } from "../engine/input-output.ts";
import type { DaemonLog, OnceLog } from "../../daemon/log.ts";
import type { ForwardingDriver } from "./driver.ts";

/** What a programmer is made with. */
export interface ProgrammerOptions {
  readonly driver: ForwardingDriver;
  readonly log: DaemonLog;
  readonly once: OnceLog;
  /** Between two comparisons with the table, milliseconds. */
  readonly reconcileMs: number;
  /** Before what failed is tried again, milliseconds. */
  readonly retryMs: number;
}

const batchSize = 512;

/**
 * Brings the routes into a forwarding table, behind the back of the protocol: the daemon says what shall be, and goes on. One
 * batch is under way at a time. The table is compared with what it should hold at the begin, periodically and when told.
 */
export class ForwardingProgrammer implements AsyncDisposable {
  readonly #plan = new ForwardingPlan();
  readonly #options: ProgrammerOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #compare = true;
  #running: Promise<void> | undefined;
  /** Something was asked for during a run, perhaps after its last look. */
  #again = false;
  #ended = false;

  constructor(options: ProgrammerOptions) {
    this.#options = options;
    this.#later(options.reconcileMs, () => {
      this.#reconcilePeriodically();
    });
    this.#start();
  }

  /** All that the table shall hold. */
  get wanted(): RouteSet {
    return this.#plan.wanted;
  }

  /** Destinations that are not yet in the table as they should be. */
  get waiting(): number {
    return this.#plan.waiting;
  }

  apply(changes: readonly RouteChange[]): void {
    for (const change of changes) this.#plan.want(change);
    this.#start();
  }

  /** Program these again, whatever they were. */
  refresh(destinations: Iterable<string>): void {
    this.#plan.again(destinations);
    this.#start();
  }

  /** Compare the table with what it should hold. */
  reconcile(): void {
    this.#compare = true;
    this.#start();
  }

  #reconcilePeriodically(): void {
    this.reconcile();
    this.#later(this.#options.reconcileMs, () => {
      this.#reconcilePeriodically();
    });
  }

  #start(): void {
    if (this.#ended) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#start();
    });
  }

  async #run(): Promise<void> {
    // What is asked for in this turn of the event loop goes into one batch.
    await Promise.resolve();
    while (!this.#ended && (this.#compare || this.#plan.waiting > 0)) {
      const done = this.#compare ? await this.#compareOnce() : await this.#programOnce();
      if (done) continue;
      this.#later(this.#options.retryMs, () => {
        this.#start();
      });
      return;
    }
  }

  async #compareOnce(): Promise<boolean> {
    this.#compare = false;
    try {
      const differing = this.#plan.compare(await this.#options.driver.snapshot());
      if (differing > 0) this.#options.log.info({ differing }, "the forwarding table differs from the routes");
      return true;
    } catch (error) {
      this.#compare = true;
      this.#options.once.warn("forwarding snapshot", `the forwarding table cannot be read: ${String(error)}`);
      return false;
    }
  }

  /** False if something is to be tried again after a while. */
  async #programOnce(): Promise<boolean> {
    const batch = this.#plan.next(batchSize);
    try {
      const failures = await this.#options.driver.program(batch);
      for (const { destination, reason } of failures) {
        this.#options.once.warn(`route ${destination}`, `${destination} cannot be programmed: ${reason}`);
      }
      if (failures.length === 0) return true;
      this.#later(this.#options.retryMs, () => {
        this.refresh(failures.map(({ destination }) => destination));
      });
      return true;
    } catch (error) {
      this.#plan.again(batch.map(({ destination }) => destination));
      this.#options.once.warn("forwarding", `the forwarding table cannot be reached: ${String(error)}`);
      // What it holds when it is back is not known.
      this.#compare = true;
      return false;
    }
  }

  #later(afterMs: number, act: () => void): void {
    if (this.#ended) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, afterMs);
    this.#timers.add(timer);
  }

  /** End, and take all routes of this daemon out of the table. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#running;
    const { driver } = this.#options;
    try {
      const installed = await driver.snapshot();
      await driver.program(Array.from(installed.keys(), (destination) => ({ destination, nextHops: [] })));
    } catch (error) {
      this.#options.log.warn(`routes stay in the forwarding table: ${String(error)}`);
    }
    await driver[Symbol.asyncDispose]();
  }
}
