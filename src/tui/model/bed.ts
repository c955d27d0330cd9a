import type {
  InstanceView,
  NodeState,
  NodeStatus,
  Plan,
  TestbedEvent,
  TestbedState,
  TestbedStatus,
} from "./public-api.ts";
import type { WireView } from "./wire.ts";

/** What is known of a node. */
export interface NodeView {
  readonly name: string;
  readonly state: NodeState | "unknown";
  /** What it does in that state, or why it failed. */
  readonly message: string | undefined;
  /** Elapsed milliseconds of the testbed when it entered the state; undefined where it was not seen to. */
  readonly since: number | undefined;
  /** What the testbed said about it last. */
  readonly status: NodeStatus | undefined;
}

/** A step of a launch that is under way. */
export interface StepView {
  readonly message: string;
  /** 0 to 1, where it is known. */
  readonly fraction: number | undefined;
}

/** What is known of a testbed. Everything in it came from its plan, its events, its status and its counters. */
export interface BedView {
  readonly name: string;
  readonly plan: Plan;
  readonly state: TestbedState | "unknown";
  /** Why a part of it has failed. */
  readonly failure: string | undefined;
  readonly accelerator: string | undefined;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly wires: ReadonlyMap<string, WireView>;
  /** What the control plane runs; undefined where it was not heard of. */
  readonly instances: readonly InstanceView[] | undefined;
  readonly phase: string;
  readonly phaseMessage: string;
  /** Steps of the present phase. */
  readonly steps: ReadonlyMap<string, StepView>;
  /** Elapsed milliseconds of the testbed at its last event. */
  readonly elapsedMs: number;
  /** Sequence number of the last event. */
  readonly lastSequence: number;
  /** Wall clock of the last word from it, milliseconds since the epoch; undefined before the first. */
  readonly heardAt: number | undefined;
  /** Why it is not followed any more; undefined while it is. */
  readonly lost: string | undefined;
}

/** A testbed of which only the plan is known. */
export function newBed(name: string, plan: Plan, wires: BedView["wires"]): BedView {
  return {
    name,
    plan,
    state: "unknown",
    failure: undefined,
    accelerator: undefined,
    nodes: new Map(
      plan.nodes.map((node) => [
        node.name,
        { name: node.name, state: "unknown", message: undefined, since: undefined, status: undefined },
      ]),
    ),
    wires,
    instances: undefined,
    phase: "",
    phaseMessage: "",
    steps: new Map(),
    elapsedMs: 0,
    lastSequence: 0,
    heardAt: undefined,
    lost: undefined,
  };
}

/** The testbed after more events, in their order. Many at once cost little more than one. */
export function afterEvents(bed: BedView, events: readonly TestbedEvent[], now: number): BedView {
  const last = events.at(-1);
  if (last === undefined) return bed;
  const next = {
    ...bed,
    nodes: new Map(bed.nodes),
    steps: new Map(bed.steps),
    elapsedMs: last.elapsedMs,
    lastSequence: last.sequence,
    heardAt: now,
  };
  for (const event of events) apply(next, event);
  return next;
}

interface BedBeingChanged {
  state: BedView["state"];
  failure: string | undefined;
  phase: string;
  phaseMessage: string;
  readonly nodes: Map<string, NodeView>;
  readonly steps: Map<string, StepView>;
}

function apply(bed: BedBeingChanged, event: TestbedEvent): void {
  switch (event.type) {
    case "phase":
      bed.phase = event.phase;
      bed.phaseMessage = event.message;
      bed.steps.clear();
      break;
    case "progress":
      bed.steps.set(event.step, { message: event.message, fraction: event.fraction });
      break;
    case "node":
      // Its template is there when the node starts.
      bed.steps.delete(`template for ${event.node}`);
      enter(bed, event.node, event.state, event.message, event.elapsedMs);
      break;
    case "node-failed":
      enter(bed, event.node, "failed", event.error.message, event.elapsedMs);
      break;
    case "state":
      bed.state = event.state;
      bed.failure = event.error?.message;
      break;
    case "wire":
    case "panel":
    case "notice":
  }
}

function enter(bed: BedBeingChanged, name: string, state: NodeState, message: string | undefined, since: number): void {
  const status = bed.nodes.get(name)?.status;
  bed.nodes.set(name, { name, state, message, since, status });
}

/** The testbed after its own account of itself. */
export function afterStatus(bed: BedView, status: TestbedStatus, now: number): BedView {
  const nodes = new Map(bed.nodes);
  for (const node of status.nodes) {
    const before = nodes.get(node.name);
    const isNews = before?.state !== node.state;
    nodes.set(node.name, {
      name: node.name,
      state: node.state,
      message: node.failure?.message ?? (isNews ? undefined : before.message),
      since: isNews ? undefined : before.since,
      status: node,
    });
  }
  return {
    ...bed,
    state: status.state,
    failure: status.failure?.message,
    accelerator: status.accelerator ?? undefined,
    nodes,
    heardAt: now,
  };
}

/** Whether every node of it has arrived. */
export function isUp({ state }: BedView): boolean {
  return state === "ready" || state === "degraded";
}

/** Whether there are sleds, and with them a control plane. */
export function hasSleds({ nodes }: Plan): boolean {
  return nodes.some(({ kind }) => kind === "sled");
}
