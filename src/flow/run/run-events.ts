import type { TestbedEvent } from "../../testbed/index.ts";
import type { FlowStep } from "../timeline.ts";
import type { FlowRound, RunFault } from "./run-record.ts";

/** Which flow something is about. */
export interface FlowName {
  readonly file: string;
  readonly name: string;
}

/** What happens in a run, while it happens. */
export type RunEvent =
  | { readonly type: "begins"; readonly seed: string; readonly files: number; readonly rounds: number | undefined }
  | { readonly type: "round"; readonly round: number }
  | { readonly type: "flow-begins"; readonly flow: FlowName }
  | { readonly type: "flow-ends"; readonly flow: FlowName; readonly round: FlowRound }
  | { readonly type: "testbed"; readonly testbed: string; readonly event: TestbedEvent }
  | { readonly type: "testbed-launched"; readonly testbed: string; readonly tookMs: number }
  | { readonly type: "testbed-kept"; readonly testbed: string; readonly frozen: boolean }
  | { readonly type: "step"; readonly flow: FlowName | undefined; readonly step: FlowStep }
  /** Something that a flow file prints. */
  | { readonly type: "output"; readonly text: string }
  | { readonly type: "fault"; readonly fault: RunFault };
