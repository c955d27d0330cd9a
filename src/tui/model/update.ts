import type { Action, Key } from "./action.ts";
import { afterWorldAction, type InputAction, isWorldAction } from "./after-world.ts";
import { hasSleds } from "./bed.ts";
import { activeBindings } from "./bindings.ts";
import { afterDemo, watchDemo } from "./demo-keys.ts";
import { scrolledBy, typeIntoConsole } from "./node-keys.ts";
import { overlayKey, pick } from "./overlay-keys.ts";
import { chosenCount } from "./choice.ts";
import { goTo, nodeInView, open, select } from "./navigation.ts";
import type { Effect } from "./effect.ts";
import { say, type Step, step, type TuiState } from "./state.ts";

/** How long a notice stays, milliseconds. */
const noticeMs = 8000;
/** How often what has no events is asked for: what a node says about itself, which testbeds run. */
const askMs = 2000;
/** How often the control plane is asked for its instances: it takes many questions. */
const instancesMs = 10_000;

/** The whole user interface: what was and what happens give what is, and what is to be done. Pure. */
export function update(state: TuiState, action: Action): Step {
  return isWorldAction(action) ? afterWorldAction(state, action) : afterInput(state, action);
}

function afterInput(state: TuiState, action: InputAction): Step {
  switch (action.type) {
    case "key":
      return afterKey(state.notice?.kind === "done" ? { ...state, notice: undefined } : state, action.key);
    case "resize":
      return resized({ ...state, columns: action.columns, rows: action.rows });
    case "tick":
      return afterTick(state, action.now);
    case "notice":
      return step(say(state, action.text, action.kind));
    case "work": {
      const others = state.working.filter((what) => what !== action.what);
      return step({ ...state, working: action.done ? others : [...others, action.what] });
    }
    case "select": {
      const selected = select(state, action.selection);
      return action.open ? open(selected) : step(selected);
    }
    case "choose":
      return choose(state, action.index, action.open);
    case "pick":
      return pick(state, action.index);
    case "view":
      return goTo({ ...state, overlay: undefined }, action.view);
    case "explain":
      return step({ ...state, wire: { ...state.wire, explained: action.sequence } });
    case "scroll":
      return scrolled(state, action.lines);
    case "demo":
    case "demo-failed":
    case "demo-off":
      return afterDemo(state, action);
  }
}

function afterKey(state: TuiState, key: Key): Step {
  if (state.overlay !== undefined) return overlayKey(state, state.overlay, key);
  if (state.view === "node" && state.node.console?.attached === true) return typeIntoConsole(state, key);
  const binding = activeBindings(state).find(({ keys }) => keys.includes(key.name));
  return binding === undefined ? step(state) : binding.run();
}

function afterTick(before: TuiState, now: number): Step {
  const { notice } = before;
  const isOld = notice !== undefined && now - notice.at > noticeMs;
  const state = watchDemo({ ...before, now, notice: isOld ? undefined : notice });
  const isDue = (everyMs: number): boolean => Math.floor(now / everyMs) !== Math.floor(before.now / everyMs);
  const { view, bed } = state;
  const effects: Effect[] = [];
  if (view === "launch" && isDue(askMs)) effects.push({ type: "find-beds" });
  if (bed?.lost === undefined && isDue(askMs) && view === "node") {
    const node = nodeInView(state);
    if (node !== undefined) effects.push({ type: "inspect", node });
  }
  if (
    bed !== undefined &&
    bed.lost === undefined &&
    hasSleds(bed.plan) &&
    isDue(instancesMs) &&
    (view === "rack" || view === "node")
  )
    effects.push({ type: "find-instances" });
  return step(state, ...effects);
}

function resized(state: TuiState): Step {
  const { console } = state.node;
  if (console === undefined || state.view !== "node") return step(state);
  return open(state);
}

function choose(state: TuiState, index: number, openIt: boolean): Step {
  const at = Math.max(0, Math.min(chosenCount(state) - 1, index));
  const chosen =
    state.view === "launch"
      ? { ...state, launch: { ...state.launch, chosen: at } }
      : { ...state, flow: { ...state.flow, chosen: at } };
  if (!openIt) return step(chosen);
  const enter = activeBindings(chosen).find(({ keys }) => keys.includes("enter"));
  return enter === undefined ? step(chosen) : enter.run();
}

function scrolled(state: TuiState, lines: number): Step {
  if (state.view === "node") return step({ ...state, node: { ...state.node, scroll: scrolledBy(state, lines) } });
  if (state.view === "flow")
    return step({ ...state, flow: { ...state.flow, scroll: Math.max(0, state.flow.scroll + lines) } });
  return step(state);
}
