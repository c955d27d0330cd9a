import type { TuiState } from "../model/state.ts";
import { bodyArea, tabArea } from "./areas.ts";

/** Size of the terminal that a console is shown in: the tab without its heading. */
export function consoleSize(state: TuiState): { readonly columns: number; readonly rows: number } {
  const area = tabArea({ ...state, node: { ...state.node, tab: "console" } }) ?? bodyArea(state);
  return { columns: Math.max(20, area.width), rows: Math.max(4, area.height - 1) };
}
