export { inputDifferences, outcomeDifferences, type RunDifference } from "./compare-runs.ts";
export { failingPlace } from "./failing-hop.ts";
export * from "./layout.ts";
export { type Bundle, type Evidence, readBundle, readEvidence } from "./read-bundle.ts";
export { RecordedPlans } from "./recorded-plans.ts";
