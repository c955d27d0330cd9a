import type { FaultAction } from "./fault-window.ts";

/** What a moment of a schedule brings. */
export interface FaultStep {
  /** To be done now, in this order. */
  readonly due: readonly FaultAction[];
  /** Still to be done, in order. */
  readonly pending: readonly FaultAction[];
  /** When there is something to be done again, milliseconds since the start; undefined when there is nothing more. */
  readonly nextMs: number | undefined;
}

/** Of what is to be done (in order), everything that is due at a time, milliseconds since the start of the schedule. */
export function advanceFaults(pending: readonly FaultAction[], nowMs: number): FaultStep {
  const later = pending.findIndex(({ atMs }) => atMs > nowMs);
  const count = later === -1 ? pending.length : later;
  return { due: pending.slice(0, count), pending: pending.slice(count), nextMs: pending[count]?.atMs };
}
