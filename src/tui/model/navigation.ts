import { consoleSize } from "../layout/console-size.ts";
import type { Effect } from "./effect.ts";
import { say, type Selection, type Step, step, type TuiState, type ViewName } from "./state.ts";
import { wirePaneBegins } from "./wire-pane.ts";

/** Make something what the keys act on. */
export function select(state: TuiState, selection: Selection): TuiState {
  return { ...state, selection };
}

/** Everything that can be selected in the testbed, nodes first. */
function selectable({ bed }: TuiState): readonly Selection[] {
  if (bed === undefined) return [];
  return [
    ...bed.plan.nodes.map(({ name }): Selection => ({ kind: "node", name })),
    ...[...bed.wires.keys()].map((name): Selection => ({ kind: "wire", name })),
  ];
}

/** Select what comes so many places after what is selected. */
export function selectNext(state: TuiState, by: 1 | -1, kind?: Selection["kind"]): TuiState {
  const all = selectable(state).filter((each) => kind === undefined || each.kind === kind);
  if (all.length === 0) return state;
  const at = all.findIndex((each) => each.kind === state.selection?.kind && each.name === state.selection.name);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
  return next === undefined ? state : select(state, next);
}

/** The node that the node view is about: the selected one, or the first. */
export function nodeInView({ bed, selection }: TuiState): string | undefined {
  if (bed === undefined) return undefined;
  if (selection?.kind === "node" && bed.nodes.has(selection.name)) return selection.name;
  return bed.plan.nodes[0]?.name;
}

/** The wire that the wire view is about: the selected one, or the first. */
export function wireInView({ bed, selection }: TuiState): string | undefined {
  if (bed === undefined) return undefined;
  if (selection?.kind === "wire" && bed.wires.has(selection.name)) return selection.name;
  return bed.wires.keys().next().value;
}

/** Look at what is selected more closely. */
export function open(state: TuiState): Step {
  if (state.selection?.kind === "wire") return goTo(state, "wire");
  if (state.selection?.kind === "node") return goTo(state, "node");
  return step(state);
}

/** Show a view: what it needs is subscribed to, what only the view before needed is let go. */
export function goTo(state: TuiState, view: ViewName): Step {
  if (state.bed === undefined && (view === "rack" || view === "node" || view === "wire"))
    return step(
      say({ ...state, view: "launch" }, "no testbed is attached: choose one, or launch a topology", "problem"),
    );
  const left = leave(state, view);
  const shown = { ...left.state, view };
  switch (view) {
    case "launch":
      return step(shown, ...left.effects, { type: "find-topologies" });
    case "rack":
      return step(shown, ...left.effects);
    case "node":
      return enterNode(shown, left.effects);
    case "wire":
      return enterWire(shown, left.effects);
    case "flow":
      return step(shown, ...left.effects, { type: "find-flows" });
  }
}

function leave(state: TuiState, next: ViewName): Step {
  const effects: Effect[] = [];
  let { node, wire } = state;
  if (next !== "node") {
    if (node.console !== undefined) effects.push({ type: "close-console" });
    if (node.log !== undefined) effects.push({ type: "leave-log" });
    node = { ...node, console: undefined, log: undefined, scroll: 0 };
  }
  if (next !== "wire" && wire.following !== undefined) {
    effects.push({ type: "leave-frames" });
    wire = { ...wire, following: undefined };
  }
  return step({ ...state, node, wire }, ...effects);
}

/** Show the present node in the node view, with what its tab needs. */
export function enterNode(state: TuiState, before: readonly Effect[] = []): Step {
  const name = nodeInView(state);
  if (name === undefined) return step(state, ...before);
  const selected = select(state, { kind: "node", name });
  const effects: Effect[] = [...before];
  let { node } = selected;
  if (node.facts?.node !== name) {
    node = { ...node, facts: undefined };
    effects.push({ type: "inspect", node: name });
  }
  const size = consoleSize(state);
  if (node.tab === "console" && node.console?.node !== name) {
    if (node.console !== undefined) effects.push({ type: "close-console" });
    effects.push({ type: "open-console", node: name, ...size });
    node = { ...node, console: { node: name, lines: [], cursor: { x: 0, y: 0 }, attached: false, ended: undefined } };
  } else if (node.console !== undefined) {
    effects.push({ type: "resize-console", ...size });
  }
  if (node.tab === "log" && node.log?.node !== name) {
    effects.push({ type: "follow-log", node: name });
    node = { ...node, log: { node: name, lines: [] }, scroll: 0 };
  }
  return step({ ...selected, node }, ...effects);
}

/** Show the present wire in the wire view, and follow its frames. */
export function enterWire(state: TuiState, before: readonly Effect[] = []): Step {
  const name = wireInView(state);
  if (name === undefined)
    return step(say({ ...state, view: "rack" }, "this testbed has no wires", "problem"), ...before);
  const selected = select(state, { kind: "wire", name });
  const direct = state.bed?.wires.get(name)?.direct === true;
  if (selected.wire.following === name) return step(selected, ...before);
  const { filter, capture, flapping } = selected.wire;
  const wire = { ...wirePaneBegins, filter, capture, flapping, following: direct ? undefined : name };
  return step(
    { ...selected, wire },
    ...before,
    direct ? { type: "leave-frames" } : { type: "follow-frames", wire: name },
  );
}
