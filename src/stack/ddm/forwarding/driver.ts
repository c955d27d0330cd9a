import type { RouteChange } from "../engine/input-output.ts";
import type { RouteSet } from "../engine/forwarding-plan.ts";

/** A destination that could not be programmed. */
export interface RouteFailure {
  readonly destination: string;
  readonly reason: string;
}

/** A table that forwards packets: the kernel's, or a switch's behind dpd. Never used for two things at a time. */
export interface ForwardingDriver extends AsyncDisposable {
  /** What of this daemon's the table holds now. Rejects when the table cannot be asked. */
  snapshot(): Promise<RouteSet>;
  /** Make these destinations so. Resolves with those that could not be; rejects when the table cannot be reached. */
  program(changes: readonly RouteChange[]): Promise<readonly RouteFailure[]>;
}

/** The shares of a destination's next hops, by link; a link that is not named has 1. */
export type Weights = ReadonlyMap<string, number>;

/** A driver that can share traffic unevenly (delay-driven multipath). */
export interface WeightedDriver extends ForwardingDriver {
  /** Use these weights for a destination from its next programming on; undefined for equal ones. */
  setWeights(destination: string, weights: Weights | undefined): void;
}
