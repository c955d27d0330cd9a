import type { Rectangle } from "../canvas/canvas.ts";
import type { TuiState } from "../model/state.ts";

/** The least a terminal must have. */
export const leastColumns = 60;
export const leastRows = 16;
/** From this width on, the wires are listed beside the drawing and facts beside what is looked at. */
const wideColumns = 116;
const detailRows = 6;
const wireListColumns = 52;
const factColumns = 50;

/** Whether the terminal is too small for anything but a sentence. */
export function isTooSmall({ columns, rows }: Pick<TuiState, "columns" | "rows">): boolean {
  return columns < leastColumns || rows < leastRows;
}

/** The part of the screen between the header and the footer. */
export function bodyArea({ columns, rows, demo }: TuiState): Rectangle {
  const captionRows = demo === undefined ? 0 : 5;
  return { x: 0, y: 1, width: columns, height: Math.max(0, rows - 2 - captionRows) };
}

/** Where the caption of a tour is. */
export function captionArea(state: TuiState): Rectangle {
  const body = bodyArea(state);
  return { x: 0, y: body.y + body.height, width: state.columns, height: state.rows - 2 - body.height };
}

/** Where the rack is drawn. */
export function rackArea(state: TuiState): Rectangle {
  const body = bodyArea(state);
  const width = isWide(state) ? body.width - wireListColumns - 1 : body.width;
  return { ...body, width, height: body.height - detailRows };
}

/** Where the wires are listed beside the rack; undefined where there is no room. */
export function wireListArea(state: TuiState): Rectangle | undefined {
  if (!isWide(state)) return undefined;
  const body = bodyArea(state);
  return { x: body.width - wireListColumns, y: body.y, width: wireListColumns, height: body.height - detailRows };
}

/** Where what is selected in the rack is told. */
export function detailArea(state: TuiState): Rectangle {
  const body = bodyArea(state);
  return { ...body, y: body.y + body.height - detailRows, height: detailRows };
}

/** Where the facts of the node view are: beside its tab where there is room, and else only when they are looked at. */
export function factsArea(state: TuiState): Rectangle | undefined {
  const body = bodyArea(state);
  if (isWide(state)) return state.node.tab === "facts" ? body : { ...body, width: factColumns };
  return state.node.tab === "facts" ? body : undefined;
}

/** Where the console, log or exec tab of the node view is; undefined when the facts take all the room. */
export function tabArea(state: TuiState): Rectangle | undefined {
  if (state.node.tab === "facts") return undefined;
  const body = bodyArea(state);
  return isWide(state) ? { ...body, x: factColumns + 1, width: body.width - factColumns - 1 } : body;
}

/** Whether two things stand side by side. */
function isWide({ columns }: Pick<TuiState, "columns">): boolean {
  return columns >= wideColumns;
}
