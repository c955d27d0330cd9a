import { describe, expect, test } from "vitest";
import type { FlowRecord, FlowRound, RunFault } from "../../../src/flow/run/run-record.ts";
import { exitCodeOf, flakeRate, stateOf, tally, verdictOf } from "../../../src/flow/run/verdict.ts";
import { flow, round } from "./records.ts";

const fault = (kind: RunFault["kind"]): RunFault => ({ kind, message: "x" });
const failing = (kind?: NonNullable<FlowRound["failures"][number]["kind"]>): FlowRecord =>
  flow("a", [round("failed", { failures: [{ message: "x", kind }] })]);

describe("the exit code of a run", () => {
  test.each<[string, FlowRecord[], RunFault[], number]>([
    ["all passed", [flow("a", [round("passed")])], [], 0],
    ["nothing to run", [], [], 0],
    ["all skipped", [flow("a", [round("skipped")])], [], 0],
    ["an expectation failed", [failing()], [], 1],
    ["a flow named a node that is not there", [failing("input")], [], 1],
    ["a file has a syntax error", [], [fault("input")], 2],
    ["the host cannot launch testbeds", [failing("host")], [], 3],
    ["a testbed died", [failing("internal")], [], 4],
    ["several things, of which the gravest counts", [failing(), failing("host")], [fault("input")], 3],
    ["it passed in one round and failed in another", [flow("a", [round("passed"), round("failed")])], [], 1],
  ])("%s", (_, flows, faults, code) => {
    expect(exitCodeOf(flows, faults)).toBe(code);
  });
});

test("a run without flows has neither passed nor failed", () => {
  expect(verdictOf([], 0)).toBe("none");
  expect(verdictOf([flow("a", [round("skipped")])], 0)).toBe("none");
  expect(verdictOf([flow("a", [round("passed")])], 0)).toBe("passed");
  expect(verdictOf([], 2)).toBe("failed");
});

test("the flake rate leaves out the rounds in which a flow was skipped", () => {
  const flaky = flow("a", [round("passed"), round("failed"), round("skipped"), round("passed")]);
  expect(flakeRate(flaky)).toEqual({ runs: 3, failed: 1 });
  expect(stateOf(flaky)).toBe("failed");
  expect(tally([flaky, flow("b", [round("passed")])])).toEqual({ passed: 1, failed: 1, skipped: 0 });
});
