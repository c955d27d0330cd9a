/** A stretch of text, 1-based, in UTF-16 code units; the end column is the first one after it. */
export interface TextSpan {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

const contextLines = 2;
const widest = 110;

/**
 * The lines around a span with a mark below it, as compilers show them. Several lines, no trailing newline.
 *
 * @param lines - the whole text, split into lines
 */
export function codeFrame(lines: readonly string[], { line, column, endColumn }: TextSpan): string {
  const first = Math.max(1, line - contextLines);
  const last = Math.min(lines.length, line + 1);
  const digits = String(last).length;
  // A very long line is cut so that the span stays in view.
  const skip = column > widest - 20 ? column - 20 : 0;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = printable((lines[number - 1] ?? "").slice(skip, skip + widest));
    if (number === last && number !== line && text.trim() === "") continue;
    const mark = number === line ? ">" : " ";
    shown.push(`  ${mark} ${String(number).padStart(digits)} | ${text}`.trimEnd());
    if (number === line) {
      const width = Math.max(1, Math.min(endColumn - column, widest));
      shown.push(`    ${" ".repeat(digits)} | ${" ".repeat(Math.max(0, column - 1 - skip))}${"^".repeat(width)}`);
    }
  }
  return shown.join("\n");
}

/** Tabs and control characters as one visible or blank character each, so that columns stay aligned. */
function printable(text: string): string {
  return text.replaceAll("\t", " ").replace(/\p{Cc}/gu, "\u{FFFD}");
}
