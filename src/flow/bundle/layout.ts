import type { TestbedStatus } from "../../testbed/index.ts";
import type { DirectionName, Fate, WireStatus } from "../../wire/index.ts";
import type { FlowStep } from "../timeline.ts";
import type { FlowName } from "../run/run-events.ts";

/** Names of what a bundle holds; one place, so that a newcomer finds everything. */
export const bundleFiles = {
  record: "run.json",
  report: "report.html",
  junit: "junit.xml",
  timeline: "timeline.ndjson",
  plans: "plans",
  /** The flow files as they were. */
  flows: "flows",
  /** What is left of each testbed: events, logs, consoles. */
  testbeds: "testbeds",
  /** A directory for each testbed of each failure. */
  failures: "failures",
} as const;

/** Names of what the directory of a failure holds. */
export const evidenceFiles = {
  scene: "scene.json",
  frames: "frames.ndjson",
  capture: "wires.pcapng",
  consoles: "consoles",
  guests: "guests",
} as const;

/** One line of the timeline: what a flow did, what happened to a testbed, when a flow began and ended. */
export interface TimelineEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly round: number;
  readonly kind: FlowStep["kind"] | "begin" | "end" | "testbed";
  readonly flow?: FlowName | undefined;
  readonly testbed?: string | undefined;
  readonly text: string;
  readonly outcome: "done" | "failed";
  readonly cursor?: number | undefined;
  readonly detail?: unknown;
}

/** How a testbed stood when a flow failed. */
export interface FailureScene {
  readonly testbed: string;
  readonly topology: string;
  readonly flow: FlowName;
  readonly round: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What it says about itself; null when it does not answer any more. */
  readonly status: TestbedStatus | null;
  readonly wires: readonly WireStatus[];
  /** What could not be collected, and why. */
  readonly missing: readonly string[];
  /** Frames in the recordings before those kept here. */
  readonly framesBefore: number;
}

/** A frame of a wire's recording as a bundle keeps it. */
export interface KeptFrame {
  readonly sequence: number;
  readonly wire: string;
  readonly direction: DirectionName;
  /** Nanoseconds since the epoch, decimal. */
  readonly time: string;
  readonly from: string;
  readonly to: string;
  readonly fate: Fate;
  readonly marks: readonly string[];
  readonly comment?: string | undefined;
  /** Ethernet frame without FCS, hexadecimal. */
  readonly frame: string;
}
