import { constants } from "node:os";
import type { ExecResult, ServiceStatus } from "./agent-protocol.ts";

/** Properties that {@link parseUnits} reads (systemctl(1), `show --property`). */
export const unitProperties = "Id,LoadState,ActiveState,SubState,MainPID,NRestarts,ExecMainCode,ExecMainStatus";

/** CLD_EXITED of waitid(2), as systemd prints it in `ExecMainCode`. */
const exited = "1";

/** The services in the output of `systemctl show --property=…`: blocks of `Key=value` lines, blank lines between them. */
export function parseUnits(text: string): ServiceStatus[] {
  return text
    .split(/\n{2,}/)
    .map(
      (block) =>
        new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)])),
    )
    .filter((unit) => unit.get("LoadState") === "loaded")
    .map((unit) => {
      const pid = Number(unit.get("MainPID") ?? 0);
      const state = stateOf(unit);
      return {
        name: (unit.get("Id") ?? "").replace(/\.service$/, ""),
        state,
        pid: pid > 0 ? pid : null,
        restarts: Number(unit.get("NRestarts") ?? 0),
        exit: state === "running" ? null : exitOf(unit),
      };
    });
}

function stateOf(unit: ReadonlyMap<string, string>): ServiceStatus["state"] {
  const active = unit.get("ActiveState");
  if (active === "failed") return "failed";
  // A unit that has done its work and ended counts as active, but nothing of it runs.
  return active === "inactive" || unit.get("SubState") === "exited" ? "stopped" : "running";
}

function exitOf(unit: ReadonlyMap<string, string>): ExecResult | null {
  const code = unit.get("ExecMainCode") ?? "0";
  if (code === "0") return null;
  const status = Number(unit.get("ExecMainStatus"));
  if (code === exited) return { exitCode: status, signal: null, timedOut: false };
  const name = Object.entries(constants.signals).find(([, number]) => number === status)?.[0];
  return { exitCode: null, signal: (name as NodeJS.Signals | undefined) ?? null, timedOut: false };
}
