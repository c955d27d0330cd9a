import {
  appliedProgress,
  emptyProgress,
  failedProgress,
  type Progress,
  stepProgress,
  unknownProgress,
} from "../../daemon/progress.ts";
import type { SwitchState } from "../../nexus/sled-interface/switch-state.ts";
import type { LearntRoute } from "./learnt-route.ts";
import { type Subject, unsupported, type Wanted, wantedOf } from "./wanted.ts";

/** Times of mgd, milliseconds: how long after a failure something is told again, at first and at most. */
export const mgdTimes = { firstRetryMs: 200, longestRetryMs: 5000 } as const;

/** Whom mgd tells something, in the order in which that is begun: addresses before those who speak from them. */
export const subjects = [
  "addresses",
  "dpd",
  "staticd",
  "bfdd",
  "bgpd",
  "routes",
  "ddmd",
] as const satisfies readonly Subject[];

/** Those who are told what follows from what nexus says alone; what has been learnt comes and goes besides. */
const configured: ReadonlySet<Subject> = new Set(["addresses", "dpd", "staticd", "bfdd", "bgpd"]);

/** mgd's state: what shall be, what has been learnt, and how far everybody is. */
export interface MgdState {
  readonly tunnelEndpoint: string;
  /** Undefined before nexus has said anything: nothing is touched then. */
  readonly desired: SwitchState | undefined;
  /** Undefined before the kernel was asked. */
  readonly learnt: readonly LearntRoute[] | undefined;
  readonly progress: Readonly<Record<Subject, Progress>>;
  /** The generation that was last in effect. */
  readonly effective: number;
}

/** What happens to mgd. */
export type MgdInput =
  /** Nexus says what shall be, or what it said was found on the disk. */
  | { readonly kind: "desired"; readonly state: SwitchState }
  /** The kernel's routes out of the rack. */
  | { readonly kind: "learnt"; readonly routes: readonly LearntRoute[] }
  /** It is not known any more what these have: they started anew, or somebody changed something. */
  | { readonly kind: "unknown"; readonly subjects: readonly Subject[] }
  | { readonly kind: "applied"; readonly subject: Subject }
  | { readonly kind: "failed"; readonly subject: Subject; readonly fault: string }
  | { readonly kind: "tick" };

/** What is to be done: have somebody be so, by the fewest changes. */
export type MgdOutput = {
  readonly [Each in Subject]: { readonly kind: "apply"; readonly subject: Each; readonly wanted: Wanted[Each] };
}[Subject];

/** One step: the state after it, what to do, and when to tick next. */
export interface MgdStep {
  readonly state: MgdState;
  readonly outputs: readonly MgdOutput[];
  readonly wakeMs: number | undefined;
}

/** An mgd that has been told nothing. */
export function emptyMgd(tunnelEndpoint: string): MgdState {
  const progress = Object.fromEntries(subjects.map((subject) => [subject, emptyProgress])) as Record<Subject, Progress>;
  return { tunnelEndpoint, desired: undefined, learnt: undefined, progress, effective: 0 };
}

/**
 * Bring the switch nearer to what shall be. Each subject is told the whole of what it shall have, when that is another, when it is
 * not known what it has, and again after a failure; one at a time.
 */
export function stepMgd(before: MgdState, input: MgdInput, nowMs: number): MgdStep {
  const state = take(before, input, nowMs);
  const { desired, learnt, tunnelEndpoint } = state;
  if (desired === undefined || learnt === undefined) return { state, outputs: [], wakeMs: undefined };
  const wanted = wantedOf(desired, learnt, tunnelEndpoint);
  const progress = { ...state.progress };
  const outputs: MgdOutput[] = [];
  const wakes: number[] = [];
  let isConfigured = true;
  for (const subject of subjects) {
    const step = stepProgress(progress[subject], JSON.stringify(wanted[subject]), nowMs);
    progress[subject] = step.progress;
    if (step.begins) outputs.push({ kind: "apply", subject, wanted: wanted[subject] } as MgdOutput);
    if (step.wakeMs !== undefined) wakes.push(step.wakeMs);
    if (configured.has(subject) && !step.isApplied) isConfigured = false;
  }
  return {
    state: { ...state, progress, effective: isConfigured ? desired.generation : state.effective },
    outputs,
    wakeMs: wakes.length === 0 ? undefined : Math.min(...wakes),
  };
}

function take(state: MgdState, input: MgdInput, nowMs: number): MgdState {
  const change = (which: readonly Subject[], changed: (progress: Progress) => Progress): MgdState => ({
    ...state,
    progress: { ...state.progress, ...Object.fromEntries(which.map((each) => [each, changed(state.progress[each])])) },
  });
  switch (input.kind) {
    case "desired":
      // Whatever the others have been told since: they are compared anew.
      return { ...change(subjects, (progress) => unknownProgress(progress, nowMs)), desired: input.state };
    case "learnt":
      return { ...state, learnt: input.routes };
    case "unknown":
      return change(input.subjects, (progress) => unknownProgress(progress, nowMs));
    case "applied":
      return change([input.subject], (progress) => appliedProgress(progress, nowMs));
    case "failed":
      return change([input.subject], (progress) => failedProgress(progress, input.fault, nowMs, mgdTimes));
    case "tick":
      return state;
  }
}

/** What is not as it shall be, in words. */
export function faultsOf({ desired, progress }: MgdState): string[] {
  return [
    ...(desired === undefined ? [] : unsupported(desired)),
    ...subjects.flatMap((subject) => {
      const { fault } = progress[subject];
      return fault === undefined ? [] : [`${subject}: ${fault}`];
    }),
  ];
}
