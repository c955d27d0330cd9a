/** What the model knows of the rest of Kestrel: the types of the public API, none of its code. */
export type {
  NodeState,
  NodeStatus,
  NodeVerb,
  TestbedEvent,
  TestbedState,
  TestbedStatus,
} from "../../testbed/protocol.ts";
export type { DirectionSettings } from "../../topology/direction-settings.ts";
export type { LegPlan, NodePlan, Plan, WirePlan } from "../../topology/plan.ts";
export type {
  DirectionCounters,
  DirectionName,
  Statistics,
  WireEnd,
  WireRecord,
  WireStatus,
} from "../../wire/protocol.ts";
export type { InstanceView } from "../../rack/control/instances.ts";
export type { ServiceStatus } from "../../guest/agent-protocol.ts";
export type { RunEvent } from "../../flow/run/run-events.ts";
export type { FlowFailure, FlowRound, RunRecord } from "../../flow/run/run-record.ts";
