import { fitLine, line, type Span, span, wrapText } from "../line/line.ts";
import { activeBindings } from "../model/bindings.ts";
import { durationText } from "../model/quantity.ts";
import { commandsOf } from "../model/palette.ts";
import type { DemoView } from "../model/demo.ts";
import type { Overlay, TuiState } from "../model/state.ts";
import { endChoices } from "../model/trace-keys.ts";
import { around, heading, inColumns, type Pane } from "./pane.ts";

const signs: readonly (readonly [string, string])[] = [
  ["●", "ready"],
  ["◐", "on its way"],
  ["○", "waits"],
  ["‖", "paused"],
  ["■", "stopped"],
  ["✖", "failed, down or cut"],
  ["▲", "impaired, or loses frames"],
  ["–", "not known"],
];

/** Every key that does something now, and what the signs mean. */
export function helpPane(state: TuiState, width: number, height: number): Pane {
  const keys = activeBindings({ ...state, overlay: undefined }).map((binding) =>
    line(span(binding.keys.map(keyName).join(" ").padStart(14), "key"), span(`  ${binding.title}`)),
  );
  const legend = signs.map(([sign, meaning]) => line(span(sign.padStart(14), "title"), span(`  ${meaning}`)));
  const mouse = [line(span("mouse".padStart(14), "key"), span("  a click selects, one more opens"))];
  const all = [...keys, ...mouse, [], ...legend];
  const rows = inColumns(all, { width, rows: Math.max(1, height - 1) });
  return { lines: [heading(`help: ${state.view}`, width, "any key closes"), ...rows] };
}

/** A key as it is printed on a keyboard. */
function keyName(name: string): string {
  return (
    ({ up: "↑", down: "↓", left: "←", right: "→", escape: "esc", " ": "" } as Readonly<Record<string, string>>)[name] ??
    name
  );
}

/** What can be done, by the words typed. */
export function palettePane(state: TuiState, input: string, chosen: number, width: number, height: number): Pane {
  const commands = commandsOf(state, input);
  const rows = commands.map(({ title, key }) => ({ title, note: span(key === "" ? "" : keyName(key), "key") }));
  return listPane({ title: "commands", note: "enter does it, esc closes", input, chosen, rows }, width, height);
}

/** The ends that a packet may be sent from, or to. */
export function endsPane(
  state: TuiState,
  overlay: Overlay & { readonly kind: "ends" },
  width: number,
  height: number,
): Pane {
  const rows = endChoices(state, overlay).map(({ end, about }) => ({ title: end, note: span(about, "muted") }));
  const { from, input, chosen } = overlay;
  const title = from === undefined ? "trace a packet: from which port" : `trace a packet from ${from}: to whom`;
  return listPane({ title, note: "type to search, enter chooses", input, chosen, rows }, width, height);
}

/** A list to choose from, with the words that were typed over it. */
function listPane(
  list: {
    readonly title: string;
    readonly note: string;
    readonly input: string;
    readonly chosen: number;
    readonly rows: readonly { readonly title: string; readonly note: Span }[];
  },
  width: number,
  height: number,
): Pane {
  const { title, note, input, chosen } = list;
  const rows = list.rows.map((row, index) =>
    fitLine(
      line(
        span(index === chosen ? "▶ " : "  ", "key"),
        span(row.title, index === chosen ? "selected" : "plain"),
        "  ",
        row.note,
      ),
      width,
    ),
  );
  const { first, shown } = around(rows, chosen, height - 2);
  return {
    lines: [
      heading(title, width, note),
      line(span("▶ ", "key"), span(input), span(" ", "selected")),
      ...(shown.length === 0 ? [line(span("nothing has these words", "muted"))] : shown),
    ],
    targets: shown.map((_, y) => ({
      area: { x: 0, y: y + 2, width, height: 1 },
      click: { type: "pick", index: first + y },
    })),
  };
}

/** A question that is answered by yes or no. */
export function confirmPane(question: string, width: number, height: number): Pane {
  const text = wrapText(question, Math.max(20, width - 8)).map((each) => line(span(`    ${each}`, "title")));
  const above = Math.max(0, Math.floor((height - text.length - 2) / 2));
  return {
    lines: [
      ...Array.from({ length: above }, () => []),
      ...text,
      [],
      line(span("    y", "key"), " yes    ", span("n", "key"), " no"),
    ],
  };
}

/** What a tour tells its audience at its present step; before there is a testbed for it, that it will begin. */
export function captionPane(
  { tour, at, outcome, since, tookMs }: DemoView,
  { bed, now }: TuiState,
  width: number,
  height: number,
): Pane {
  const present = tour.steps[at];
  const following = tour.steps[at + 1];
  const title = present === undefined ? tour.title : `${at + 1}/${tour.steps.length} ${present.title}`;
  const caption =
    present?.caption ??
    `A tour in ${tour.steps.length} steps. ${bed === undefined ? "It begins when all machines are up: each boots or wakes from a template, and is ready when its daemons have found what they need. The first launch makes the templates, which takes minutes." : ""}`;
  const fact = present?.fact?.text;
  const state =
    fact === undefined
      ? []
      : outcome === "waiting"
        ? [line(span(`◐ waits until ${fact}: ${durationText(now - since)}`, "busy"))]
        : outcome === "done"
          ? [line(span(`✔ ${fact}, after ${durationText(tookMs)}`, "good"))]
          : [line(span(`✖ not seen in time: ${fact}`, "bad"))];
  const next =
    bed === undefined
      ? "begins soon"
      : outcome === "waiting"
        ? ""
        : following === undefined
          ? "space ends the tour"
          : `space: ${following.title}`;
  const words = wrapText(caption, width - 2).map((text) => line(span(` ${text}`)));
  return {
    lines: [heading(title, width, next), ...words.slice(0, height - 1 - state.length), ...state].map((each) =>
      fitLine(each, width),
    ),
  };
}
