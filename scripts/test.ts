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

// Compiled code is kept between the many processes of a test run, as `bin/kestrel` keeps it between commands.
process.env["NODE_COMPILE_CACHE"] ??= join(import.meta.dirname, "../node_modules/.cache/compiled");

const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
/** What failed, told once more at the end, where a reader of a long log looks first. */
const failures: string[] = [];

// What nothing hurries is done with what the rest leaves of the processors.
const checking = runChecks();
const settingUp = await run(["scripts/setup", "--test", ...(values.unit ? ["--no-image"] : [])]);
if (settingUp === 0) {
  await runProjects(["unit"]);
  await checking;
  if (!values.unit) await Promise.all([runProjects(["slow", "flows"]), runProjects(["beside"], aside)]);
  if (values.nightly) await runProjects(["nightly"]);
} else {
  fail("set-up", "no test was run: see its output above");
  await checking;
}

for (const failure of failures) console.log(failure);
const skipped = tally.skipped === 0 ? "" : `, ${tally.skipped} skipped`;
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 ? 0 : 1;

/** Run a command, and show what it prints as it does. */
async function run(command: readonly string[]): Promise<number | null> {
  const { exitCode } = await $({ stdio: "inherit", nothrow: true, quiet: true })`${command}`;
  return exitCode;
}

/** Run a command at the lowest priority, and show what it printed when it has ended: it is not the only one. */
async function aside(command: readonly string[]): Promise<number | null> {
  // The kernel may weigh whole sessions against each other (sched(7), autogroup); each command here has its own.
  const lowest = `echo 19 2>/dev/null >/proc/self/autogroup; exec nice -n 19 "$@"`;
  const { exitCode, stdall } = await $({ nothrow: true, quiet: true })`sh -c ${lowest} sh ${command}`;
  process.stdout.write(stdall);
  return exitCode;
}

async function runChecks(): Promise<void> {
  for (const [name, command] of Object.entries(checks)) {
    const exitCode = await aside(command);
    console.log(`check ${name}: ${exitCode === 0 ? "ok" : "failed"}`);
    if (exitCode === 0) tally.passed += 1;
    else fail(`check ${name}`, "see its output above");
  }
}

/** Run vitest projects together and add to the tally what their report says; a run without a report is one failure. */
async function runProjects(projects: readonly string[], runner = run): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-test-"));
  const file = join(directory, "report.json");
  try {
    const chosen = projects.flatMap((project) => ["--project", project]);
    await runner([
      "vitest",
      "run",
      ...chosen,
      "--reporter",
      "default",
      "--reporter",
      "json",
      `--outputFile.json=${file}`,
    ]);
    const report = JSON.parse(await readFile(file, "utf8")) as VitestReport;
    tally.passed += report.numPassedTests;
    tally.skipped += report.numPendingTests;
    let named = 0;
    for (const { name, status, message, assertionResults } of report.testResults) {
      const file = relative(process.cwd(), name);
      const failed = assertionResults.filter((test) => test.status === "failed");
      for (const test of failed) fail(`${file} > ${test.fullName}`, test.failureMessages.join("\n"));
      // A file that fails to load or a hook that fails has no test to count.
      const wordless = status === "failed" && assertionResults.length === 0;
      if (wordless) fail(file, message);
      named += failed.length + (wordless ? 1 : 0);
    }
    if (!report.success && named === 0) fail(projects.join(", "), "vitest failed without naming a test");
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
