import type { Rectangle } from "../canvas/canvas.ts";
import { fitLine, type Line, line, type Span, span } from "../line/line.ts";
import type { Action } from "../model/action.ts";

/** A place of a pane that the mouse can act on, in the pane's own coordinates. */
export interface Target {
  readonly area: Rectangle;
  readonly click: Action;
}

/** A rectangle of text, and what a click does where. */
export interface Pane {
  readonly lines: readonly Line[];
  readonly targets?: readonly Target[];
}

/** A pane at its place on the screen. */
export interface PlacedPane {
  readonly name: string;
  readonly area: Rectangle;
  readonly pane: Pane;
}

/** A heading over a whole pane, with a rule behind it. */
export function heading(title: string, width: number, note = ""): Line {
  const rest = Math.max(0, width - title.length - note.length - (note === "" ? 3 : 6));
  return fitLine(
    line(
      span("─ ", "muted"),
      span(title, "title"),
      span(" "),
      span("─".repeat(rest), "muted"),
      note === "" ? "" : span(` ${note} ─`, "muted"),
    ),
    width,
  );
}

/** A word and what is said about it, as a line. */
export function fact(name: string, ...value: readonly (Span | string)[]): Line {
  return line(span(name.padEnd(12), "muted"), ...value);
}

/** The last of many lines that fit, `back` lines up from the end. */
export function tail<T>(lines: readonly T[], height: number, back = 0): readonly T[] {
  const end = Math.max(Math.min(height, lines.length), lines.length - back);
  return lines.slice(Math.max(0, end - height), end);
}

/** Of a list with a chosen line, the part around that line which fits, and the position of its first line. */
export function around<T>(
  lines: readonly T[],
  chosen: number,
  height: number,
): { readonly first: number; readonly shown: readonly T[] } {
  const first = Math.max(0, Math.min(lines.length - height, chosen - Math.floor(height / 2)));
  return { first, shown: lines.slice(first, first + height) };
}

/** Lines side by side in as many columns as they need to fit into so many rows, each of at least so many characters. */
export function inColumns(
  lines: readonly Line[],
  { width, rows, leastColumns = 1 }: { readonly width: number; readonly rows: number; readonly leastColumns?: number },
): readonly Line[] {
  const most = Math.max(1, Math.floor(width / leastColumns));
  const count = Math.max(1, Math.min(Math.ceil(lines.length / rows), most));
  const each = Math.floor(width / count);
  return Array.from({ length: Math.min(rows, lines.length) }, (_, row) =>
    Array.from({ length: count }, (__, column) => fitLine(lines[column * rows + row] ?? [], each)).flat(),
  );
}
