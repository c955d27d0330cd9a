import "./matchers.ts";

export {
  type CampaignKind,
  type CampaignOptions,
  clockStep,
  cut,
  type Daemon,
  daemonFrozen,
  daemonKilled,
  daemonStopped,
  down,
  drawCampaign,
  during,
  type Fault,
  type FaultRun,
  type FaultSchedule,
  flapping,
  impaired,
  type Impairment,
  inTurn,
  killed,
  paused,
  powerCycled,
  repeated,
  together,
} from "./fault/index.ts";
export { runSeed, seedFor } from "./seed.ts";
export { type TraverseOptions } from "./matchers.ts";
export { type BackgroundKind, everydayBackground } from "./background.ts";
export { FrameMask, masked } from "./frame-mask.ts";
export { type FrameMatch } from "./frame-match.ts";
export { type CarryOptions } from "./watch-carry.ts";
export { FlowNode, type TraceOptions } from "./flow-node.ts";
export { FlowPort } from "./flow-port.ts";
export { FlowTestbed } from "./flow-testbed.ts";
export { FlowWire } from "./flow-wire.ts";
export { testbed, type TestbedOptions } from "./open-testbed.ts";
export { type FieldPattern, type FramePattern, type LayerPattern, type PacketPattern } from "./pattern.ts";
export { type Sighting } from "./sighting.ts";
export { type Hop, type TunnelChange } from "./path/hop.ts";
export { type FollowOptions } from "./path/follow-packet.ts";
export { type HopPattern, type HopPredicate } from "./path/traverse.ts";
export { PacketTrace, Trace } from "./trace.ts";
export { allOf, anyOf, noneOf, type Watched, type WatchedGroup } from "./watched.ts";
export { type Check } from "./wait/check.ts";
export { eventually, never, stably, type WaitOptions } from "./wait/eventually.ts";
export { type InvariantOptions } from "./wait/invariants.ts";
export { FlowStream, type StreamOptions } from "./stream/flow-stream.ts";
export { NodeStream, type NodeStreamOptions } from "./stream/node-stream.ts";
export { type LossLimit } from "./stream/stream-text.ts";
export { type LatencyFigures, type Outage, type StreamReport } from "./stream/tally.ts";
export { FlowTap, type TapOptions } from "./tap/flow-tap.ts";
export { type TapFigures } from "./tap/last-words.ts";
