import { down, type Fault } from "./fault.ts";

/** When something is broken, counted from the start of the schedule it is part of. */
export interface Span {
  /** Milliseconds until it begins; 0 unless given. */
  readonly startMs?: number;
  /** Milliseconds after which it is healed, whatever it would do later; as long as it lasts by itself unless given. */
  readonly durationMs?: number;
}

/** How often something is broken again. */
export interface Repetition {
  readonly times: number;
  /** Milliseconds from one beginning to the next; when the one before has ended, unless given. */
  readonly everyMs?: number;
}

/** Schedules made of others. */
export type CompoundSchedule =
  | ({ readonly kind: "during"; readonly what: FaultSchedule } & Span)
  | { readonly kind: "together"; readonly parts: readonly FaultSchedule[] }
  | { readonly kind: "in-turn"; readonly parts: readonly FaultSchedule[] }
  | ({ readonly kind: "repeated"; readonly what: FaultSchedule } & Repetition);

/**
 * Faults over time: plain data that survives JSON. A fault by itself is the simplest schedule: it begins at once and lasts
 * until it is healed.
 */
export type FaultSchedule = Fault | CompoundSchedule;

const compoundKinds: ReadonlySet<string> = new Set<CompoundSchedule["kind"]>([
  "during",
  "together",
  "in-turn",
  "repeated",
]);

/** Whether a schedule is made of others; else it is a fault. */
export function isCompound(schedule: FaultSchedule): schedule is CompoundSchedule {
  return compoundKinds.has(schedule.kind);
}

/** Something is broken for a time, or later, or both. */
export function during(what: FaultSchedule, span: Span): FaultSchedule {
  return { kind: "during", what, ...span };
}

/** All of these, counted from the same moment. */
export function together(...parts: readonly FaultSchedule[]): FaultSchedule {
  return { kind: "together", parts };
}

/** One after the other: each begins when the one before has ended. All but the last must have an end. */
export function inTurn(...parts: readonly FaultSchedule[]): FaultSchedule {
  return { kind: "in-turn", parts };
}

/** The same several times. */
export function repeated(what: FaultSchedule, repetition: Repetition): FaultSchedule {
  return { kind: "repeated", what, ...repetition };
}

/** The wire loses its carrier `count` times: down for the first half of each period, up for the second. */
export function flapping(
  wire: string,
  { periodMs, count }: { readonly periodMs: number; readonly count: number },
): FaultSchedule {
  return repeated(during(down(wire), { durationMs: periodMs / 2 }), { times: count, everyMs: periodMs });
}

/** Milliseconds from the start of a schedule until nothing of it is broken any more; infinity where it has no end. */
export function scheduleLengthMs(schedule: FaultSchedule): number {
  if (!isCompound(schedule)) return schedule.kind === "power-cycled" ? 0 : Number.POSITIVE_INFINITY;
  switch (schedule.kind) {
    case "during":
      return (schedule.startMs ?? 0) + (schedule.durationMs ?? scheduleLengthMs(schedule.what));
    case "together":
      return Math.max(0, ...schedule.parts.map(scheduleLengthMs));
    case "in-turn":
      return schedule.parts.reduce((sum, part) => sum + scheduleLengthMs(part), 0);
    case "repeated": {
      const once = scheduleLengthMs(schedule.what);
      return schedule.times === 1 ? once : (schedule.times - 1) * (schedule.everyMs ?? once) + once;
    }
  }
}
