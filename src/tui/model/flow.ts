import type { FlowRound, RunEvent } from "./public-api.ts";

/** A flow that has begun in this run. */
export interface FlowProgress {
  readonly file: string;
  readonly name: string;
  /** Undefined while it runs. */
  readonly round: FlowRound | undefined;
}

/** A run of flows. */
export interface FlowRunView {
  readonly seed: string | undefined;
  readonly flows: readonly FlowProgress[];
  readonly step: string;
  /** Faults outside of flows. */
  readonly faults: readonly string[];
  /** Directory of the bundle; undefined until the run has ended. */
  readonly bundle: string | undefined;
  /** Undefined while it runs. */
  readonly ended: string | undefined;
}

/** A campaign of faults on the testbed that is attached to. */
export interface CampaignView {
  readonly seed: string;
  readonly steps: readonly { readonly kind: string; readonly text: string; readonly failed: boolean }[];
  /** Undefined while it runs. */
  readonly ended: string | undefined;
}

/** A packet that was followed. */
export interface TraceView {
  readonly from: string;
  readonly to: string;
  readonly lines: readonly string[];
  readonly verdict: "arrived" | "lost" | "failed" | undefined;
}

/** The flow view. */
export interface FlowView {
  /** Flow files of the project; undefined before they were looked for. */
  readonly files: readonly string[] | undefined;
  readonly chosen: number;
  /** Files that are marked to be run. */
  readonly marked: readonly string[];
  readonly run: FlowRunView | undefined;
  readonly campaign: CampaignView | undefined;
  readonly trace: TraceView | undefined;
  /** What the lower half shows. */
  readonly shown: "run" | "campaign" | "trace";
  /** Lines back from the end. */
  readonly scroll: number;
}

/** Nothing looked at yet. */
export const flowViewBegins: FlowView = {
  files: undefined,
  chosen: 0,
  marked: [],
  run: undefined,
  campaign: undefined,
  trace: undefined,
  shown: "run",
  scroll: 0,
};

/** A run that has just been asked for. */
export const runBegins: FlowRunView = {
  seed: undefined,
  flows: [],
  step: "looks for flows",
  faults: [],
  bundle: undefined,
  ended: undefined,
};

/** The run after one more event. */
export function afterRunEvent(run: FlowRunView, event: RunEvent): FlowRunView {
  switch (event.type) {
    case "begins":
      return { ...run, seed: event.seed, step: `${event.files} flow files` };
    case "flow-begins":
      return { ...run, step: "", flows: [...run.flows, { ...event.flow, round: undefined }] };
    case "flow-ends": {
      const { file, name } = event.flow;
      const at = run.flows.findLastIndex(
        (flow) => flow.file === file && flow.name === name && flow.round === undefined,
      );
      const ended = { file, name, round: event.round };
      return { ...run, step: "", flows: at < 0 ? [...run.flows, ended] : run.flows.with(at, ended) };
    }
    case "step":
      return { ...run, step: event.step.text };
    case "testbed-launched":
      return { ...run, step: `testbed ${event.testbed} is up` };
    case "testbed":
      return event.event.type === "phase" ? { ...run, step: `testbed ${event.testbed}: ${event.event.message}` } : run;
    case "fault":
      return { ...run, faults: [...run.faults, event.fault.message] };
    case "output":
    case "round":
    case "testbed-kept":
      return run;
  }
}
