import type { NodeState, TestbedEvent } from "../../testbed/protocol.ts";

/** What is known of a node that comes up. */
export interface NodeProgress {
  readonly state: NodeState;
  readonly message: string | undefined;
  /** Elapsed milliseconds of the testbed when it entered this state. */
  readonly since: number;
}

/** A long step that is under way. */
export interface StepProgress {
  readonly message: string;
  readonly fraction: number | undefined;
}

/** What a launch has come to, from its events. */
export interface LaunchProgress {
  readonly phase: string;
  readonly message: string;
  readonly elapsedMs: number;
  readonly nodes: ReadonlyMap<string, NodeProgress>;
  /** Steps of the present phase. */
  readonly steps: ReadonlyMap<string, StepProgress>;
}

/** A launch of which nothing is known yet. */
export const launchBegins: LaunchProgress = {
  phase: "start",
  message: "start the supervisor",
  elapsedMs: 0,
  nodes: new Map(),
  steps: new Map(),
};

/** The progress after one more event. */
export function advance(progress: LaunchProgress, event: TestbedEvent): LaunchProgress {
  const next = { ...progress, elapsedMs: event.elapsedMs };
  switch (event.type) {
    case "phase":
      return { ...next, phase: event.phase, message: event.message, steps: new Map() };
    case "progress":
      return {
        ...next,
        steps: new Map(progress.steps).set(event.step, { message: event.message, fraction: event.fraction }),
      };
    case "node":
      return {
        ...next,
        // What was prepared for a node is done when that node starts.
        steps: new Map([...progress.steps].filter(([step]) => !step.endsWith(` for ${event.node}`))),
        nodes: new Map(progress.nodes).set(event.node, {
          state: event.state,
          message: event.message,
          since: event.elapsedMs,
        }),
      };
    case "node-failed":
      return {
        ...next,
        nodes: new Map(progress.nodes).set(event.node, {
          state: "failed",
          message: event.error.message,
          since: event.elapsedMs,
        }),
      };
    case "wire":
    case "panel":
    case "state":
    case "notice":
      return next;
  }
}
