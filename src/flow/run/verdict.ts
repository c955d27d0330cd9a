import type { FlowRecord, FlowRound, RunFault, Verdict } from "./run-record.ts";

const graveness = { flow: 1, input: 2, host: 3, internal: 4 } as const;

/**
 * The exit code of a run: that of the gravest thing that happened. What a flow does wrong is a failed flow, whatever kind of
 * error says so; a host that cannot run testbeds and a testbed that died are not the flow's doing.
 */
export function exitCodeOf(flows: readonly FlowRecord[], faults: readonly RunFault[]): number {
  const ofFlows = flows.flatMap(({ rounds }) =>
    rounds.flatMap(({ state, failures }) => {
      if (state !== "failed") return [0];
      return [1, ...failures.map(({ kind }) => (kind === "host" || kind === "internal" ? graveness[kind] : 1))];
    }),
  );
  return Math.max(0, ...ofFlows, ...faults.map(({ kind }) => graveness[kind]));
}

/** The verdict in a word. */
export function verdictOf(flows: readonly FlowRecord[], exitCode: number): Verdict {
  if (exitCode !== 0) return "failed";
  return flows.some(({ rounds }) => rounds.some(({ state }) => state === "passed")) ? "passed" : "none";
}

/** How often a flow was run to an end, and how often it failed. */
export interface FlakeRate {
  readonly runs: number;
  readonly failed: number;
}

/** How reliable a flow was over the rounds in which it was not skipped. */
export function flakeRate({ rounds }: FlowRecord): FlakeRate {
  const ran = rounds.filter(({ state }) => state !== "skipped");
  return { runs: ran.length, failed: ran.filter(({ state }) => state === "failed").length };
}

/** What a flow came to over all rounds: failed when it failed once. */
export function stateOf({ rounds }: FlowRecord): FlowRound["state"] {
  if (rounds.some(({ state }) => state === "failed")) return "failed";
  return rounds.some(({ state }) => state === "passed") ? "passed" : "skipped";
}

/** Numbers of flows by what they came to. */
export function tally(flows: readonly FlowRecord[]): Readonly<Record<FlowRound["state"], number>> {
  const states = flows.map(stateOf);
  const count = (state: FlowRound["state"]): number => states.filter((each) => each === state).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}
