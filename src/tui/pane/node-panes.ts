import { fitLine, type Line, line, lineWidth, printable, span } from "../line/line.ts";
import { nodeInView } from "../model/navigation.ts";
import { wordSearch } from "../model/search.ts";
import type { TuiState } from "../model/state.ts";
import { heading, type Pane, tail } from "./pane.ts";

/** The console, as a terminal of the pane's size shows it. */
export function consolePane(state: TuiState, width: number, height: number): Pane {
  const { console } = state.node;
  if (console === undefined) return { lines: [heading("console", width)] };
  const note =
    console.ended !== undefined
      ? `✖ ${console.ended}`
      : console.attached
        ? "you type here; Ctrl-] leaves"
        : "enter: type";
  const lines = console.lines
    .slice(0, height - 1)
    .map((each, y) => (console.attached && y === console.cursor.y ? withCursor(each, console.cursor.x) : each));
  return { lines: [heading(`console of ${console.node}`, width, note), ...lines] };
}

/** A line with the cell of the cursor inverted. */
function withCursor(of: Line, x: number): Line {
  const before: Line = fitLine(of, Math.max(x + 1, lineWidth(of)));
  let at = 0;
  return before.flatMap((part) => {
    const characters = Array.from(part.text);
    const from = x - at;
    at += characters.length;
    if (from < 0 || from >= characters.length) return [part];
    const [left, cell, right] = [
      characters.slice(0, from).join(""),
      characters[from] ?? " ",
      characters.slice(from + 1).join(""),
    ];
    return [{ ...part, text: left }, { text: cell, role: "selected" } as const, { ...part, text: right }].filter(
      ({ text }) => text !== "",
    );
  });
}

/** The log of the node's kernel and services, the newest at the end. */
export function logPane(state: TuiState, width: number, height: number): Pane {
  const { log, logFilter, scroll } = state.node;
  const lines = (log?.lines ?? []).filter(wordSearch(logFilter));
  const filter = logFilter === "" ? "/ filters" : `only: ${logFilter}`;
  const back = scroll === 0 ? "" : `${scroll} lines back, `;
  const shown = tail(lines, height - 1, scroll);
  const empty = log === undefined || log.lines.length === 0 ? "nothing was logged yet" : "no line has these words";
  return {
    lines: [
      heading(`log of ${log?.node ?? ""}`, width, `${back}${filter}`),
      ...(shown.length === 0
        ? [line(span(empty, "muted"))]
        : shown.map((text) => fitLine(line(span(text, logRole(text))), width))),
    ],
  };
}

function logRole(text: string): "bad" | "warning" | "plain" {
  if (/\b(error|fail(ed|ure)?|fatal|panic|oops)\b/i.test(text)) return "bad";
  return /\bwarn(ing)?\b/i.test(text) ? "warning" : "plain";
}

/** Commands that were run in the node, with their output. */
export function execPane(state: TuiState, width: number, height: number): Pane {
  const name = nodeInView(state) ?? "";
  const entries = state.node.execs.get(name) ?? [];
  const lines = entries.flatMap(({ command, output, outcome }): readonly Line[] => [
    line(span("▶ ", "key"), span(printable(command), "title")),
    ...output.map((text) => line(span(text))),
    outcome === undefined
      ? line(span("◐ runs", "busy"))
      : line(
          span(outcome === "exit code 0" ? "✔ " : "✖ ", outcome === "exit code 0" ? "good" : "bad"),
          span(outcome, "muted"),
        ),
  ]);
  const shown = tail(lines, height - 1, state.node.scroll);
  return {
    lines: [
      heading(`commands in ${name}`, width, "enter: run"),
      ...(shown.length === 0
        ? [line(span("enter asks for a command to run in the node", "muted"))]
        : shown.map((each) => fitLine(each, width))),
    ],
  };
}
