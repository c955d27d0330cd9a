import { fitLine, type Line, line, printable, type Role, span, wrapText } from "../line/line.ts";
import type { FlowProgress, FlowRunView } from "../model/flow.ts";
import { countText, durationText } from "../model/quantity.ts";
import type { FlowFailure } from "../model/public-api.ts";
import type { TuiState } from "../model/state.ts";
import { around, heading, type Pane, tail } from "./pane.ts";

/** The flow files of the project, those marked with a sign. */
export function flowFilesPane({ flow }: TuiState, width: number, height: number): Pane {
  const { files, marked, chosen } = flow;
  const title = heading("flows", width, marked.length === 0 ? "space marks" : `${marked.length} marked`);
  if (files === undefined) return { lines: [title, line(span("looks for flows …", "muted"))] };
  if (files.length === 0)
    return { lines: [title, line(span("no flows here: they are files called *.flow.ts", "muted"))] };
  const rows = files.map((file, index) =>
    line(span(marked.includes(file) ? " ✔ " : "   ", "good"), span(file, index === chosen ? "selected" : "plain")),
  );
  const { first, shown } = around(rows, chosen, height - 1);
  return {
    lines: [title, ...shown.map((each) => fitLine(each, width))],
    targets: shown.map((_, y) => ({
      area: { x: 0, y: y + 1, width, height: 1 },
      click: { type: "choose", index: first + y, open: false },
    })),
  };
}

/** What runs or ran: flows, a campaign of faults, or a packet that was followed. */
export function outcomePane(state: TuiState, width: number, height: number): Pane {
  const { shown, scroll } = state.flow;
  const { title, note, lines } =
    shown === "run" ? runLines(state) : shown === "campaign" ? campaignLines(state) : traceLines(state);
  const wrapped = lines.flatMap((each) =>
    each.length === 1 && each[0] !== undefined
      ? wrapText(each[0].text, width).map((text) => line({ ...each[0], text }))
      : [fitLine(each, width)],
  );
  const visible =
    shown === "trace" ? wrapped.slice(Math.max(0, scroll), scroll + height - 1) : tail(wrapped, height - 1, scroll);
  return { lines: [heading(title, width, note), ...visible] };
}

interface Story {
  readonly title: string;
  readonly note: string;
  readonly lines: readonly Line[];
}

function runLines({ flow: { run } }: TuiState): Story {
  if (run === undefined)
    return {
      title: "run",
      note: "tab: campaign",
      lines: [line(span("enter runs the marked flows, or the chosen one", "muted"))],
    };
  const done = run.flows.filter(({ round }) => round !== undefined);
  const count = (state: string): number => done.filter(({ round }) => round?.state === state).length;
  const counts = `${count("passed")} passed, ${count("failed")} failed${count("skipped") === 0 ? "" : `, ${count("skipped")} skipped`}`;
  return {
    title: run.ended === undefined ? "run" : `run: ${run.ended}`,
    note: `${counts}${run.seed === undefined ? "" : `, seed ${run.seed}`}`,
    lines: [
      ...run.flows.flatMap(flowLines),
      ...run.faults.map((fault) => line(span(`✖ ${fault}`, "bad"))),
      ...endLines(run),
    ],
  };
}

function endLines(run: FlowRunView): readonly Line[] {
  if (run.ended === undefined) return run.step === "" ? [] : [line(span(`◐ ${printable(run.step)}`, "busy"))];
  return run.bundle === undefined ? [] : [line(span("bundle ", "muted"), span(run.bundle))];
}

function flowLines({ file, name, round }: FlowProgress): readonly Line[] {
  if (round === undefined) return [line(span("◐ ", "busy"), span(`${file} · ${name}`, "title"))];
  const [sign, role] = ({ passed: ["✔", "good"], failed: ["✖", "bad"], skipped: ["○", "warning"] } as const)[
    round.state
  ];
  return [
    line(span(`${sign} `, role), span(`${file} · ${name}`), span(`  ${durationText(round.durationMs)}`, "muted")),
    ...round.failures.flatMap(failureLines),
  ];
}

/** A failure with the decoded difference. */
function failureLines({ message, diff, location, codeFrame }: FlowFailure): readonly Line[] {
  const indented = (text: string, role: (each: string) => Role): readonly Line[] =>
    text.split("\n").map((each) => line(span(`    ${printable(each)}`, role(each))));
  return [
    ...indented(message, () => "bad"),
    ...(diff === undefined
      ? []
      : indented(diff, (each) => (each.startsWith("+") ? "good" : each.startsWith("-") ? "bad" : "plain"))),
    ...(location === undefined
      ? []
      : [line(span(`    at ${location.file}:${location.line}:${location.column}`, "muted"))]),
    ...(codeFrame === undefined ? [] : indented(codeFrame, () => "muted")),
  ];
}

function campaignLines({ flow: { campaign } }: TuiState): Story {
  if (campaign === undefined)
    return {
      title: "campaign",
      note: "tab: trace",
      lines: [line(span("c breaks wires and pauses nodes at random, one at a time, and heals each", "muted"))],
    };
  const faults = campaign.steps.filter(({ kind }) => kind === "fault").length;
  return {
    title: campaign.ended === undefined ? "campaign" : `campaign: ${campaign.ended}`,
    note: `${countText(faults, "fault")}, seed ${campaign.seed}`,
    lines: [
      ...campaign.steps.map(({ kind, text, failed }) =>
        line(
          span(
            `${failed || kind === "fault" ? "✖" : "✔"} ${printable(text)}`,
            failed || kind === "fault" ? "bad" : "good",
          ),
        ),
      ),
      ...(campaign.ended === undefined ? [line(span("◐ goes on", "busy"))] : []),
    ],
  };
}

function traceLines({ flow: { trace } }: TuiState): Story {
  if (trace === undefined)
    return {
      title: "trace",
      note: "tab: run",
      lines: [line(span("t follows one packet from a port to a node", "muted"))],
    };
  const note =
    trace.verdict === undefined
      ? "under way"
      : { arrived: "✔ arrived", lost: "✖ did not arrive", failed: "✖ not sent" }[trace.verdict];
  return {
    title: `trace ${trace.from} → ${trace.to}`,
    note,
    lines:
      trace.verdict === undefined
        ? [line(span("◐ follows it", "busy"))]
        : trace.lines.map((text) => line(span(printable(text), text.includes("~ ") ? "warning" : "plain"))),
  };
}
