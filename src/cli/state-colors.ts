import type { NodeState, TestbedState } from "../testbed/protocol.ts";
import type { Colors } from "./terminal.ts";

/** A state in the colour of how well it is. */
export function paintState(state: NodeState | TestbedState | "unreachable", colors: Colors): string {
  switch (state) {
    case "ready":
      return colors.green(state);
    case "failed":
    case "degraded":
    case "unreachable":
      return colors.red(state);
    case "paused":
    case "stopped":
    case "stopping":
      return colors.yellow(state);
    case "waiting":
    case "starting":
    case "identifying":
    case "settling":
      return colors.cyan(state);
  }
}
