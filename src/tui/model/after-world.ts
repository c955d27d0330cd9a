import type { Action } from "./action.ts";
import { afterFlowAction, type FlowAction, isFlowAction } from "./after-flows.ts";
import { afterNodeAction, isNodeAction, type NodeAction } from "./after-nodes.ts";
import { afterEvents, afterStatus, hasSleds, newBed } from "./bed.ts";
import { launchChoices } from "./choice.ts";
import { watchDemo } from "./demo-keys.ts";
import { goTo, nodeInView } from "./navigation.ts";
import { nodePaneBegins } from "./node.ts";
import { say, type Step, step, type TuiState } from "./state.ts";
import { afterFrames, wirePaneBegins } from "./wire-pane.ts";
import { afterStatistics, afterWireList, wiresOfPlan } from "./wire.ts";

const inputTypes = [
  "key",
  "resize",
  "tick",
  "notice",
  "work",
  "select",
  "choose",
  "pick",
  "view",
  "explain",
  "scroll",
  "demo",
  "demo-failed",
  "demo-off",
] as const satisfies readonly Action["type"][];

/** What comes from the person, the terminal and the clock. */
export type InputAction = Action & { readonly type: (typeof inputTypes)[number] };

/** What comes from testbeds, nodes, wires and flows. */
export type WorldAction = Exclude<Action, InputAction>;
type BedAction = Exclude<WorldAction, NodeAction | FlowAction>;

/** Whether an action comes from testbeds, nodes, wires or flows. */
export function isWorldAction(action: Action): action is WorldAction {
  return !inputTypes.some((type) => type === action.type);
}

/** The state after something happened outside. */
export function afterWorldAction(state: TuiState, action: WorldAction): Step {
  if (isNodeAction(action)) return step(afterNodeAction(state, action));
  if (isFlowAction(action)) return step(afterFlowAction(state, action));
  return afterBedAction(state, action);
}

function afterBedAction(state: TuiState, action: BedAction): Step {
  switch (action.type) {
    case "beds":
      return step(withChoice({ ...state, beds: action.names }));
    case "topologies":
      return step(withChoice({ ...state, launch: { ...state.launch, topologies: action.topologies } }));
    case "launch-begins":
    case "launch-events":
    case "launch-failed":
    case "launched":
      return step(afterLaunchAction(state, action));
    case "attached":
      return attached(state, action);
    case "detached":
      return goTo({ ...state, bed: undefined, statistics: undefined, selection: undefined, demo: undefined }, "launch");
    case "lost":
      return step(ofBed(state, action.bed, (bed) => ({ ...bed, lost: bed.lost ?? action.reason })));
    case "events":
      return events(state, action);
    case "status":
      return step(watchDemo(ofBed(state, action.bed, (bed) => afterStatus(bed, action.status, state.now))));
    case "wires":
      return step(
        watchDemo(ofBed(state, action.bed, (bed) => ({ ...bed, wires: afterWireList(bed.wires, action.wires) }))),
      );
    case "instances":
      return step(ofBed(state, action.bed, (bed) => ({ ...bed, instances: action.instances })));
    case "statistics": {
      const { statistics } = action;
      const next = ofBed(state, action.bed, (bed) => ({
        ...bed,
        heardAt: state.now,
        wires: afterStatistics(bed.wires, state.statistics, statistics),
      }));
      return step(watchDemo(next === state ? state : { ...next, statistics }));
    }
    case "frames":
      return step({ ...state, wire: afterFrames(state.wire, action.wire, action.frames, action.skipped) });
    case "flapping": {
      const others = state.wire.flapping.filter((name) => name !== action.wire);
      return step({ ...state, wire: { ...state.wire, flapping: action.on ? [...others, action.wire] : others } });
    }
    case "capturing":
      return step({ ...state, wire: { ...state.wire, capture: action.capture } });
  }
}

type LaunchAction = BedAction & { readonly type: "launch-begins" | "launch-events" | "launch-failed" | "launched" };

function afterLaunchAction(state: TuiState, action: LaunchAction): TuiState {
  const { launch } = state;
  const { underWay } = launch;
  if (action.type === "launch-begins") {
    const { expectedMs } = action;
    const bed = newBed(action.name, action.plan, wiresOfPlan(action.plan));
    const begun = { bed, file: action.file, begunAt: state.now, expectedMs, failure: undefined };
    return { ...state, view: "launch", launch: { ...launch, underWay: begun } };
  }
  if (underWay === undefined) return state;
  switch (action.type) {
    case "launch-events": {
      const bed = afterEvents(underWay.bed, action.events, state.now);
      return { ...state, launch: { ...launch, underWay: { ...underWay, bed } } };
    }
    case "launch-failed":
      return { ...state, launch: { ...launch, underWay: { ...underWay, failure: action.reason } } };
    case "launched":
      return say({ ...state, launch: { ...launch, underWay: undefined } }, `${underWay.bed.name} is up`);
  }
}

function attached(state: TuiState, { name, plan }: BedAction & { readonly type: "attached" }): Step {
  const first = plan.nodes[0];
  const next: TuiState = {
    ...state,
    bed: newBed(name, plan, wiresOfPlan(plan)),
    beds: state.beds.includes(name) ? state.beds : [...state.beds, name].toSorted(),
    statistics: undefined,
    selection: first === undefined ? undefined : { kind: "node", name: first.name },
    node: { ...nodePaneBegins, tab: state.node.tab },
    wire: wirePaneBegins,
  };
  const shown = goTo(next, state.view === "launch" || state.view === "flow" ? "rack" : state.view);
  return hasSleds(plan) ? step(shown.state, ...shown.effects, { type: "find-instances" }) : shown;
}

function events(state: TuiState, action: BedAction & { readonly type: "events" }): Step {
  const next = ofBed(state, action.bed, (bed) => afterEvents(bed, action.events, state.now));
  const node = nodeInView(next);
  // What the guest said before it was started anew is not true any more.
  const restarted =
    next.view === "node" &&
    action.events.some((event) => event.type === "node" && event.node === node && event.state === "ready");
  return restarted && node !== undefined ? step(watchDemo(next), { type: "inspect", node }) : step(watchDemo(next));
}

function ofBed(
  state: TuiState,
  name: string,
  change: (bed: NonNullable<TuiState["bed"]>) => NonNullable<TuiState["bed"]>,
): TuiState {
  const { bed } = state;
  return bed?.name === name ? { ...state, bed: change(bed) } : state;
}

function withChoice(state: TuiState): TuiState {
  const last = Math.max(0, launchChoices(state).length - 1);
  return state.launch.chosen <= last ? state : { ...state, launch: { ...state.launch, chosen: last } };
}
