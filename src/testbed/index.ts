export { launchTestbed, type LaunchOptions } from "./launch-testbed.ts";
export { NodeHandle } from "./node-handle.ts";
export * from "./protocol.ts";
export { findQemu, templateDirectory, verdictDirectory } from "./resources.ts";
export { checkTestbedName, endedRoot, listRuns, removeOldEnded, runFiles, type RunListing } from "./run-directory.ts";
export { sweepDeadRuns, type SweptRun } from "./sweep.ts";
export { type EventQuery, Testbed } from "./testbed.ts";
