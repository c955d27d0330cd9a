import { fitLine, type Line, line, type Role, span } from "../line/line.ts";
import { wireInView } from "../model/navigation.ts";
import { bytesText, countText } from "../model/quantity.ts";
import type { TuiState } from "../model/state.ts";
import { type FrameRow, shownFrames } from "../model/wire-pane.ts";
import { type WireView, wireFaults } from "../model/wire.ts";
import { around, heading, inColumns, type Pane, tail } from "./pane.ts";
import { directionLines } from "./rack-panes.ts";

/** Columns that a field of a layer and its value take. */
const leastLayerColumns = 34;

/** A wire: both directions, then its frames, then the frame that is explained. */
export function wirePane(state: TuiState, width: number, height: number): Pane {
  const name = wireInView(state);
  const wire = name === undefined ? undefined : state.bed?.wires.get(name);
  if (wire === undefined) return { lines: [] };
  const head = wireHead(state, wire, width);
  if (wire.direct)
    return {
      lines: [
        ...head,
        line("This wire is direct: it does not pass the patch panel, so there is nothing to see or to change."),
      ],
    };
  const explanation = explanationLines(state, width, Math.max(4, Math.floor((height - head.length) / 2)));
  const room = Math.max(2, height - head.length - explanation.length);
  const frames = framesPart(state, wire, width, room);
  const shift = head.length;
  return {
    lines: [...head, ...frames.lines, ...explanation].slice(0, height),
    targets: (frames.targets ?? []).map(({ area, click }) => ({ area: { ...area, y: area.y + shift }, click })),
  };
}

function wireHead({ wire: pane }: TuiState, wire: WireView, width: number): readonly Line[] {
  const [a, b] = wire.ends;
  const faults = [...wireFaults(wire), ...(pane.flapping.includes(wire.name) ? ["flapping"] : [])];
  const note = wire.direct
    ? "direct"
    : wire.up === undefined
      ? "state not known yet"
      : faults.length === 0
        ? "● up, clean"
        : `${faults.every((fault) => fault === "impaired") ? "▲" : "✖"} ${faults.join(", ")}`;
  if (wire.direct) return [heading(wire.name, width, note)];
  const capture =
    pane.capture?.wire === wire.name
      ? [line(span(`● captures to ${pane.capture.file}: ${bytesText(pane.capture.bytes)}`, "busy"))]
      : [];
  const which =
    pane.direction === undefined ? "both directions" : pane.direction === "aToB" ? `${a} → ${b}` : `${b} → ${a}`;
  return [
    heading(wire.name, width, note),
    ...directionLines(`${a} → ${b}`, wire.aToB, width),
    ...directionLines(`${b} → ${a}`, wire.bToA, width),
    ...capture,
    line(span("i", "key"), span(` impairs ${which}; `, "muted"), span("x", "key"), span(" changes which", "muted")),
  ].map((each) => fitLine(each, width));
}

function framesPart({ wire: pane }: TuiState, wire: WireView, width: number, height: number): Pane {
  const frames = shownFrames(pane);
  const notes = [
    pane.paused ? "held; space goes on" : "live",
    ...(pane.filter === "" ? [] : [`only: ${pane.filter}`]),
    ...(pane.skipped === 0 ? [] : [`${countText(pane.skipped, "frame")} came too fast to be shown`]),
  ];
  const title = heading("frames", width, notes.join(", "));
  if (frames.length === 0) {
    const text = pane.frames.length === 0 ? "no frame yet" : "no frame has these words";
    return { lines: [title, line(span(text, "muted"))] };
  }
  const at = frames.findIndex(({ sequence }) => sequence === pane.explained);
  const shown = at < 0 ? tail(frames, height - 1) : around(frames, at, height - 1).shown;
  return {
    lines: [title, ...shown.map((frame) => frameLine(frame, wire, width, frame.sequence === pane.explained))],
    targets: shown.map(({ sequence }, y) => ({
      area: { x: 0, y: y + 1, width, height: 1 },
      click: { type: "explain", sequence },
    })),
  };
}

function frameLine(frame: FrameRow, { ends: [a, b] }: WireView, width: number, chosen: boolean): Line {
  const delivered = frame.fate === "delivered";
  const role: Role = chosen ? "selected" : delivered ? "plain" : "bad";
  const from = frame.direction === "aToB" ? a : b;
  const side = Math.min(14, Math.max(a.length, b.length));
  return fitLine(
    line(
      span(`${clockText(frame.timeMs)} `, "muted"),
      span(delivered ? "→ " : "✖ ", delivered ? "good" : "bad"),
      ...fitLine(line(span(from, "muted")), side),
      span(` ${frame.summary}`, role),
      delivered ? "" : span(`  ${frame.fate}`, "bad"),
      frame.marks.length === 0 ? "" : span(`  ${frame.marks.join(", ")}`, "warning"),
    ),
    width,
  );
}

/** The layers of the explained frame; side by side where they do not fit below each other. */
function explanationLines({ wire: pane }: TuiState, width: number, height: number): readonly Line[] {
  const frame = pane.frames.find(({ sequence }) => sequence === pane.explained);
  if (frame === undefined) return [];
  const room = Math.max(1, height - 1);
  return [
    heading(`frame ${frame.sequence}, ${frame.bytes} bytes`, width),
    ...inColumns(
      frame.explanation.map((text) => line(span(text, text.startsWith(" ") ? "plain" : "title"))),
      { width, rows: room, leastColumns: leastLayerColumns },
    ),
  ];
}

/** Wall clock with milliseconds, in UTC: the same whoever looks. */
function clockText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 23);
}
