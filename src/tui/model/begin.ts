import { flowViewBegins } from "./flow.ts";
import { launchBegins } from "./launch.ts";
import { nodePaneBegins } from "./node.ts";
import type { TuiState } from "./state.ts";
import { wirePaneBegins } from "./wire-pane.ts";

/** The state of a user interface that has just been opened. */
export function tuiBegins(size: { readonly columns: number; readonly rows: number }, now: number): TuiState {
  return {
    now,
    columns: size.columns,
    rows: size.rows,
    view: "launch",
    overlay: undefined,
    notice: undefined,
    beds: [],
    bed: undefined,
    statistics: undefined,
    selection: undefined,
    working: [],
    launch: launchBegins,
    node: nodePaneBegins,
    wire: wirePaneBegins,
    flow: flowViewBegins,
    demo: undefined,
  };
}
