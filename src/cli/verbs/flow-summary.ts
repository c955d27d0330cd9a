import { join, relative } from "node:path";
import type { RunRecord } from "../../flow/run/run-record.ts";
import { flakeRate, stateOf, tally } from "../../flow/run/verdict.ts";
import { commandName } from "../command-name.ts";
import { countOf, formatMilliseconds } from "../quantities.ts";
import { table } from "../table.ts";
import type { Terminal } from "../terminal.ts";

/** What a run came to, as a few lines: counts, flows that are not reliable, where the bundle is, how to run it again. */
export function summaryLines(run: RunRecord, terminal: Terminal): readonly string[] {
  const { colors } = terminal;
  const { passed, failed, skipped } = tally(run.flows);
  const counts = [
    ...(failed === 0 ? [] : [colors.red(`${failed} failed`)]),
    ...(passed === 0 ? [] : [colors.green(`${passed} passed`)]),
    ...(skipped === 0 ? [] : [colors.yellow(`${skipped} skipped`)]),
    ...(run.faults.length === 0 ? [] : [colors.red(countOf(run.faults.length, "fault"))]),
  ];
  const rounds = Math.max(0, ...run.flows.map((flow) => flow.rounds.length));
  const bundle = relative(process.cwd(), run.bundle);
  const near = bundle.startsWith("..") ? run.bundle : bundle;
  const kestrel = commandName(terminal);
  return [
    ...(rounds > 1 ? [flakeTable(run, terminal), ""] : []),
    `${counts.join(", ") || "no flows"}${rounds > 1 ? ` in ${rounds} rounds` : ""}, ${formatMilliseconds(run.durationMs)}, seed ${run.seed}`,
    `report: ${join(near, "report.html")}`,
    ...(run.exitCode === 0 ? [] : [`again:  ${kestrel} flow replay ${near}`]),
    ...run.testbeds
      .filter(({ kept }) => kept)
      .map(({ name }) => `kept:   ${kestrel} status --testbed ${name}; end it: ${kestrel} down --testbed ${name}`),
  ];
}

/** How reliable each flow was, the worst first. */
function flakeTable({ flows }: RunRecord, { colors }: Terminal): string {
  const rows = flows
    .filter((flow) => stateOf(flow) !== "skipped")
    .map((flow) => ({ flow, ...flakeRate(flow) }))
    .toSorted((a, b) => b.failed / b.runs - a.failed / a.runs)
    .map(({ flow, runs, failed }) => [
      `${((100 * failed) / runs).toFixed(failed === 0 || failed === runs ? 0 : 1)} %`,
      `${failed}/${runs}`,
      `${flow.file} › ${flow.name}`,
    ]);
  return table(rows, ["FAILED", "", "FLOW"], colors);
}
