import { setImmediate as settled } from "node:timers/promises";
import type { FaultClock } from "../../../src/flow/fault/fault-clock.ts";

/** A clock that stands still until it is told otherwise. */
export class VirtualClock implements FaultClock {
  #now = 0;
  readonly #waits = new Set<{ readonly timeMs: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  until(timeMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(new Error("aborted"));
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const wait = {
      timeMs,
      wake: () => {
        resolve(undefined);
      },
    };
    this.#waits.add(wait);
    signal.addEventListener("abort", () => {
      this.#waits.delete(wait);
      reject(new Error("aborted"));
    });
    return promise;
  }

  /** Let time pass, with all that is due on the way and what follows from it. */
  async advanceTo(timeMs: number): Promise<void> {
    await settled();
    for (;;) {
      const [next] = [...this.#waits].toSorted((a, b) => a.timeMs - b.timeMs);
      if (next === undefined || next.timeMs > timeMs) break;
      this.#waits.delete(next);
      this.#now = Math.max(this.#now, next.timeMs);
      next.wake();
      await settled();
    }
    this.#now = timeMs;
    await settled();
  }
}
