import type { Key } from "./action.ts";
import { machineBindings } from "./machine-keys.ts";
import { enterNode, goTo, nodeInView, selectNext } from "./navigation.ts";
import { bodyArea, factsArea, tabArea } from "../layout/areas.ts";
import { factLines } from "../pane/fact-panes.ts";
import type { NodeTab } from "./node.ts";
import { wordSearch } from "./search.ts";
import { type Binding, type Step, step, type TuiState } from "./state.ts";

/** The keys of the node view. */
export function nodeBindings(state: TuiState): readonly Binding[] {
  const name = nodeInView(state);
  if (name === undefined) return [];
  const { node } = state;
  const tab = (key: string, which: NodeTab): Binding => ({
    keys: [key],
    title: which,
    footer: node.tab === which ? undefined : which,
    run: () => enterNode({ ...state, node: { ...node, tab: which, scroll: 0 } }),
  });
  const scroll = (keys: readonly string[], title: string, by: number): Binding => ({
    keys,
    title,
    run: () => step({ ...state, node: { ...node, scroll: scrolledBy(state, by) } }),
  });
  return [
    ...(node.tab === "console"
      ? [{ keys: ["enter", "a"], title: "type into the console", footer: "type", run: () => attach(state) }]
      : []),
    ...(node.tab === "log"
      ? [{ keys: ["/", "enter"], title: "filter the log", footer: "filter", run: () => ask(state, "log-filter") }]
      : []),
    ...(node.tab === "exec"
      ? [{ keys: ["enter", "/"], title: "run a command", footer: "run", run: () => ask(state, "exec") }]
      : []),
    tab("o", "facts"),
    tab("c", "console"),
    tab("l", "log"),
    tab("e", "exec"),
    { keys: ["r"], title: "ask the node again", run: () => step(state, { type: "inspect", node: name }) },
    scroll(["up", "k"], "scroll back", 1),
    scroll(["down", "j"], "scroll on", -1),
    scroll(["pageup"], "a page back", 10),
    scroll(["pagedown"], "a page on", -10),
    ...machineBindings(state, name),
    {
      keys: ["tab", "n", "right"],
      title: "next node",
      footer: "next node",
      run: () => enterNode(selectNext(state, 1, "node")),
    },
    { keys: ["shift+tab", "N", "left"], title: "node before", run: () => enterNode(selectNext(state, -1, "node")) },
    { keys: ["escape"], title: "back to the rack", run: () => goTo(state, "rack") },
  ];
}

/** Where the lines of the tab are after they were moved back by so many: facts count from their first, others from the newest. */
export function scrolledBy(state: TuiState, back: number): number {
  const { tab, scroll } = state.node;
  const by = tab === "facts" ? -back : back;
  return Math.max(0, Math.min(scrollLimit(state), scroll + by));
}

/** Lines that do not fit into the tab. */
function scrollLimit(state: TuiState): number {
  const { tab, log, logFilter, execs } = state.node;
  const rows = ((tab === "facts" ? factsArea(state) : tabArea(state)) ?? bodyArea(state)).height - 1;
  const lines =
    tab === "facts"
      ? factLines(state, state.columns).length - 1
      : tab === "log"
        ? (log?.lines ?? []).filter(wordSearch(logFilter)).length
        : (execs.get(nodeInView(state) ?? "") ?? []).reduce((sum, { output }) => sum + output.length + 2, 0);
  return Math.max(0, lines - rows);
}

/** A key while keys are typed into the console: all but the one that leaves go to the node as they came. */
export function typeIntoConsole(state: TuiState, key: Key): Step {
  const { console } = state.node;
  if (console === undefined) return step(state);
  if (key.raw === "\u001d" || console.ended !== undefined)
    return step({ ...state, node: { ...state.node, console: { ...console, attached: false } } });
  return step(state, { type: "type", text: key.raw });
}

function attach(state: TuiState): Step {
  const { console } = state.node;
  if (console === undefined) return step(state);
  if (console.ended === undefined)
    return step({ ...state, node: { ...state.node, console: { ...console, attached: true } } });
  // It ended, so the node was started anew since: open it again.
  return enterNode({ ...state, node: { ...state.node, console: undefined } });
}

function ask(state: TuiState, purpose: "log-filter" | "exec"): Step {
  const overlay =
    purpose === "exec"
      ? ({ kind: "input", purpose, label: `run in ${nodeInView(state) ?? "the node"}`, input: "" } as const)
      : ({ kind: "input", purpose, label: "lines with these words", input: state.node.logFilter } as const);
  return step({ ...state, overlay });
}
