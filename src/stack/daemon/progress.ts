/** How far something else is from what it shall have, which it is told as a whole. Pure: time comes in with each call. */
export interface Progress {
  /** What it last took, as text; undefined if it is not known what it has. */
  readonly applied: string | undefined;
  /** What it is being told. */
  readonly inFlight: string | undefined;
  readonly fault: string | undefined;
  readonly failures: number;
  /** When it may be told next, milliseconds. */
  readonly dueMs: number;
}

/** Times of a repetition, milliseconds: how long after a failure, at first and at most. */
export interface RetryTimes {
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/** What is due of a {@link Progress}. */
export interface ProgressStep {
  readonly progress: Progress;
  /** It has what it shall have. */
  readonly isApplied: boolean;
  /** It is to be told now. */
  readonly begins: boolean;
  /** When to look again; undefined while nothing is waited for. */
  readonly wakeMs: number | undefined;
}

/** Nothing was told yet. */
export const emptyProgress: Progress = {
  applied: undefined,
  inFlight: undefined,
  fault: undefined,
  failures: 0,
  dueMs: 0,
};

/** What it has is not known any more: it is to be compared at once. */
export function unknownProgress(progress: Progress, nowMs: number): Progress {
  return { ...progress, applied: undefined, dueMs: nowMs };
}

/** See what is due when it shall have `text`. */
export function stepProgress(progress: Progress, text: string, nowMs: number): ProgressStep {
  const { applied, inFlight, dueMs } = progress;
  const isApplied = applied === text && inFlight === undefined;
  const begins = !isApplied && inFlight === undefined && dueMs <= nowMs;
  return {
    progress: begins ? { ...progress, inFlight: text } : progress,
    isApplied,
    begins,
    wakeMs: isApplied || begins || inFlight !== undefined ? undefined : dueMs,
  };
}

/** It took what it was told. */
export function appliedProgress({ inFlight }: Progress, nowMs: number): Progress {
  return { applied: inFlight, inFlight: undefined, fault: undefined, failures: 0, dueMs: nowMs };
}

/** It did not take what it was told: it is told again, after ever longer times. */
export function failedProgress(
  { failures }: Progress,
  fault: string,
  nowMs: number,
  { firstRetryMs, longestRetryMs }: RetryTimes,
): Progress {
  const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(failures, 16));
  return { applied: undefined, inFlight: undefined, fault, failures: failures + 1, dueMs: nowMs + waitMs };
}
