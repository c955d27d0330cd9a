import { KestrelError } from "../../error/kestrel-error.ts";
import type { Plan } from "../../topology/index.ts";
import { settingsFaults } from "../../wire/settings-faults.ts";
import type { Daemon, Impairment } from "./fault.ts";
import { breakableWires, nameProblem } from "./schedule-problems.ts";

/** Whole numbers (probabilities: thousandths) from one to another, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What a campaign can break. */
export const campaignKinds = [
  "down",
  "flapping",
  "cut",
  "one-way-cut",
  "impaired",
  "paused",
  "killed",
  "power-cycled",
  "daemon-killed",
  "daemon-stopped",
  "daemon-frozen",
  "clock-step",
] as const;

/** One of {@link campaignKinds}. */
export type CampaignKind = (typeof campaignKinds)[number];

/** What to draw a campaign from. Times are milliseconds. */
export interface CampaignOptions {
  /** How many faults; fewer only where nothing was free to be broken. */
  readonly count: number;
  /** What may happen: what happens to wires, and pauses, unless given. */
  readonly kinds?: readonly CampaignKind[];
  /** Wires that may be broken; all unless given. */
  readonly wires?: readonly string[];
  /** Nodes that may be broken; all unless given. */
  readonly nodes?: readonly string[];
  /** Wires and nodes never to be touched, whatever else is said. */
  readonly never?: readonly string[];
  /** How many faults may hold at once; 1 unless given. A wire or node has one at a time. */
  readonly atOnce?: number;
  /** How long each lasts; 200 to 1000 unless given. */
  readonly durationMs?: Range;
  /** How long there is quiet before each; 200 to 1000 unless given. */
  readonly quietMs?: Range;
  /** From what to what the settings of impairments go; one to all of them are drawn for each. */
  readonly impairments?: Readonly<Partial<Record<keyof Impairment, Range>>>;
  /** The daemons that may be broken, by node. */
  readonly daemons?: Readonly<Record<string, readonly Daemon[]>>;
  /** How far clocks step, forwards or backwards; 1000 to 3600000 unless given. */
  readonly clockStepMs?: Range;
}

/** Options with everything said. */
export type CampaignLimits = Required<Omit<CampaignOptions, "never">>;

const defaultKinds: readonly CampaignKind[] = ["down", "flapping", "cut", "one-way-cut", "impaired", "paused"];

const defaultImpairments: CampaignLimits["impairments"] = {
  delayMicroseconds: { from: 1000, to: 50_000 },
  jitterMicroseconds: { from: 1000, to: 10_000 },
  loss: { from: 0.05, to: 0.5 },
  duplicate: { from: 0.01, to: 0.2 },
  reorder: { from: 0.01, to: 0.2 },
  corrupt: { from: 0.01, to: 0.1 },
};

/**
 * Options with their defaults, without what is never to be touched.
 *
 * @throws KestrelError (input) with everything that is wrong with them
 */
export function campaignLimits(options: CampaignOptions, plan: Plan): CampaignLimits {
  const problems = [...optionProblems(options, plan)];
  const { never = [] } = options;
  const allowed = (name: string): boolean => !never.includes(name);
  const limits: CampaignLimits = {
    count: options.count,
    kinds: options.kinds ?? defaultKinds,
    wires: (options.wires ?? breakableWires(plan)).filter(allowed),
    nodes: (options.nodes ?? plan.nodes.map(({ name }) => name)).filter(allowed),
    atOnce: options.atOnce ?? 1,
    durationMs: options.durationMs ?? { from: 200, to: 1000 },
    quietMs: options.quietMs ?? { from: 200, to: 1000 },
    impairments: options.impairments ?? defaultImpairments,
    daemons: options.daemons ?? {},
    clockStepMs: options.clockStepMs ?? { from: 1000, to: 3_600_000 },
  };
  if (problems.length === 0) return limits;
  throw new KestrelError({
    kind: "input",
    step: "draw a campaign of faults",
    subject: plan.name,
    found: problems.join("; "),
  });
}

function* optionProblems(options: CampaignOptions, plan: Plan): Generator<string> {
  const { count, atOnce = 1, kinds = defaultKinds, impairments = defaultImpairments, daemons = {} } = options;
  if (!Number.isSafeInteger(count) || count < 0) yield `count must be a whole number, 0 or more, not ${count}`;
  if (!Number.isSafeInteger(atOnce) || atOnce < 1) yield `atOnce must be a whole number above 0, not ${atOnce}`;
  if (kinds.length === 0) yield "kinds names nothing that may happen";
  for (const kind of kinds) {
    if (!campaignKinds.includes(kind)) yield `there is no kind ${kind} (there are ${campaignKinds.join(", ")})`;
  }
  for (const [name, least] of [
    ["durationMs", 1],
    ["quietMs", 0],
    ["clockStepMs", 1],
  ] as const) {
    const range = options[name];
    if (range !== undefined && !isRange(range, least))
      yield `${name} must go from ${least} or more up, not ${text(range)}`;
  }
  for (const [name, range] of Object.entries(impairments)) {
    if (!isRange(range, 0)) yield `impairments.${name} must go from 0 or more up, not ${text(range)}`;
    for (const value of [range.from, range.to]) yield* settingsFaults({ [name]: value });
  }
  if (kinds.includes("impaired") && Object.keys(impairments).length === 0) yield "impairments names no setting";
  const names = [
    ...(options.wires ?? []).map((name) => nameProblem("wire", name, plan)),
    ...[...(options.nodes ?? []), ...Object.keys(daemons)].map((name) => nameProblem("node", name, plan)),
    ...(options.never ?? []).map((name) =>
      nameProblem("node", name, plan) === undefined ? undefined : nameProblem("wire", name, plan),
    ),
  ];
  for (const problem of names) if (problem !== undefined) yield problem;
}

function isRange({ from, to }: Range, least: number): boolean {
  return Number.isFinite(from) && Number.isFinite(to) && from >= least && to >= from;
}

function text({ from, to }: Range): string {
  return `from ${from} to ${to}`;
}
