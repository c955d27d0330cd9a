export * from "./run-events.ts";
export { runFlows, type RunOptions } from "./run-flows.ts";
export * from "./run-record.ts";
export * from "./verdict.ts";
