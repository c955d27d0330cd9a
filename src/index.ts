// Who uses the declarations need not name Node.js's own in a tsconfig.
/// <reference types="node" preserve="true" />

/**
 * The public surface of Kestrel as a library: declare a topology, launch it, drive it, and say in tests what its wires carry.
 */
export * from "./flow/index.ts";
export * from "./packet/index.ts";
export { KestrelError } from "./error/kestrel-error.ts";
export { collectStatus as rackStatus, type RackStatus } from "./rack/index.ts";
export { type Completed, type ExecOptions, type Guest, type HttpAnswer, type HttpPlace } from "./guest/index.ts";
export {
  launchTestbed,
  type LaunchOptions,
  type NodeStatus,
  Testbed,
  type TestbedEvent,
  type TestbedStatus,
} from "./testbed/index.ts";
export {
  parseTopology,
  type Plan,
  planTopology,
  readTopology,
  topology,
  type TopologyDeclaration,
} from "./topology/index.ts";
export { type WireRecord, type WireStatus } from "./wire/index.ts";
