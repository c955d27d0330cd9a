import type { Action } from "./action.ts";
import { afterRunEvent, type FlowView } from "./flow.ts";
import type { TuiState } from "./state.ts";

/** What comes from flows, campaigns and traces. */
export type FlowAction = Action & {
  readonly type: "flow-files" | "run-event" | "run-ended" | "campaign-step" | "campaign-ended" | "traced";
};

const types: ReadonlySet<string> = new Set<FlowAction["type"]>([
  "flow-files",
  "run-event",
  "run-ended",
  "campaign-step",
  "campaign-ended",
  "traced",
]);

/** Whether an action comes from flows, campaigns or traces. */
export function isFlowAction(action: Action): action is FlowAction {
  return types.has(action.type);
}

/** The state after a word of a run, a campaign or a trace. */
export function afterFlowAction(state: TuiState, action: FlowAction): TuiState {
  return { ...state, flow: viewAfter(state.flow, action) };
}

function viewAfter(view: FlowView, action: FlowAction): FlowView {
  const { run, campaign, trace } = view;
  switch (action.type) {
    case "flow-files":
      return { ...view, files: action.files, chosen: Math.min(view.chosen, Math.max(0, action.files.length - 1)) };
    case "run-event":
      return run === undefined ? view : { ...view, run: afterRunEvent(run, action.event) };
    case "run-ended":
      return run === undefined
        ? view
        : { ...view, run: { ...run, step: "", ended: action.outcome, bundle: action.bundle } };
    case "campaign-step": {
      const { kind, text, failed } = action;
      return campaign === undefined
        ? view
        : { ...view, campaign: { ...campaign, steps: [...campaign.steps, { kind, text, failed }] } };
    }
    case "campaign-ended":
      return campaign === undefined ? view : { ...view, campaign: { ...campaign, ended: action.outcome } };
    case "traced":
      return trace === undefined
        ? view
        : { ...view, trace: { ...trace, lines: action.lines, verdict: action.verdict } };
  }
}
