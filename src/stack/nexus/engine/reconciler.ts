import type { Target } from "./desired-state.ts";

/** Times of the reconciler, milliseconds. */
export const reconcilerTimes = {
  /** How long after a failure the first new attempt is made; each further one after twice as long. */
  firstRetryMs: 100,
  longestRetryMs: 10_000,
  /** How often a target that is as it shall be is asked whether it still is; it tells of changes by itself. */
  checkMs: 5000,
  /** How often one that is on its way is asked. */
  settlingMs: 250,
} as const;

/** A request to a target: to take a state, or to tell which it has. */
export type ReconcilerRequest = { readonly kind: "push"; readonly generation: number } | { readonly kind: "poll" };

/** What is known of one target. */
export interface TargetProgress {
  /** The generation that it shall have. */
  readonly wanted: number;
  /** The one that it last said it has; undefined if that is not known any more. */
  readonly confirmed: number | undefined;
  /** What it is being asked; undefined between requests. */
  readonly inFlight: ReconcilerRequest | undefined;
  /** How many requests in a row failed. */
  readonly failures: number;
  readonly fault: string | undefined;
  /** When it is asked next. */
  readonly dueMs: number;
}

/** The reconciler's state: all targets. */
export type ReconcilerState = ReadonlyMap<Target, TargetProgress>;

/** What happens to the reconciler. */
export type ReconcilerInput =
  /** All targets there are, with the generations that they shall have. */
  | { readonly kind: "wanted"; readonly generations: ReadonlyMap<Target, number> }
  /** A target told its generation; it is settled unless something there is still on its way. */
  | { readonly kind: "answered"; readonly target: Target; readonly generation: number; readonly isSettled: boolean }
  /** The same, unasked: what is being asked of it is answered besides. */
  | { readonly kind: "told"; readonly target: Target; readonly generation: number; readonly isSettled: boolean }
  | { readonly kind: "failed"; readonly target: Target; readonly fault: string }
  | { readonly kind: "tick" };

/** What is to be done. */
export type ReconcilerOutput =
  /** Send the target its present desired state. */
  | { readonly kind: "push"; readonly target: Target; readonly generation: number }
  /** Ask the target what it has. */
  | { readonly kind: "poll"; readonly target: Target }
  /** The target has a later generation than it shall: number its state anew, above that. */
  | { readonly kind: "overtaken"; readonly target: Target; readonly generation: number };

/** One step: the state after it, what to do, and when to tick next. */
export interface ReconcilerStep {
  readonly state: ReconcilerState;
  readonly outputs: readonly ReconcilerOutput[];
  /** undefined while all wait for answers. */
  readonly wakeMs: number | undefined;
}

/**
 * Bring each target to the generation that it shall have, and keep it there. A target has one request on its way at a time.
 * One that failed is first asked what it has: it may have come back with an older state, or have none.
 */
export function reconcile(state: ReconcilerState, input: ReconcilerInput, nowMs: number): ReconcilerStep {
  const next = new Map(state);
  const outputs: ReconcilerOutput[] = [];
  switch (input.kind) {
    case "wanted":
      for (const target of state.keys()) if (!input.generations.has(target)) next.delete(target);
      for (const [target, generation] of input.generations) {
        const before = state.get(target);
        if (before === undefined) next.set(target, fresh(generation, nowMs));
        else if (before.wanted !== generation) next.set(target, changed(before, generation, nowMs));
      }
      break;
    case "answered": {
      const before = state.get(input.target);
      if (before === undefined) break;
      const isReached = input.generation === before.wanted;
      if (input.generation > before.wanted) {
        outputs.push({ kind: "overtaken", target: input.target, generation: input.generation });
      }
      const { inFlight } = before;
      // Asked again at once: it told an older state than wanted, or what it took is not what is wanted any more.
      const isBehind =
        !isReached &&
        (inFlight?.kind === "poll" || (inFlight?.kind === "push" && inFlight.generation !== before.wanted));
      const waitMs = isReached && input.isSettled ? reconcilerTimes.checkMs : reconcilerTimes.settlingMs;
      next.set(input.target, {
        wanted: before.wanted,
        // One that took the state and tells an older one is at work: it is asked, not told again.
        confirmed: isReached || isBehind ? input.generation : undefined,
        inFlight: undefined,
        failures: 0,
        fault: undefined,
        dueMs: isBehind ? nowMs : nowMs + waitMs,
      });
      break;
    }
    case "failed": {
      const before = state.get(input.target);
      if (before === undefined) break;
      next.set(input.target, {
        wanted: before.wanted,
        confirmed: undefined,
        inFlight: undefined,
        failures: before.failures + 1,
        fault: input.fault,
        dueMs: nowMs + retryMs(input.target, before.failures),
      });
      break;
    }
    case "told": {
      const before = state.get(input.target);
      if (before === undefined || before.inFlight !== undefined) break;
      const isReached = input.generation === before.wanted;
      const waitMs = isReached && input.isSettled ? reconcilerTimes.checkMs : reconcilerTimes.settlingMs;
      const confirmed = isReached ? input.generation : undefined;
      next.set(input.target, { ...before, confirmed, failures: 0, fault: undefined, dueMs: nowMs + waitMs });
      break;
    }
    case "tick":
      break;
  }
  for (const [target, progress] of next) {
    if (progress.inFlight !== undefined || progress.dueMs > nowMs) continue;
    if (outputs.some((output) => output.kind === "overtaken" && output.target === target)) continue;
    const { wanted, confirmed } = progress;
    const isPush = confirmed !== undefined && confirmed !== wanted;
    const request: ReconcilerRequest = isPush ? { kind: "push", generation: wanted } : { kind: "poll" };
    outputs.push({ ...request, target });
    next.set(target, { ...progress, inFlight: request });
  }
  const waiting = [...next.values()].filter(({ inFlight }) => inFlight === undefined).map(({ dueMs }) => dueMs);
  return { state: next, outputs, wakeMs: waiting.length === 0 ? undefined : Math.min(...waiting) };
}

/** Nothing is known of it: it is asked first. */
function fresh(wanted: number, dueMs: number): TargetProgress {
  return { wanted, confirmed: undefined, inFlight: undefined, failures: 0, fault: undefined, dueMs };
}

/** A change goes out at once, unless the target does not answer: then with its next attempt. */
function changed(before: TargetProgress, wanted: number, nowMs: number): TargetProgress {
  return { ...before, wanted, dueMs: before.failures > 0 ? before.dueMs : nowMs };
}

/** Spread by the target's name, so that not all of them come at one moment. */
function retryMs(target: Target, failures: number): number {
  const longest = Math.min(reconcilerTimes.longestRetryMs, reconcilerTimes.firstRetryMs * 2 ** Math.min(failures, 16));
  let hash = failures;
  for (let at = 0; at < target.length; at++) hash = Math.imul(hash ^ target.charCodeAt(at), 0x01000193);
  return Math.round(longest * (0.5 + ((hash >>> 0) % 1000) / 2000));
}
