import { setTimeout as pause } from "node:timers/promises";

/** The time by which schedules are carried out, in milliseconds of a monotonic clock. */
export interface FaultClock {
  now(): number;
  /** Resolves at a time; rejects when the signal is aborted before. */
  until(timeMs: number, signal: AbortSignal): Promise<void>;
}

/** The time of this process. */
export const realClock: FaultClock = {
  now: () => performance.now(),
  until: async (timeMs, signal) => {
    await pause(Math.max(0, timeMs - performance.now()), undefined, { signal });
  },
};
