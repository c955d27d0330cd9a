import { fragmentOf, type Span } from "./source-file.ts";

const linesBefore = 2;
const linesBehind = 1;
/** Characters of a line that are shown; of a longer one those around the span. */
const widest = 110;
const shownBefore = 20;

/** The lines around a span with a mark below its first line, as compilers show them. No trailing newline. */
export function codeFrame(span: Span): string {
  const { lines } = span.file;
  const { line, column } = span.file.position(span.start);
  const last = Math.min(lines.length, line + linesBehind);
  const margin = String(last).length;
  const cut = column > widest - shownBefore ? column - shownBefore : 0;
  const rows: string[] = [];
  for (let number = Math.max(1, line - linesBefore); number <= last; number++) {
    const text = visible((lines[number - 1] ?? "").slice(cut, cut + widest));
    if (number > line && text.trim() === "") continue;
    rows.push(`  ${number === line ? ">" : " "} ${String(number).padStart(margin)} | ${text}`.trimEnd());
    if (number !== line) continue;
    const marks = "^".repeat(Math.min(Math.max(1, fragmentOf(span).length), widest));
    rows.push(`    ${" ".repeat(margin)} | ${" ".repeat(column - 1 - cut)}${marks}`);
  }
  return rows.join("\n");
}

/** Each tab and control character as one that takes one column. */
function visible(text: string): string {
  return text.replaceAll("\t", " ").replace(/\p{Cc}/gu, "\u{FFFD}");
}
