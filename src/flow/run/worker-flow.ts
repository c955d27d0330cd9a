import { type RunnerTestCase, TestRunner } from "vitest";
import type { FlowReference } from "./lease-protocol.ts";

/** The flow that runs now in this worker; undefined between flows. */
export function presentFlow(): FlowReference | undefined {
  const test = TestRunner.getCurrentTest();
  return test === undefined ? undefined : referenceTo(test);
}

/** A test of vitest as a flow; its name has those of the suites that it is in before it, as vitest prints them. */
export function referenceTo(test: RunnerTestCase): FlowReference {
  const names = [test.name];
  for (let suite = test.suite; suite !== undefined && suite.name !== ""; suite = suite.suite) {
    if (!("filepath" in suite)) names.unshift(suite.name);
  }
  return { id: test.id, file: test.file.filepath, name: names.join(" > ") };
}
