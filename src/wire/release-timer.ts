import type { PanelClock } from "./panel-clock.ts";
import { ReleaseQueue } from "./release-queue.ts";

const millisecond = 1_000_000;

/** Below this distance a timer is too coarse (Node's have a granularity of a millisecond and may fire one late). */
const spinBelow = 2 * millisecond;

/** Share of one core that waiting precisely may cost, and how much of it can be saved up. */
const spinShare = 0.2;
const largestCredit = 20 * millisecond;

/**
 * Runs what is due, on one timer. The last two milliseconds before a release are waited for by polling between rounds of
 * the event loop, which is exact to some microseconds; to leave the cores to the machines, polling may take only a fifth of
 * a core on average. Beyond that (dense delayed traffic) releases come in bursts of a millisecond.
 */
export class ReleaseTimer {
  readonly #clock: PanelClock;
  readonly #queue = new ReleaseQueue();
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #spinning: NodeJS.Immediate | undefined;
  #credit = largestCredit;
  #creditTime = 0;
  #lastPoll = 0;

  constructor(clock: PanelClock) {
    this.#clock = clock;
  }

  /** Have `run` called at `due` (nanoseconds on the clock), or as soon after it as possible. */
  schedule(due: number, run: (now: number) => void): void {
    this.#queue.schedule(due, run);
    if (this.#spinning === undefined && due < this.#timerDue) this.#arm(this.#clock.now());
  }

  /** Forget all that was scheduled. */
  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#spinning);
  }

  #arm(now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
    const { earliest } = this.#queue;
    if (earliest === Number.POSITIVE_INFINITY) return;
    const distance = earliest - now;
    this.#credit = Math.min(largestCredit, this.#credit + (now - this.#creditTime) * spinShare);
    this.#creditTime = now;
    if (distance < spinBelow && this.#credit > 0) {
      this.#lastPoll = now;
      this.#spinning = setImmediate(this.#poll);
      return;
    }
    this.#timerDue = earliest;
    const milliseconds = Math.max(1, Math.floor((distance - millisecond) / millisecond));
    this.#timer = setTimeout(this.#fire, milliseconds);
  }

  readonly #fire = (): void => {
    const now = this.#clock.now();
    this.#queue.runDue(now);
    this.#arm(now);
  };

  readonly #poll = (): void => {
    const now = this.#clock.now();
    // Rounds in which the panel had other work are no waste, so only short ones are charged.
    this.#credit -= Math.min(now - this.#lastPoll, millisecond / 10);
    this.#lastPoll = now;
    this.#queue.runDue(now);
    if (this.#queue.earliest - now < spinBelow && this.#credit > 0) {
      this.#spinning = setImmediate(this.#poll);
      return;
    }
    this.#spinning = undefined;
    this.#arm(now);
  };
}
