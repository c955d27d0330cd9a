import type { InstanceRow, InstanceState } from "../engine/rows.ts";
import type { SledReport } from "../sled-interface/sled-state.ts";
import type { Store } from "../store/store.ts";

/** What came of a report. */
export interface ReportOutcome {
  /** Whether the database is another now. */
  readonly hasChanged: boolean;
  /** Whether all instances of the sled are as they shall be. */
  readonly isSettled: boolean;
}

/**
 * Take in what a sled tells of its instances. One that shall be stopped and is leaves the sled; what a report of an older
 * desired state says of it counts only for the incarnation that it names.
 */
export function recordReport(
  store: Store,
  sledId: string,
  report: SledReport,
  wantedGeneration: number,
): ReportOutcome {
  const reported = new Map(report.instances.map((instance) => [instance.id, instance]));
  let hasChanged = false;
  let isSettled = true;
  store.transaction(() => {
    const { instances } = store.tables;
    for (const row of instances.list({ sled_id: sledId })) {
      const found = reported.get(row.id);
      const isCurrent =
        found === undefined ? report.generation === wantedGeneration : found.incarnation === row.incarnation;
      const state = isCurrent ? nextState(row, found?.state ?? "stopped") : row.run_state;
      if (state !== "running" && state !== "failed" && state !== "stopped") isSettled = false;
      if (state === row.run_state) continue;
      hasChanged = true;
      const leaves = state === "stopped" ? { sled_id: null } : {};
      instances.update({ id: row.id }, { run_state: state, time_run_state_updated: store.timeText(), ...leaves });
    }
  });
  return { hasChanged, isSettled };
}

function nextState(row: InstanceRow, found: SledReport["instances"][number]["state"]): InstanceState {
  if (found === "failed") return row.intent === "running" ? "failed" : "stopped";
  if (row.intent === "stopped") return found === "stopped" ? "stopped" : "stopping";
  if (found === "running") return "running";
  // Not there yet: how it is getting there is known better here.
  return row.run_state === "running" || row.run_state === "failed" ? "starting" : row.run_state;
}
