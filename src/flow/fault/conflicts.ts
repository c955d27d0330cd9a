import { isDeepStrictEqual } from "node:util";
import { faultTarget, isMachineFault, isWireFault } from "./fault.ts";
import { describeFault } from "./fault-text.ts";
import type { FaultWindow } from "./fault-window.ts";

/**
 * In words, which faults cannot hold at once, of those that are planned and those that are there already. Wires can: their
 * faults compose. A machine has one fault at a time; its guest can be broken and healed only while it runs, and a restart
 * would undo what is wrong inside.
 */
export function conflicts(planned: readonly FaultWindow[], present: readonly FaultWindow[] = []): readonly string[] {
  return planned.flatMap((window, index) =>
    [...present, ...planned.slice(0, index)].flatMap((earlier) => {
      const reason = conflict(earlier, window);
      return reason === undefined ? [] : [reason];
    }),
  );
}

function conflict(one: FaultWindow, other: FaultWindow): string | undefined {
  if (isWireFault(one.fault) || isWireFault(other.fault)) return undefined;
  if (faultTarget(one.fault) !== faultTarget(other.fault) || !overlap(one, other)) return undefined;
  const [machine, guest] = isMachineFault(one.fault) ? [one, other] : [other, one];
  const both = `${describeFault(one.fault)} (${span(one)}) and ${describeFault(other.fault)} (${span(other)})`;
  if (!isMachineFault(machine.fault)) return sameDaemon(one, other) ? `${both} at once` : undefined;
  if (isMachineFault(guest.fault)) return `${both} at once`;
  if (machine.fault.kind !== "paused") return `${both}: a restart would undo it`;
  return within(guest.beginMs, machine) || (guest.endMs > machine.beginMs && guest.endMs < machine.endMs)
    ? `${both}: a paused guest cannot be asked`
    : undefined;
}

/** Two faults of one daemon; steps of a clock add up. */
function sameDaemon({ fault: one }: FaultWindow, { fault: other }: FaultWindow): boolean {
  return "daemon" in one && "daemon" in other && isDeepStrictEqual(one.daemon, other.daemon);
}

/** What heals by itself takes no time in the schedule, but some on the testbed. */
function end({ beginMs, endMs }: FaultWindow): number {
  return Math.max(endMs, beginMs + 1);
}

function overlap(one: FaultWindow, other: FaultWindow): boolean {
  return one.beginMs < end(other) && other.beginMs < end(one);
}

function within(timeMs: number, window: FaultWindow): boolean {
  return timeMs >= window.beginMs && timeMs < end(window);
}

function span({ beginMs, endMs }: FaultWindow): string {
  if (endMs === beginMs) return `at ${beginMs} ms`;
  // What is there already began before the schedule.
  if (endMs === Number.POSITIVE_INFINITY) return beginMs < 0 ? "already" : `from ${beginMs} ms on`;
  return beginMs < 0 ? `until ${Math.round(endMs)} ms` : `${beginMs} to ${endMs} ms`;
}
