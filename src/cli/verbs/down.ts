import { listRuns } from "../../testbed/run-directory.ts";
import type { DownReport } from "../../testbed/protocol.ts";
import { Testbed } from "../../testbed/testbed.ts";
import { formatMilliseconds } from "../quantities.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";

/** Options of `kestrel down`. */
export interface DownOptions extends TestbedOption, JsonOption {
  readonly all?: boolean;
}

/** End one testbed, or all. Goes on to the next when one fails, and fails in the end. */
export async function down(session: Session, options: DownOptions): Promise<void> {
  const { terminal } = session;
  const names =
    options.all === true ? (await listRuns()).filter(({ alive }) => alive).map(({ name }) => name) : [options.testbed];
  const results = await Promise.allSettled(
    names.map(async (name) => {
      const testbed = await Testbed.connect(name);
      return testbed.down();
    }),
  );
  const reports = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failures = results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  if (failures.length === 0 && options.json === true) terminal.printJson({ testbeds: reports });
  if (options.json !== true) for (const report of reports) printReport(session, report);
  if (names.length === 0 && options.json !== true) terminal.note("no testbed runs");
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1)
    throw new AggregateError(failures, `down: ${failures.length} of ${names.length} testbeds failed`);
}

function printReport({ terminal }: Session, { name, elapsedMs, keptLogs, leftovers }: DownReport): void {
  const { colors, errorColors } = terminal;
  terminal.print(
    `${colors.green("✔")} ${colors.bold(name)} is down, after ${formatMilliseconds(elapsedMs)} ${colors.dim(`(logs: ${keptLogs})`)}`,
  );
  for (const leftover of leftovers) terminal.note(errorColors.yellow(`  left over: ${leftover}`));
}
