import { ForwardingPlan, type RouteSet } from "../engine/forwarding-plan.ts";
import type { RouteChange } from "../engine/input-output.ts";
import type { DaemonLog, OnceLog } from "../../daemon/log.ts";
import type { ForwardingDriver, RouteFailure } from "./driver.ts";

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

/** Who waits for a route to be programmed waits for these; others are told of it then. */
const batchSize = 128;

/**
 * Brings the routes into a forwarding table, behind the back of the protocol: the daemon says what shall be, and goes on. One
 * batch is under way at a time. The table is compared with what it should hold at the begin, periodically and when told; what
 * it holds when it is first looked at stays until it is settled.
 */
export class ForwardingProgrammer implements AsyncDisposable {
  readonly #plan = new ForwardingPlan();
  readonly #options: ProgrammerOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #compare = true;
  #running: Promise<void> | undefined;
  /** Something was asked for during a run, perhaps after its last look. */
  #again = false;
  readonly #found = Promise.withResolvers<ReadonlySet<string>>();
  #adopted = false;
  #ended = false;
  #programmed: (destinations: readonly string[]) => void = () => undefined;

  constructor(options: ProgrammerOptions) {
    this.#options = options;
    this.#later(options.reconcileMs, () => {
      this.#reconcilePeriodically();
    });
    this.#start();
  }

  /** Have somebody told of destinations that the table has, with next hops, before anything further is done to it. */
  whenProgrammed(listener: (destinations: readonly string[]) => void): void {
    this.#programmed = listener;
  }

  /** The links that routes of an earlier run lead to; none when the first attempt to look failed. */
  get found(): Promise<ReadonlySet<string>> {
    return this.#found.promise;
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

  /** All that leads to this link is known from now on, or to any link: what an earlier run left beyond that goes. */
  settle(link: string | undefined): void {
    this.#plan.settle(link);
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
      const installed = await this.#options.driver.snapshot();
      if (!this.#adopted) this.#found.resolve(this.#plan.adopt(installed));
      this.#adopted = true;
      const differing = this.#plan.compare(installed);
      if (differing > 0) this.#options.log.info({ differing }, "the forwarding table differs from the routes");
      return true;
    } catch (error) {
      this.#compare = true;
      this.#found.resolve(new Set());
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
      this.#tell(batch, failures);
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

  #tell(batch: readonly RouteChange[], failures: readonly RouteFailure[]): void {
    const failed = new Set(failures.map(({ destination }) => destination));
    const done = batch.filter(({ destination, nextHops }) => nextHops.length > 0 && !failed.has(destination));
    if (done.length > 0 && !this.#ended) this.#programmed(done.map(({ destination }) => destination));
  }

  #later(afterMs: number, act: () => void): void {
    if (this.#ended) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, afterMs);
    this.#timers.add(timer);
  }

  /** Take all routes of this daemon out of the table; nothing is programmed any more. */
  async clear(): Promise<void> {
    await this.#end();
    const { driver } = this.#options;
    try {
      const installed = await driver.snapshot();
      await driver.program(Array.from(installed.keys(), (destination) => ({ destination, nextHops: [] })));
      // What no route uses any more goes with the next look.
      await driver.snapshot();
    } catch (error) {
      this.#options.log.warn(`routes stay in the forwarding table: ${String(error)}`);
    }
  }

  /** End; the table stays as it is. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
    await this.#options.driver[Symbol.asyncDispose]();
  }

  async #end(): Promise<void> {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#running;
  }
}
