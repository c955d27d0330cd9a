import type { FlowRecord, FlowRound, RunRecord } from "../run/run-record.ts";

/** The run in the JUnit XML format that CI systems read: a suite for each flow file, a case for each flow and round. */
export function junitXml(run: RunRecord): string {
  const files = [...new Set([...run.flows.map(({ file }) => file), ...run.faults.flatMap(({ file = "run" }) => file)])];
  const suites = files.map((file) => suite(run, file));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kestrel" ${counts(suites)}>`,
    ...suites.map(({ xml }) => xml),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly xml: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly seconds: number;
}

function suite(run: RunRecord, file: string): Suite {
  const cases = run.flows
    .filter((flow) => flow.file === file)
    .flatMap((flow) => flow.rounds.map((round) => ({ flow, round })));
  const faults = run.faults.filter((fault) => (fault.file ?? "run") === file);
  const count = (state: FlowRound["state"]): number => cases.filter(({ round }) => round.state === state).length;
  const totals = {
    tests: cases.length + faults.length,
    failures: count("failed"),
    errors: faults.length,
    skipped: count("skipped"),
    seconds: cases.reduce((sum, { round }) => sum + round.durationMs, 0) / 1000,
  };
  const lines = [
    `  <testsuite name="${escaped(file)}" timestamp="${new Date(run.startedAt).toISOString()}" ${counts([totals])}>`,
    `    <properties><property name="seed" value="${escaped(run.seed)}"/></properties>`,
    ...cases.map(({ flow, round }) => testCase(flow, round)),
    ...faults.map(
      (fault) =>
        `    <testcase name="load" classname="${escaped(file)}" time="0"><error message="${escaped(firstLine(fault.message))}">${escaped([fault.message, fault.codeFrame ?? ""].join("\n"))}</error></testcase>`,
    ),
    "  </testsuite>",
  ];
  return { ...totals, xml: lines.join("\n") };
}

function testCase(flow: FlowRecord, round: FlowRound): string {
  const name = flow.rounds.length > 1 ? `${flow.name} (round ${round.round})` : flow.name;
  const head = `    <testcase name="${escaped(name)}" classname="${escaped(flow.file)}" time="${(round.durationMs / 1000).toFixed(3)}"`;
  const inner = [
    ...round.failures.map(
      (failure) =>
        `      <failure message="${escaped(firstLine(failure.message))}">${escaped([failure.message, failure.codeFrame ?? ""].join("\n"))}</failure>`,
    ),
    ...(round.state === "skipped" ? ["      <skipped/>"] : []),
    ...(round.leftBehind.length === 0
      ? []
      : [`      <system-out>${escaped(`left behind: ${round.leftBehind.join("; ")}`)}</system-out>`]),
  ];
  return inner.length === 0 ? `${head}/>` : [`${head}>`, ...inner, "    </testcase>"].join("\n");
}

function counts(suites: readonly Omit<Suite, "xml">[]): string {
  const sum = (key: keyof Omit<Suite, "xml">): number => suites.reduce((total, each) => total + each[key], 0);
  return `tests="${sum("tests")}" failures="${sum("failures")}" errors="${sum("errors")}" skipped="${sum("skipped")}" time="${sum("seconds").toFixed(3)}"`;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** Characters that XML 1.0 does not allow (section 2.2) are left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
