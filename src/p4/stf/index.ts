/** Tests of P4 programs in the simple test framework's format (STF), run on the behavioral switch in memory. */
export { describeFailure, failureJson } from "./describe.ts";
export type { Failure } from "./failure.ts";
export { runStf, type StfResult } from "./run.ts";
