import type { Fault } from "./fault.ts";
import { type FaultSchedule, isCompound, scheduleLengthMs } from "./schedule.ts";

/** One fault, from when to when. */
export interface FaultWindow {
  /** Position in the order of beginnings, from 1. */
  readonly id: number;
  readonly fault: Fault;
  /** Milliseconds since the start of the schedule. */
  readonly beginMs: number;
  /** The same as the beginning for what heals by itself; infinity for what nothing in the schedule heals. */
  readonly endMs: number;
}

/** Something to be done to one fault. */
export interface FaultAction {
  readonly atMs: number;
  readonly type: "begin" | "heal";
  readonly window: FaultWindow;
}

/** The faults of a schedule that makes sense (see `scheduleProblems`), in the order in which they begin. */
export function faultWindows(schedule: FaultSchedule): readonly FaultWindow[] {
  return [...placed(schedule, 0, Number.POSITIVE_INFINITY)]
    .toSorted((a, b) => a.beginMs - b.beginMs)
    .map((window, index) => ({ id: index + 1, ...window }));
}

/**
 * What is to be done when, in order. What ends at the same moment as something else begins is healed first; of what ends
 * together, the youngest.
 */
export function faultActions(windows: readonly FaultWindow[]): readonly FaultAction[] {
  const begins = windows.map((window): FaultAction => ({ atMs: window.beginMs, type: "begin", window }));
  const heals = windows
    .filter(({ beginMs, endMs }) => endMs > beginMs && endMs < Number.POSITIVE_INFINITY)
    .toReversed()
    .map((window): FaultAction => ({ atMs: window.endMs, type: "heal", window }));
  return [...heals, ...begins].toSorted((a, b) => a.atMs - b.atMs);
}

function* placed(schedule: FaultSchedule, atMs: number, untilMs: number): Generator<Omit<FaultWindow, "id">> {
  if (atMs >= untilMs) return;
  if (!isCompound(schedule)) {
    yield { fault: schedule, beginMs: atMs, endMs: Math.min(untilMs, atMs + scheduleLengthMs(schedule)) };
    return;
  }
  switch (schedule.kind) {
    case "during": {
      const beginMs = atMs + (schedule.startMs ?? 0);
      yield* placed(
        schedule.what,
        beginMs,
        Math.min(untilMs, beginMs + (schedule.durationMs ?? Number.POSITIVE_INFINITY)),
      );
      return;
    }
    case "together":
      for (const part of schedule.parts) yield* placed(part, atMs, untilMs);
      return;
    case "in-turn": {
      let partMs = atMs;
      for (const part of schedule.parts) {
        yield* placed(part, partMs, untilMs);
        partMs += scheduleLengthMs(part);
      }
      return;
    }
    case "repeated": {
      const everyMs = schedule.everyMs ?? scheduleLengthMs(schedule.what);
      let turnMs = atMs;
      for (let turn = 0; turn < schedule.times; turn += 1) {
        yield* placed(schedule.what, turnMs, untilMs);
        turnMs += everyMs;
      }
      return;
    }
  }
}
