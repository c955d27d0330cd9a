import { tcpPhase } from "./tcp-state.ts";

/** An entry that may not be evicted. */
export const protectedEntry = -1;

/**
 * The value between `low` and `high` at `at` between `start` and `end`, rounded to nearest, halves down, and clamped.
 * Throws `RangeError` if `start` lies after `end`.
 */
export function interpolate(at: number, start: number, end: number, low: number, high: number): number {
  if (start > end) throw new RangeError(`expected a start not after ${end}, found ${start}`);
  if (at <= start) return low;
  if (at >= end) return high;
  return Math.ceil(low + ((high - low) * (at - start)) / (end - start) - 0.5);
}

/**
 * How ready a TCP flow is to be evicted for a new one, 0 … 65535, or {@link protectedEntry}: half-open and closing flows
 * the sooner the longer they rest, established ones after a minute of rest (specification, section 1.8).
 */
export function tcpEvictionPriority(state: number, restedMs: number): number {
  switch (tcpPhase(state)) {
    case "closed":
      return 65_535;
    case "established":
      return restedMs < 60_000 ? protectedEntry : 1;
    case "opening":
      return restedMs <= 2500 ? protectedEntry : interpolate(restedMs, 2500, 5000, 2, 65_534);
    case "closing":
      return restedMs <= 5000 ? protectedEntry : interpolate(restedMs, 5000, 120_000, 2, 65_534);
  }
}
