import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Bundle,
  inputDifferences,
  outcomeDifferences,
  readBundle,
  RecordedPlans,
  type RunDifference,
} from "../../flow/bundle/index.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import { type FlowOutputOptions, runShown } from "./flow-run.ts";

/** Options of `kestrel flow replay`. */
export interface FlowReplayOptions extends FlowOutputOptions {
  readonly json?: boolean;
}

/** What `kestrel flow replay --json` prints. */
export interface ReplayReport {
  readonly run: Bundle["run"];
  /** Inputs that were not the same as in the run that was repeated. */
  readonly inputs: readonly RunDifference[];
  /** Results and faults that were not. */
  readonly outcomes: readonly RunDifference[];
}

/** Run the flows of a bundle again with its seed and its plans, and say what was not the same. */
export async function flowReplay(session: Session, directory: string, options: FlowReplayOptions): Promise<void> {
  const { terminal } = session;
  const before = await readBundle(resolve(directory));
  const { request, seed } = before.run;
  const plans = new RecordedPlans(before.plans.values());
  const root = rootOf(before);
  const run = await runShown(
    session,
    { ...options, quiet: options.json === true },
    {
      root,
      files: request.files,
      seed,
      name: request.name,
      repeat: request.repeat === 0 ? undefined : request.repeat,
      untilFail: request.untilFail,
      timeoutMs: request.timeoutMs,
      adjust: (wanted) => plans.adjust(wanted),
    },
  );
  const now = await readBundle(run.bundle);
  const inputs = [...inputDifferences(before, now), ...plans.replaced.map(replacedPlan)];
  const outcomes = outcomeDifferences(before, now);
  if (options.json === true) terminal.printJson({ run, inputs, outcomes } satisfies ReplayReport);
  else terminal.print(`\n${differenceText(inputs, outcomes, terminal)}`);
  session.exitCode = run.exitCode;
}

/** The checkout that the user stands in, when the flows are there; else the project of the run itself. */
function rootOf({ run }: Bundle): string {
  const here = process.cwd();
  return run.request.files.every((file) => existsSync(join(here, file))) ? here : run.project.root;
}

function replacedPlan(topology: string): RunDifference {
  return {
    what: `topology ${topology}`,
    before: "the plan in the bundle, which was used again",
    now: "another plan in the project",
  };
}

/** What was not the same, for a person. */
export function differenceText(
  inputs: readonly RunDifference[],
  outcomes: readonly RunDifference[],
  { colors }: Pick<Terminal, "colors">,
): string {
  const rows = (differences: readonly RunDifference[]) =>
    differences.map(({ what, before, now }) => [colors.bold(what), before, now]);
  const inputText =
    inputs.length === 0
      ? `${colors.green("✔")} every input was the same`
      : `inputs that were not the same:\n${table(rows(inputs), ["INPUT", "THEN", "NOW"], colors)}`;
  const outcomeText =
    outcomes.length === 0
      ? `${colors.green("✔")} every flow came to the same, with the same faults`
      : `what came out differently:\n${table(rows(outcomes), ["OF", "THEN", "NOW"], colors)}`;
  return `${inputText}\n${outcomeText}`;
}
