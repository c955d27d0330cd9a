import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const { values } = parseArgs({
  options: { unit: { type: "boolean", default: false }, nightly: { type: "boolean", default: false } },
});

const checks = {
  types: ["node", "node_modules/typescript-7/bin/tsc", "--noEmit"],
  lint: ["eslint", ".", "--max-warnings", "0"],
  format: ["prettier", "--check", "--log-level", "warn", "."],
};

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told once more at the end, where a reader of a long log looks first. */
const failures: string[] = [];
const run = $({ stdio: "inherit", nothrow: true, quiet: true });

// Set-up and checks are one processor's work each, and done side by side.
const settingUp = setUp(values.unit ? ["--no-image"] : []);
for (const [name, command] of Object.entries(checks)) {
  const { exitCode } = await run`${command}`;
  console.log(`check ${name}: ${exitCode === 0 ? "ok" : "failed"}`);
  if (exitCode === 0) tally.passed += 1;
  else fail(`check ${name}`, "see its output above");
}
const { exitCode, output } = await settingUp;
process.stdout.write(output);
if (exitCode === 0) {
  await runProjects("unit");
  if (!values.unit) await runProjects("slow", "flows");
  if (values.nightly) await runProjects("nightly");
} else {
  fail("set-up", "no test was run: see its output above");
}

for (const failure of failures) console.log(failure);
const skipped = tally.skipped === 0 ? "" : `, ${tally.skipped} skipped`;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 ? 0 : 1;

/** Install and build what the tests need and is not there; what that prints is kept, so that nothing else runs into it. */
async function setUp(
  options: readonly string[],
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const { exitCode: code, stdall } = await $({ nothrow: true, quiet: true })`scripts/setup --test ${options}`;
  return { exitCode: code, output: stdall };
}

/** Run vitest projects together and add to the tally what their report says; a run without a report is one failure. */
async function runProjects(...projects: readonly string[]): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-test-"));
  const file = join(directory, "report.json");
  try {
    const chosen = projects.flatMap((project) => ["--project", project]);
    await run`vitest run ${chosen} --reporter default --reporter json --outputFile.json ${file}`;
    const report = JSON.parse(await readFile(file, "utf8")) as VitestReport;
    tally.passed += report.numPassedTests;
    tally.skipped += report.numPendingTests;
    const before = tally.failed;
    for (const { name, status, message, assertionResults } of report.testResults) {
      const file = relative(process.cwd(), name);
      for (const test of assertionResults) {
        if (test.status === "failed") fail(`${file} > ${test.fullName}`, test.failureMessages.join("\n"));
      }
      // A file that fails to load or a hook that fails has no test to count.
      if (status === "failed" && assertionResults.length === 0) fail(file, message);
    }
    if (!report.success && tally.failed === before) fail(projects.join(", "), "vitest failed without naming a test");
  } catch (error) {
    fail(projects.join(", "), `no report: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Count one failure and keep its first lines for the end of the log. */
function fail(what: string, why: string): void {
  tally.failed += 1;
  failures.push(`FAILED ${what}\n${why.split("\n").slice(0, 12).join("\n").replace(/^/gm, "  ")}`);
}
