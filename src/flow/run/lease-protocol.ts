import type { FlowStep } from "../timeline.ts";
import type { TestbedRequest } from "./testbed-pool.ts";

/** The words that the process of a run and the workers which run its flow files exchange, all JSON-serialisable. */

/** Environment variable with the directory of the runner's socket; absent outside of `kestrel flow run`. */
export const runVariable = "KESTREL_RUN";
/** Name of the socket in that directory. */
export const runSocket = "s";

/** A flow as its worker knows it. */
export interface FlowReference {
  /** What vitest calls its test. */
  readonly id: string;
  /** Absolute path of its file. */
  readonly file: string;
  readonly name: string;
}

/** Parameters of `lease`. */
export interface LeaseCall {
  readonly request: TestbedRequest;
  /** Undefined for what a file needs as a whole. */
  readonly flow: FlowReference | undefined;
  /** Absolute path of the flow file. */
  readonly file: string;
}

/** Result of `lease`. */
export interface LeaseAnswer {
  readonly lease: number;
  readonly testbed: string;
}

/** Parameters of `giveBack`. */
export interface GiveBackCall {
  readonly lease: number;
}

/** Parameters of `flowEnds`. */
export interface FlowEndsCall {
  readonly flow: FlowReference;
  readonly failed: boolean;
  /** What it was doing when it ended, for one whose time was up. */
  readonly underWay: readonly string[];
}

/** Messages of the `steps` channel; one without a step says that the flow begins. */
export interface StepMessage {
  readonly flow: FlowReference | undefined;
  readonly step?: FlowStep;
}
