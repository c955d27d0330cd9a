import { fitLine, type Line, line, span, wrapText } from "../line/line.ts";
import { activeBindings } from "../model/bindings.ts";
import { durationText } from "../model/quantity.ts";
import { commandsOf } from "../model/palette.ts";
import type { DemoView } from "../model/demo.ts";
import type { TuiState } from "../model/state.ts";
import { around, heading, type Pane } from "./pane.ts";

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
  const room = Math.max(1, height - 1);
  const columns = Math.max(1, Math.ceil(all.length / room));
  const each = Math.floor(width / columns);
  const rows = Array.from({ length: Math.min(room, all.length) }, (_, row): Line =>
    Array.from({ length: columns }, (__, column) => fitLine(all[column * room + row] ?? [], each)).flat(),
  );
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
  const rows = commands.map(({ title, key }, index) =>
    fitLine(
      line(
        span(index === chosen ? "▶ " : "  ", "key"),
        span(title, index === chosen ? "selected" : "plain"),
        span(key === "" ? "" : `  ${keyName(key)}`, "key"),
      ),
      width,
    ),
  );
  const { shown } = around(rows, chosen, height - 2);
  return {
    lines: [
      heading("commands", width, "enter does it, esc closes"),
      line(span("▶ ", "key"), span(input), span(" ", "selected")),
      ...(shown.length === 0 ? [line(span("nothing has these words", "muted"))] : shown),
    ],
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

/** What a tour tells its audience at its present step. */
export function captionPane(demo: DemoView, now: number, width: number, height: number): Pane {
  const { tour, at, outcome, since, tookMs } = demo;
  const present = tour.steps[at];
  const following = tour.steps[at + 1];
  const title = present === undefined ? tour.title : `${at + 1}/${tour.steps.length} ${present.title}`;
  const caption = present === undefined ? `A tour in ${tour.steps.length} steps.` : present.caption;
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
    outcome === "waiting" ? "" : following === undefined ? "space ends the tour" : `space: ${following.title}`;
  const words = wrapText(caption, width - 2).map((text) => line(span(` ${text}`)));
  return {
    lines: [heading(title, width, next), ...words.slice(0, height - 1 - state.length), ...state].map((each) =>
      fitLine(each, width),
    ),
  };
}
