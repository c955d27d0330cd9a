import type { Key } from "./action.ts";
import { keptExecs } from "./node.ts";
import { nodeInView, wireInView } from "./navigation.ts";
import { commandsOf } from "./palette.ts";
import { type Overlay, type Step, step, type TuiState } from "./state.ts";
import { endChoices, takeEnd } from "./trace-keys.ts";

/** A key while something lies over the view. */
export function overlayKey(state: TuiState, overlay: Overlay, key: Key): Step {
  const closed: TuiState = { ...state, overlay: undefined };
  if (key.name === "escape" || key.name === "ctrl+c") return step(closed);
  switch (overlay.kind) {
    case "help":
      return step(closed);
    case "confirm":
      if (key.name === "y" || key.name === "enter") return step(closed, ...overlay.effects);
      return key.name === "n" || key.name === "q" ? step(closed) : step(state);
    case "palette":
      return paletteKey(state, overlay, key);
    case "ends":
      return endsKey(state, overlay, key);
    case "input":
      if (key.name === "enter") return accept(closed, overlay);
      return (
        recalled(state, overlay, key) ?? step({ ...state, overlay: { ...overlay, input: edited(overlay.input, key) } })
      );
  }
}

function paletteKey(state: TuiState, overlay: ListOverlay & { readonly kind: "palette" }, key: Key): Step {
  const commands = commandsOf(state, overlay.input);
  if (key.name === "enter") return commands[overlay.chosen]?.run() ?? step(state);
  return step({ ...state, overlay: moved(overlay, commands.length, key) });
}

function endsKey(state: TuiState, overlay: ListOverlay & { readonly kind: "ends" }, key: Key): Step {
  if (key.name === "enter") return takeEnd(state, overlay);
  return step({ ...state, overlay: moved(overlay, endChoices(state, overlay).length, key) });
}

/** A list with words typed over it. */
type ListOverlay = Overlay & { readonly kind: "palette" | "ends" };

/** A list after a key: another choice, or other words. */
function moved<T extends ListOverlay>(overlay: T, count: number, key: Key): T {
  const to = (by: number): T => ({ ...overlay, chosen: Math.max(0, Math.min(count - 1, overlay.chosen + by)) });
  if (key.name === "down" || key.name === "tab") return to(1);
  if (key.name === "up" || key.name === "shift+tab") return to(-1);
  const input = edited(overlay.input, key);
  return { ...overlay, input, chosen: input === overlay.input ? overlay.chosen : 0 };
}

/** A click on a line of a list is that line chosen and entered. */
export function pick(state: TuiState, index: number): Step {
  const { overlay } = state;
  if (overlay?.kind !== "palette" && overlay?.kind !== "ends") return step(state);
  return overlayKey(state, { ...overlay, chosen: index }, { name: "enter", text: "", raw: "\r" });
}

/** The command line of the exec prompt after a key that goes through the commands of before; undefined for other keys. */
function recalled(state: TuiState, overlay: Overlay & { readonly kind: "input" }, key: Key): Step | undefined {
  if (overlay.purpose !== "exec" || (key.name !== "up" && key.name !== "down")) return undefined;
  const before = state.node.execs.get(nodeInView(state) ?? "") ?? [];
  const back = Math.max(0, Math.min(before.length, (overlay.back ?? 0) + (key.name === "up" ? 1 : -1)));
  const input = back === 0 ? "" : (before.at(-back)?.command ?? "");
  return step({ ...state, overlay: { ...overlay, input, back } });
}

/** A text after a key, as every line editor has it. */
function edited(input: string, key: Key): string {
  if (key.name === "backspace") return Array.from(input).slice(0, -1).join("");
  if (key.name === "ctrl+u") return "";
  if (key.name === "ctrl+w") return input.replace(/\S*\s*$/, "");
  return input + key.text;
}

function accept(state: TuiState, { purpose, input, replaces = false }: Overlay & { readonly kind: "input" }): Step {
  const text = input.trim();
  const node = nodeInView(state);
  const wire = wireInView(state);
  switch (purpose) {
    case "frame-filter":
      return step({ ...state, wire: { ...state.wire, filter: text } });
    case "log-filter":
      return step({ ...state, node: { ...state.node, logFilter: text, scroll: 0 } });
    case "impairments":
      if (wire === undefined || (text === "" && !replaces)) return step(state);
      return step(state, {
        type: "impair",
        wire,
        words: settingWords(text, replaces),
        direction: state.wire.direction,
      });
    case "capture":
      return wire === undefined || text === "" ? step(state) : step(state, { type: "start-capture", wire, file: text });
    case "exec":
      return node === undefined || text === "" ? step(state) : exec(state, node, text);
  }
}

/** What is set: `clean` clears what stands before it, and what is replaced is cleared too. */
function settingWords(text: string, replaces: boolean): readonly string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const from = words.lastIndexOf("clean");
  return from >= 0 ? words.slice(from) : replaces ? ["clean", ...words] : words;
}

function exec(state: TuiState, node: string, command: string): Step {
  const before = state.node.execs.get(node) ?? [];
  const id = (before.at(-1)?.id ?? 0) + 1;
  const entries = [...before.slice(1 - keptExecs), { id, command, output: [], outcome: undefined }];
  const execs = new Map(state.node.execs).set(node, entries);
  return step({ ...state, node: { ...state.node, execs, scroll: 0 } }, { type: "exec", node, command, id });
}
