import { KestrelError } from "../../error/kestrel-error.ts";
import type { Breaker } from "./breaker.ts";
import { asOne } from "./despite-errors.ts";
import { type Fault, faultTarget } from "./fault.ts";
import type { FaultClock } from "./fault-clock.ts";
import { advanceFaults } from "./fault-progress.ts";
import { type FaultAction, faultActions, type FaultWindow } from "./fault-window.ts";
import type { TargetQueues } from "./target-queues.ts";

/** What a run needs of the testbed around it. */
export interface FaultRunContext {
  /** Name of the testbed. */
  readonly testbed: string;
  readonly clock: FaultClock;
  readonly queues: TargetQueues;
  breakerOf(fault: Fault): Breaker;
  /** Do something to a fault, and tell of it. */
  told(type: FaultAction["type"], fault: Fault, work: () => Promise<void>): Promise<void>;
  /** Called once nothing of the run is broken any more, as far as it could be healed. */
  onHealed(run: FaultRun): void;
}

/**
 * A schedule that is being carried out. Disposing of it heals what it has broken; so does a fault that cannot be begun or
 * healed, after which nothing more begins.
 */
export class FaultRun implements AsyncDisposable {
  readonly windows: readonly FaultWindow[];
  /** When the schedule started, on its clock. */
  readonly startedAt: number;
  /** Resolves when what begins at once is there; rejects, healed, when it cannot be. */
  readonly begun: Promise<void>;
  /** Resolves when the schedule has run out and all its heals are done; rejects when it is ended before, or fails. */
  readonly finished: Promise<void>;
  readonly #context: FaultRunContext;
  readonly #stop = new AbortController();
  readonly #broken = new Map<FaultWindow, Breaker>();
  readonly #errors: unknown[] = [];
  #healed: Promise<void> | undefined;

  constructor(windows: readonly FaultWindow[], context: FaultRunContext) {
    this.windows = windows;
    this.#context = context;
    this.startedAt = context.clock.now();
    const { promise: begun, resolve: onBegun } = Promise.withResolvers<undefined>();
    this.finished = this.#run(() => {
      onBegun(undefined);
    });
    this.begun = Promise.race([begun, this.finished]).then(() => undefined);
    // Whoever waits for neither hears of it when the run is healed.
    this.begun.catch(() => undefined);
    this.finished.catch(() => undefined);
  }

  /**
   * End the schedule and heal all that is broken, of one wire or node the youngest first. Goes on after an error.
   *
   * @throws what could not be begun or healed: the error, or an AggregateError of several
   */
  heal(): Promise<void> {
    this.#healed ??= this.#healAll();
    return this.#healed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.heal();
  }

  async #run(onBegun: () => void): Promise<void> {
    const { clock } = this.#context;
    const { signal } = this.#stop;
    let pending = faultActions(this.windows);
    const all: Promise<void>[] = [];
    try {
      for (let nextMs: number | undefined = 0; nextMs !== undefined;) {
        const step = advanceFaults(pending, clock.now() - this.startedAt);
        const acts = step.due.map((action) => this.#act(action));
        all.push(...acts);
        if (nextMs === 0) {
          void Promise.all(acts).then(() => {
            if (!signal.aborted) onBegun();
          });
        }
        ({ pending, nextMs } = step);
        if (nextMs !== undefined) await clock.until(this.startedAt + nextMs, signal);
      }
      await Promise.all(all);
      signal.throwIfAborted();
      if (this.#broken.size === 0) await this.heal();
    } catch (error) {
      await this.heal();
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** Never rejects: what goes wrong ends the run. */
  async #act({ type, window }: FaultAction): Promise<void> {
    await this.#context.queues.inTurn(faultTarget(window.fault), async () => {
      try {
        if (type === "begin") await this.#begin(window);
        else await this.#healOne(window);
      } catch (error) {
        this.#errors.push(error);
        this.#stop.abort(error);
      }
    });
  }

  async #begin(window: FaultWindow): Promise<void> {
    // It waited for its turn until the end of the run.
    if (this.#stop.signal.aborted) return;
    const breaker = this.#context.breakerOf(window.fault);
    this.#broken.set(window, breaker);
    await this.#context.told("begin", window.fault, () => breaker.begin());
    if (window.endMs === window.beginMs) this.#broken.delete(window);
  }

  async #healOne(window: FaultWindow): Promise<void> {
    const breaker = this.#broken.get(window);
    if (breaker === undefined) return;
    await this.#context.told("heal", window.fault, () => breaker.heal());
    this.#broken.delete(window);
  }

  async #healAll(): Promise<void> {
    if (!this.#stop.signal.aborted) this.#stop.abort(endedEarly(this.#context.testbed));
    const { queues } = this.#context;
    const targets = new Set(this.windows.map(({ fault }) => faultTarget(fault)));
    // What is begun or waits for its turn comes first.
    await Promise.all([...targets].map((target) => queues.inTurn(target, () => Promise.resolve())));
    await Promise.all(
      [...this.#broken.keys()].toReversed().map((window) =>
        queues.inTurn(faultTarget(window.fault), () =>
          this.#healOne(window).catch((error: unknown) => {
            this.#errors.push(error);
          }),
        ),
      ),
    );
    this.#context.onHealed(this);
    if (this.#errors.length > 0) throw asOne(this.#errors);
  }
}

function endedEarly(testbed: string): KestrelError {
  return new KestrelError({
    kind: "flow",
    step: "carry out a schedule of faults",
    subject: testbed,
    expected: "it to run out",
    found: "that it was ended before, and healed",
  });
}
