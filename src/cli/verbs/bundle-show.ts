import { resolve } from "node:path";
import {
  type Bundle,
  type Evidence,
  failingPlace,
  readBundle,
  readEvidence,
  type TimelineEntry,
} from "../../flow/bundle/index.ts";
import type { FlowRecord, FlowRound } from "../../flow/run/run-record.ts";
import { stateOf } from "../../flow/run/verdict.ts";
import type { JsonOption, Session } from "../session.ts";
import { table } from "../table.ts";
import type { Colors, Terminal } from "../terminal.ts";
import { failureLines, faultLines } from "./flow-display.ts";
import { summaryLines } from "./flow-summary.ts";

/** Options of `kestrel bundle show`. */
export interface BundleShowOptions extends JsonOption {
  readonly timeline?: boolean;
}

/** A failure as `kestrel bundle show --json` prints it. */
export interface ShownFailure {
  readonly file: string;
  readonly name: string;
  readonly round: number;
  readonly failures: FlowRound["failures"];
  readonly testbed: string;
  readonly wires: readonly string[];
  readonly nodes: readonly string[];
  readonly frames: number;
  readonly evidence: string;
}

/** Print what a bundle says: flows, failures with their places and steps, the run. */
export async function bundleShow(session: Session, directory: string, options: BundleShowOptions): Promise<void> {
  const { terminal } = session;
  const bundle = await readBundle(resolve(directory));
  const failures = await shownFailures(bundle);
  if (options.json === true) {
    terminal.printJson({ run: bundle.run, failures, timeline: bundle.timeline });
    return;
  }
  const { colors } = terminal;
  const { run, timeline } = bundle;
  terminal.print(flowTable(bundle, colors));
  for (const fault of run.faults) terminal.print(`\n${faultLines(fault, colors).join("\n")}`);
  for (const flow of run.flows) {
    for (const round of flow.rounds.filter(({ state }) => state === "failed"))
      terminal.print(`\n${failureText(bundle, flow, round, failures, colors)}`);
  }
  if (options.timeline === true) terminal.print(`\n${timelineText(timeline, run.startedAt, colors)}`);
  terminal.print(`\n${factLines(bundle, terminal).join("\n")}`);
}

async function shownFailures(bundle: Bundle): Promise<readonly ShownFailure[]> {
  const shown: ShownFailure[] = [];
  for (const { file, name, rounds } of bundle.run.flows) {
    for (const { round, failures, underWay, evidence } of rounds) {
      for (const directory of evidence) {
        const { scene, frames }: Evidence = await readEvidence(bundle.directory, directory);
        const record = bundle.run.testbeds.find((testbed) => testbed.name === scene.testbed);
        const plan = record === undefined ? undefined : bundle.plans.get(record.plan);
        const steps = bundle.timeline.filter((entry) => entry.round === round && entry.flow?.name === name);
        const place = plan === undefined ? { wires: [], nodes: [] } : failingPlace(plan, failures, steps, underWay);
        shown.push({
          file,
          name,
          round,
          failures,
          testbed: scene.testbed,
          ...place,
          frames: frames.length,
          evidence: directory,
        });
      }
    }
  }
  return shown;
}

const marks = { passed: "✔", failed: "✖", skipped: "↓" } as const;

function flowTable({ run }: Bundle, colors: Colors): string {
  const paint = { passed: colors.green, failed: colors.red, skipped: colors.yellow } as const;
  const rows = run.flows.map((flow) => {
    const state = stateOf(flow);
    const left = flow.rounds.reduce((sum, { leftBehind }) => sum + leftBehind.length, 0);
    return [
      paint[state](`${marks[state]} ${state}`),
      `${flow.file} › ${flow.name}`,
      `${flow.rounds.reduce((sum, { durationMs }) => sum + durationMs, 0)} ms`,
      left === 0 ? "" : colors.yellow(`left ${left} behind`),
    ];
  });
  return table(rows, ["STATE", "FLOW", "TOOK", ""], colors);
}

function failureText(
  { timeline }: Bundle,
  flow: FlowRecord,
  round: FlowRound,
  failures: readonly ShownFailure[],
  colors: Colors,
): string {
  const own = failures.filter(
    ({ file, name, round: each }) => file === flow.file && name === flow.name && each === round.round,
  );
  const steps = timeline.filter(
    (entry) => entry.round === round.round && entry.flow?.file === flow.file && entry.flow.name === flow.name,
  );
  const origin = steps[0]?.at ?? round.startedAt;
  const rounds = flow.rounds.length > 1 ? ` (round ${round.round})` : "";
  return [
    `${colors.red("✖")} ${colors.bold(`${flow.file} › ${flow.name}`)}${rounds}`,
    ...round.failures.flatMap((failure) => failureLines(failure, colors)),
    ...round.underWay.map((step) => `    when it ended it was busy: ${step}`),
    ...round.leftBehind.map((change) => colors.yellow(`    left behind: ${change}`)),
    ...own.flatMap(({ wires, nodes, testbed, frames, evidence }) => [
      `    where: ${[...wires.map((wire) => `wire ${wire}`), ...nodes.map((node) => `node ${node}`)].join(", ") || "no place of the topology is named"} (testbed ${testbed})`,
      colors.dim(`    ${frames} frames, consoles, logs: ${evidence}`),
    ]),
    ...steps.map((entry) => `    ${entryLine(entry, origin, colors)}`),
  ].join("\n");
}

function timelineText(timeline: readonly TimelineEntry[], origin: number, colors: Colors): string {
  return timeline.map((entry) => entryLine(entry, origin, colors)).join("\n");
}

function entryLine({ at, kind, testbed, text, outcome }: TimelineEntry, origin: number, colors: Colors): string {
  const time = colors.dim(`${((at - origin) / 1000).toFixed(3).padStart(8)} s`);
  const subject = kind === "testbed" ? (testbed ?? "testbed") : kind;
  const painted = outcome === "failed" ? colors.red(text) : kind === "fault" ? colors.yellow(text) : text;
  return `${time}  ${subject.padEnd(7)} ${painted}`;
}

function factLines({ run }: Bundle, terminal: Terminal): readonly string[] {
  const commit = run.project.commit === null ? "no commit" : `commit ${run.project.commit.slice(0, 12)}`;
  const provenance = run.testbeds.find((testbed) => testbed.provenance !== null)?.provenance;
  return [
    ...summaryLines(run, terminal),
    terminal.colors.dim(
      [
        `${commit}${run.project.dirty === true ? " with changes" : ""}`,
        ...(provenance === undefined || provenance === null
          ? []
          : [
              `QEMU ${provenance.qemu.version} (${provenance.accelerator})`,
              ...provenance.images.map(({ name, digest }) => `image ${name} ${digest.slice(0, 12)}`),
            ]),
        `Kestrel ${run.software.kestrel}`,
        `Linux ${run.host.kernel}`,
      ].join(", "),
    ),
  ];
}
