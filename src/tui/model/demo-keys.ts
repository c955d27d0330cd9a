import type { Action } from "./action.ts";
import { beginTour, lookAtFact } from "./demo.ts";
import { goTo } from "./navigation.ts";
import { type Binding, say, type Step, step, type TuiState } from "./state.ts";

/** The keys of a tour: they win over those of the view, so that a speaker needs only one. */
export function demoBindings(state: TuiState): readonly Binding[] {
  const { demo } = state;
  if (demo === undefined) return [];
  const isLast = demo.at >= demo.tour.steps.length - 1;
  const busy = demo.outcome === "waiting";
  // A tour cannot begin before its machines are there; the keys of the launch are needed until then.
  if (state.bed === undefined) return [];
  return [
    {
      keys: ["space"],
      title: isLast ? "end the tour" : "next step of the tour",
      footer: isLast ? "end" : "next step",
      run: () => (busy ? step(state) : isLast ? leave(state) : advance(state)),
    },
    { keys: ["Q"], title: "leave the tour", run: () => leave(state) },
  ];
}

function advance(state: TuiState): Step {
  const { demo } = state;
  const at = (demo?.at ?? -1) + 1;
  const next = demo?.tour.steps[at];
  if (demo === undefined || next === undefined) return step(state);
  const selection = next.selection ?? state.selection;
  const shown = goTo({ ...state, selection }, next.view);
  const running = { ...demo, at, since: state.now, outcome: "waiting", tookMs: undefined } as const;
  return step(
    watchDemo({ ...shown.state, demo: running }),
    ...shown.effects,
    { type: "tour-commands", begin: next.background ?? [], end: next.ends ?? [] },
    ...next.effects,
  );
}

function leave(state: TuiState): Step {
  return step({ ...state, demo: undefined }, { type: "leave-tour" });
}

/** The state after looking whether the fact that the tour waits for has come. */
export function watchDemo(state: TuiState): TuiState {
  if (state.demo === undefined) return state;
  const demo = lookAtFact(state.demo, state.bed, state.now);
  return demo === state.demo ? state : { ...state, demo };
}

/** What the tour is told from outside. */
export function afterDemo(
  state: TuiState,
  action: Action & { readonly type: "demo" | "demo-failed" | "demo-off" },
): Step {
  if (action.type === "demo") return step({ ...state, demo: beginTour(action.tour) });
  if (action.type === "demo-off") return step({ ...state, demo: undefined });
  if (state.demo === undefined) return step(state);
  return step(say({ ...state, demo: { ...state.demo, outcome: "failed" } }, action.reason, "problem"));
}
