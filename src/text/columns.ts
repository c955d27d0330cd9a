import { stripVTControlCharacters } from "node:util";

/**
 * Rows under headings, columns aligned and two blanks apart, each as wide as its widest cell. Cells may be coloured; a row
 * shorter than the headings leaves the rest empty. No trailing newline.
 */
export function textTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => visibleWidth(line[column] ?? ""))));
  return lines.map((line) => layOut(line, widths)).join("\n");
}

function layOut(line: readonly string[], widths: readonly number[]): string {
  return widths
    .map((width, column) => {
      const cell = line[column] ?? "";
      return cell + " ".repeat(width - visibleWidth(cell));
    })
    .join("  ")
    .trimEnd();
}

/** How many columns a text takes, its colours not counted. */
export function visibleWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** Cut a text without colours so that it takes at most `columns`, with an ellipsis where something is missing. */
export function fit(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}
