import { closest } from "fastest-levenshtein";
import { KestrelError } from "../../error/kestrel-error.ts";
import { panelConfiguration } from "../../testbed/launch.ts";
import type { Plan } from "../../topology/index.ts";
import { settingsFaults } from "../../wire/settings-faults.ts";
import { conflicts } from "./conflicts.ts";
import { type Fault, faultTarget, isWireFault } from "./fault.ts";
import { describeFault } from "./fault-text.ts";
import { type FaultWindow, faultWindows } from "./fault-window.ts";
import { type FaultSchedule, isCompound, scheduleLengthMs } from "./schedule.ts";

/** What a schedule has to fit in with. */
export interface ScheduleConditions {
  /** What is broken already or will be, in the time of the schedule. */
  readonly others?: readonly FaultWindow[];
  /** Every fault of it must be healed by the schedule itself. */
  readonly mustEnd?: boolean;
}

/**
 * The faults of a schedule, once it is sure that it can be carried out on a testbed of that plan.
 *
 * @throws KestrelError (input) with everything that is wrong with it
 */
export function checkedWindows(
  schedule: FaultSchedule,
  plan: Plan,
  { others = [], mustEnd = false }: ScheduleConditions = {},
): readonly FaultWindow[] {
  const shape = shapeProblems(schedule);
  // Times that make no sense cannot be laid out.
  const windows = shape.length > 0 ? [] : faultWindows(schedule);
  const endless = mustEnd ? windows.filter(({ endMs }) => endMs === Number.POSITIVE_INFINITY) : [];
  const problems = [
    ...shape,
    ...endless.map(({ fault }) => `${describeFault(fault)}, but nothing heals it: give it a durationMs`),
    ...faultProblems(faultsOf(schedule), plan),
    ...conflicts(windows, others),
  ];
  if (problems.length === 0) return windows;
  throw new KestrelError({
    kind: "input",
    step: "break the testbed",
    subject: plan.name,
    found: [...new Set(problems)].join("; "),
  });
}

/** Names of the wires of a plan that pass through the panel, those of segments and uplinks too; others are out of reach. */
export function breakableWires(plan: Plan): readonly string[] {
  return (panelConfiguration(plan).wires ?? []).map(({ name }) => name);
}

/** In words, that a name is none of those known; undefined when it is one. */
export function nameProblem(what: "wire" | "node", name: string, plan: Plan): string | undefined {
  const known = what === "wire" ? breakableWires(plan) : plan.nodes.map((node) => node.name);
  if (known.includes(name)) return undefined;
  if (what === "wire" && plan.wires.some((wire) => wire.name === name))
    return `wire ${name} is direct, out of reach of the panel: remove \`direct: true\` from it`;
  const hint = known.length === 0 ? "" : ` (did you mean ${JSON.stringify(closest(name, known))}?)`;
  return `there is no ${what} ${name}${hint}`;
}

/** In words, what is wrong with the times of a schedule. */
function shapeProblems(schedule: FaultSchedule): readonly string[] {
  if (!isCompound(schedule)) return [];
  switch (schedule.kind) {
    case "during": {
      const { startMs = 0, durationMs } = schedule;
      return [
        ...(isTime(startMs) ? [] : [`startMs must be 0 or more milliseconds, not ${startMs}`]),
        ...(durationMs === undefined || (isTime(durationMs) && durationMs > 0)
          ? []
          : [`durationMs must be more than 0 milliseconds, not ${durationMs}`]),
        ...shapeProblems(schedule.what),
      ];
    }
    case "together":
      return schedule.parts.flatMap(shapeProblems);
    case "in-turn":
      return [
        ...schedule.parts
          .slice(0, -1)
          .filter((part) => !Number.isFinite(scheduleLengthMs(part)))
          .map((part) => `${what(part)}, but nothing can come in turn after it: it has no end`),
        ...schedule.parts.flatMap(shapeProblems),
      ];
    case "repeated": {
      const { times, everyMs } = schedule;
      const everyOrLength = everyMs ?? scheduleLengthMs(schedule.what);
      return [
        ...(Number.isSafeInteger(times) && times >= 1 ? [] : [`times must be a whole number above 0, not ${times}`]),
        ...(times === 1 || (isTime(everyOrLength) && everyOrLength > 0)
          ? []
          : [
              everyMs === undefined
                ? `${what(schedule.what)}, but cannot be repeated without everyMs: it has no end, or takes no time`
                : `everyMs must be more than 0 milliseconds, not ${everyMs}`,
            ]),
        ...shapeProblems(schedule.what),
      ];
    }
  }
}

function isTime(milliseconds: number): boolean {
  return Number.isFinite(milliseconds) && milliseconds >= 0;
}

function what(schedule: FaultSchedule): string {
  return [...faultsOf(schedule)].map(describeFault).join(" and ");
}

function* faultsOf(schedule: FaultSchedule): Generator<Fault> {
  if (!isCompound(schedule)) {
    yield schedule;
    return;
  }
  switch (schedule.kind) {
    case "together":
    case "in-turn":
      for (const part of schedule.parts) yield* faultsOf(part);
      return;
    case "during":
    case "repeated":
      yield* faultsOf(schedule.what);
      return;
  }
}

function* faultProblems(faults: Iterable<Fault>, plan: Plan): Generator<string> {
  for (const fault of faults) {
    const unknown = nameProblem(isWireFault(fault) ? "wire" : "node", faultTarget(fault), plan);
    if (unknown !== undefined) yield unknown;
    if (fault.kind === "impaired") {
      const wrong = settingsFaults(fault.settings);
      if (Object.keys(fault.settings).length === 0) wrong.push("no setting is named");
      for (const problem of wrong) yield `impaired ${fault.wire}: ${problem}`;
    }
    if (fault.kind === "clock-step" && (!Number.isFinite(fault.milliseconds) || fault.milliseconds === 0))
      yield `a clock steps by milliseconds other than 0, not by ${fault.milliseconds}`;
  }
}
