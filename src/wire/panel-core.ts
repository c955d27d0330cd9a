import type { PanelClock } from "./panel-clock.ts";

/** What the directions of a panel have in common. */
export interface PanelCore {
  readonly clock: PanelClock;
  /** Calls `run` at `due` on the clock, or as soon after it as possible; what is due together in order of scheduling. */
  readonly timer: { schedule(due: number, run: (now: number) => void): void };
  readonly seed: string;
  /** Take the next `frames` sequence numbers; returns the first. */
  takeSequence(frames: number): number;
  /** Tell those who follow recordings that there is more. */
  recorded(): void;
}
