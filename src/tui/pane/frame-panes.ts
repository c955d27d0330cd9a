import { fitLine, type Line, line, lineWidth, type Span, span, wrapText } from "../line/line.ts";
import { leastColumns, leastRows } from "../layout/areas.ts";
import { activeBindings } from "../model/bindings.ts";
import { type Binding, type TuiState, viewNames } from "../model/state.ts";
import { durationText, unknown } from "../model/quantity.ts";
import type { Pane, Target } from "./pane.ts";

/** Milliseconds without a word from the testbed after which the header says so: counters come every second. */
const silentMs = 5000;
/** Keys that the footer always has room for. */
const globalKeys: ReadonlySet<string> = new Set(["?", ":", "q"]);

/** The first line: the views, the testbed and how it is. */
export function headerPane(state: TuiState): Pane {
  const spans: Span[] = [];
  const targets: Target[] = [];
  for (const [index, view] of viewNames.entries()) {
    const text = ` ${index + 1} ${view} `;
    targets.push({ area: { x: lineWidth(spans), y: 0, width: text.length, height: 1 }, click: { type: "view", view } });
    spans.push(span(text, view === state.view ? "selected" : "muted"));
  }
  const right = bedSummary(state);
  const room = state.columns - lineWidth(spans);
  const fitted = fitLine(right, Math.max(0, Math.min(room - 1, lineWidth(right))), false);
  spans.push(span(" ".repeat(Math.max(0, room - lineWidth(fitted) - 1))), ...fitted);
  return { lines: [spans], targets };
}

function bedSummary({ bed, beds, now }: TuiState): Line {
  if (bed === undefined) return line(span("no testbed attached", "muted"));
  const others = beds.length > 1 ? span(`  [ ${beds.indexOf(bed.name) + 1}/${beds.length} ]`, "muted") : "";
  if (bed.lost !== undefined) return line(span(bed.name, "title"), " ", span("✖ gone", "bad"), others);
  const quiet = bed.heardAt === undefined ? 0 : now - bed.heardAt;
  const role = bed.state === "ready" ? "good" : bed.state === "degraded" ? "warning" : "busy";
  const sign = { ready: "●", degraded: "▲", starting: "◐", stopping: "■", unknown }[bed.state];
  return line(
    span(bed.name, "title"),
    " ",
    span(`${sign} ${bed.state}`, role),
    quiet > silentMs ? span(`, silent for ${durationText(quiet)}`, "warning") : "",
    bed.accelerator === undefined ? "" : span(`  ${bed.accelerator}`, "muted"),
    others,
  );
}

/** The last line: what was said last, what goes on, or which keys do what. */
export function footerPane(state: TuiState): Pane {
  const { notice, working, overlay, bed, node } = state;
  if (overlay?.kind === "input") {
    const label = fitLine(line(span(overlay.label, "title")), Math.max(10, state.columns - 30), false);
    const room = Math.max(5, state.columns - lineWidth(label) - 4);
    const typed = Array.from(overlay.input).slice(-room).join("");
    return { lines: [fitLine(line(...label, span(" ▶ ", "key"), span(typed), span(" ", "selected")), state.columns)] };
  }
  if (notice !== undefined) {
    const [sign, role] = notice.kind === "done" ? (["✔", "good"] as const) : (["✖", "bad"] as const);
    return { lines: [fitLine(line(span(`${sign} ${tellingLine(notice.text)}`, role)), state.columns)] };
  }
  if (bed?.lost !== undefined && state.view !== "launch")
    return { lines: [fitLine(line(span(`✖ ${bed.lost}`, "bad")), state.columns)] };
  if (working.length > 0) return { lines: [fitLine(line(span(`◐ ${working.join(", ")}`, "busy")), state.columns)] };
  if (state.view === "node" && node.console?.attached === true)
    return {
      lines: [fitLine(line(span("Ctrl-]", "key"), " leaves the console; everything else is typed"), state.columns)],
    };
  return { lines: [keysLine(state)] };
}

/** Of a report, the line that says most: the first, or where that only counts faults, the first of them. */
export function tellingLine(report: string): string {
  const lines = report.split("\n").filter((each) => each.trim() !== "");
  const [first = "", second] = lines;
  return second !== undefined && /\d+ faults?$/.test(first) ? second : first;
}

/** The keys of the view, as many as there is room for, and then those that are always there. */
function keysLine(state: TuiState): Line {
  const spans = (footers: readonly Binding[]): readonly Line[] =>
    footers.map(({ keys, footer = "" }) => [span(keys[0] ?? "", "key"), span(` ${footer}  `)]);
  const shown = activeBindings(state).filter(({ footer }) => footer !== undefined);
  const everywhere = shown.filter(({ keys }) => globalKeys.has(keys[0] ?? ""));
  const always = spans(everywhere).flat();
  let room = state.columns - lineWidth(always) - 1;
  const own = spans(shown.filter((each) => !everywhere.includes(each))).filter((each) => {
    room -= lineWidth(each);
    return room >= 0;
  });
  return fitLine([...fitLine(own.flat(), state.columns - lineWidth(always)), ...always], state.columns);
}

/** A sentence for a terminal that is too small for anything else. */
export function tooSmallPane({ columns, rows }: Pick<TuiState, "columns" | "rows">): Pane {
  const text = `${columns}x${rows} is too small: kestrel needs ${leastColumns}x${leastRows}. q quits.`;
  return {
    lines: wrapText(text, Math.max(1, columns))
      .slice(0, Math.max(1, rows))
      .map((each) => line(each)),
  };
}
