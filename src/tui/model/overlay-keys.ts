import type { Key } from "./action.ts";
import { keptExecs } from "./node.ts";
import { nodeInView, wireInView } from "./navigation.ts";
import { commandsOf } from "./palette.ts";
import { type Overlay, say, type Step, step, type TuiState } from "./state.ts";

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
    case "input":
      if (key.name === "enter") return accept(closed, overlay);
      return step({ ...state, overlay: { ...overlay, input: edited(overlay.input, key) } });
  }
}

function paletteKey(state: TuiState, overlay: Overlay & { readonly kind: "palette" }, key: Key): Step {
  const commands = commandsOf(state, overlay.input);
  const move = (by: number): Step => {
    const chosen = Math.max(0, Math.min(commands.length - 1, overlay.chosen + by));
    return step({ ...state, overlay: { ...overlay, chosen } });
  };
  if (key.name === "down" || key.name === "tab") return move(1);
  if (key.name === "up" || key.name === "shift+tab") return move(-1);
  if (key.name === "enter") return commands[overlay.chosen]?.run() ?? step(state);
  const input = edited(overlay.input, key);
  return step({ ...state, overlay: { ...overlay, input, chosen: input === overlay.input ? overlay.chosen : 0 } });
}

/** A text after a key, as every line editor has it. */
function edited(input: string, key: Key): string {
  if (key.name === "backspace") return Array.from(input).slice(0, -1).join("");
  if (key.name === "ctrl+u") return "";
  if (key.name === "ctrl+w") return input.replace(/\S*\s*$/, "");
  return input + key.text;
}

function accept(state: TuiState, { purpose, input }: Overlay & { readonly kind: "input" }): Step {
  const text = input.trim();
  const node = nodeInView(state);
  const wire = wireInView(state);
  switch (purpose) {
    case "frame-filter":
      return step({ ...state, wire: { ...state.wire, filter: text } });
    case "log-filter":
      return step({ ...state, node: { ...state.node, logFilter: text, scroll: 0 } });
    case "impairments":
      if (wire === undefined || text === "") return step(state);
      return step(state, { type: "impair", wire, words: text.split(/\s+/), direction: state.wire.direction });
    case "capture":
      return wire === undefined || text === "" ? step(state) : step(state, { type: "start-capture", wire, file: text });
    case "exec":
      return node === undefined || text === "" ? step(state) : exec(state, node, text);
    case "trace":
      return trace(state, text);
  }
}

function exec(state: TuiState, node: string, command: string): Step {
  const before = state.node.execs.get(node) ?? [];
  const id = (before.at(-1)?.id ?? 0) + 1;
  const entries = [...before.slice(1 - keptExecs), { id, command, output: [], outcome: undefined }];
  const execs = new Map(state.node.execs).set(node, entries);
  return step({ ...state, node: { ...state.node, execs, scroll: 0 } }, { type: "exec", node, command, id });
}

function trace(state: TuiState, text: string): Step {
  const [from, to, ...rest] = text.split(/\s+/);
  if (from === undefined || to === undefined || rest.length > 0 || !from.includes(":"))
    return step(say(state, "a trace has two ends, like h1:net0 h2", "problem"));
  const flow = {
    ...state.flow,
    trace: { from, to, lines: [], verdict: undefined },
    shown: "trace" as const,
    scroll: 0,
  };
  return step({ ...state, flow }, { type: "trace", from, to });
}
