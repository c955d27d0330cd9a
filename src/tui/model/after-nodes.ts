import type { Action } from "./action.ts";
import { keptLogLines, keptOutputLines, type NodePane } from "./node.ts";
import type { TuiState } from "./state.ts";

/** What comes from inside nodes. */
export type NodeAction = Action & {
  readonly type: "facts" | "console" | "console-ended" | "log" | "exec-output" | "exec-ended";
};

const types: ReadonlySet<string> = new Set<NodeAction["type"]>([
  "facts",
  "console",
  "console-ended",
  "log",
  "exec-output",
  "exec-ended",
]);

/** Whether an action comes from inside a node. */
export function isNodeAction(action: Action): action is NodeAction {
  return types.has(action.type);
}

/** The state after a word from inside a node. */
export function afterNodeAction(state: TuiState, action: NodeAction): TuiState {
  return { ...state, node: paneAfter(state.node, action) };
}

function paneAfter(pane: NodePane, action: NodeAction): NodePane {
  switch (action.type) {
    case "facts":
      return { ...pane, facts: withShare(action.facts, pane.facts) };
    case "console":
      return pane.console?.node === action.node
        ? { ...pane, console: { ...pane.console, lines: action.lines, cursor: action.cursor } }
        : pane;
    case "console-ended":
      return pane.console?.node === action.node
        ? { ...pane, console: { ...pane.console, ended: action.reason, attached: false } }
        : pane;
    case "log":
      return pane.log?.node === action.node
        ? { ...pane, log: { node: action.node, lines: [...pane.log.lines, ...action.lines].slice(-keptLogLines) } }
        : pane;
    case "exec-output":
      return ofEntry(pane, action.node, action.id, (entry) => ({
        ...entry,
        output: [...entry.output, ...action.lines].slice(-keptOutputLines),
      }));
    case "exec-ended":
      return ofEntry(pane, action.node, action.id, (entry) => ({ ...entry, outcome: action.outcome }));
  }
}

type Entry = NonNullable<ReturnType<NodePane["execs"]["get"]>>[number];

function ofEntry(pane: NodePane, node: string, id: number, change: (entry: Entry) => Entry): NodePane {
  const entries = pane.execs.get(node) ?? [];
  return {
    ...pane,
    execs: new Map(pane.execs).set(
      node,
      entries.map((entry) => (entry.id === id ? change(entry) : entry)),
    ),
  };
}

/** Facts with the share of the CPUs since the facts before, where both are of the same node and the same boot. */
function withShare(facts: NonNullable<NodePane["facts"]>, before: NodePane["facts"]): NonNullable<NodePane["facts"]> {
  if (before?.node !== facts.node || before.jiffies === undefined || facts.jiffies === undefined) return facts;
  const all = facts.jiffies.all - before.jiffies.all;
  return all <= 0 ? facts : { ...facts, cpu: Math.max(0, (facts.jiffies.busy - before.jiffies.busy) / all) };
}
