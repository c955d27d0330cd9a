import { join } from "node:path";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import pico from "picocolors";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { flowDisplay, lastingLines } from "../../src/cli/verbs/flow-display.ts";
import { differenceText } from "../../src/cli/verbs/flow-replay.ts";
import { parseShard } from "../../src/cli/verbs/flow-run.ts";
import { summaryLines } from "../../src/cli/verbs/flow-summary.ts";
import { cliReference } from "../../src/cli/index.ts";
import { flow, round, run as sampleRun, testbedRecord } from "../flow/run/records.ts";
import { memoryTerminal, run } from "./memory-terminal.ts";

const colors = pico.createColors(false);

describe("the options of flow run", () => {
  test("a shard is one of several", () => {
    expect(parseShard("2/5")).toEqual({ index: 2, count: 5 });
    for (const wrong of ["0/3", "4/3", "1", "1/0", "a/b", "1/3/5"])
      expect(() => parseShard(wrong)).toThrow(/expected i\/n with i from 1 to n/);
  });

  test.each([
    [["--repeat", "0"], "--repeat"],
    [["--shard", "3/2"], "--shard"],
    [["--timeout", "soon"], "--timeout"],
  ])("%j is refused as wrong input, before anything is run", async (words, subject) => {
    const { code, stderr } = await run("flow", "run", ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(subject);
  });

  test("a bundle that is none is wrong input", async () => {
    for (const verb of [
      ["flow", "replay"],
      ["bundle", "show"],
    ]) {
      const { code, stderr } = await run(...verb, "/nonexistent");
      expect(code).toBe(2);
      expect(stderr).toContain("read the bundle: /nonexistent");
    }
  });

  test("a flow without a testbed is run and told; --json before a flow file is for standard output", async () => {
    const root = await mkdtemp("/tmp/ks-cli-flow-");
    const file = join(root, "plain.flow.ts");
    await writeFile(
      file,
      'import { test } from "vitest";\ntest("passes", () => {});\ntest("fails", () => { throw new Error("no"); });\n',
    );
    try {
      const bundle = join(root, "bundle");
      const { code, stdout } = await run(
        "flow",
        "run",
        "--bundle",
        bundle,
        "--seed",
        "1",
        "--repeat",
        "2",
        "--json",
        file,
      );
      expect(code).toBe(1);
      const record = JSON.parse(stdout) as ReturnType<typeof sampleRun>;
      expect(record).toMatchObject({ seed: "1", verdict: "failed", exitCode: 1, testbeds: [], faults: [] });
      expect(record.flows.map(({ name, rounds }) => [name, rounds.map(({ state }) => state)])).toEqual([
        ["passes", ["passed", "passed"]],
        ["fails", ["failed", "failed"]],
      ]);
      expect(JSON.parse(await readFile(join(bundle, "run.json"), "utf8"))).toEqual(record);
      const filtered = await run("flow", "run", "--bundle", join(root, "filtered"), "-t", "^pas", file);
      expect(filtered).toMatchObject({ code: 0, stdout: expect.stringMatching(/^1 passed, /) as string });
      const unknown = await run("flow", "run", "--bundle", join(root, "unknown"), "-t", "nothing", file);
      expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("matches") as string });
      const shown = await run("bundle", "show", bundle);
      expect(shown.stdout).toMatch(/✖ failed .*› fails/);
    } finally {
      await rm(root, { recursive: true });
    }
  }, 60_000);
});

test("a host on which the testbed of a flow cannot be launched ends with 3, and the reason", async () => {
  const root = await mkdtemp("/tmp/ks-cli-flow-");
  const file = join(root, "big.flow.ts");
  const source = join(import.meta.dirname, "../../src/index.ts");
  await writeFile(
    file,
    [
      'import { test } from "vitest";',
      `import { planTopology, testbed } from "${source}";`,
      'const plan = planTopology({ name: "big", nodes: { h1: { memory: "64GiB" }, h2: { memory: "64GiB" } } });',
      'test("needs memory", async () => { await using bed = await testbed(plan); });',
    ].join("\n"),
  );
  try {
    const { code, stderr } = await run("flow", "run", "--bundle", join(root, "bundle"), file);
    expect(code, stderr).toBe(3);
    expect(stderr).toMatch(/needs memory[^]*memory/);
  } finally {
    await rm(root, { recursive: true });
  }
}, 60_000);

describe("what a run prints", () => {
  test("a line for each flow, with what it left behind", () => {
    const left = round("passed", { leftBehind: ['h1: process "sleep" was left behind'] });
    const name = { file: "flows/a.flow.ts", name: "a" };
    expect(lastingLines({ type: "flow-ends", flow: name, round: left }, colors)).toEqual([
      "✔ flows/a.flow.ts › a 250 ms",
      '    left behind: h1: process "sleep" was left behind',
    ]);
  });

  test("at a terminal, what runs now with its last step, below the lines of what has ended", () => {
    const { terminal, stderr } = memoryTerminal({ columns: 60, environment: { NO_COLOR: "1" } });
    const display = flowDisplay(terminal);
    const name = { file: "flows/a.flow.ts", name: "a flow with a name that is longer than the terminal is wide" };
    display.show({ type: "flow-ends", flow: { ...name, name: "first" }, round: round("passed") });
    display.show({ type: "flow-begins", flow: name });
    const step = { at: 0, kind: "send", text: "send from h1:net0", outcome: "done" } as const;
    display.show({ type: "step", flow: name, step });
    const [, lastDrawn = ""] = /[^]*\u001b\[J([^]*)$/.exec(stderr()) ?? [];
    expect(lastDrawn.split("\n")).toEqual([
      expect.stringMatching(/^▶ flows\/a\.flow\.ts › a flow with a name .*…$/),
      "  send from h1:net0",
      "1 passed",
      "",
    ]);
    for (const line of lastDrawn.split("\n")) expect(line.length).toBeLessThan(60);
    display[Symbol.dispose]();
    expect(stderr()).toContain("✔ flows/a.flow.ts › first 250 ms\n");
    expect(stderr()).toMatch(/\u001b\[\?25h$/);
  });

  test("at the end the counts, the report, and how to run it again", () => {
    const { terminal } = memoryTerminal();
    const failed = sampleRun({
      exitCode: 1,
      verdict: "failed",
      flows: [flow("a", [round("failed")]), flow("b", [round("passed")])],
    });
    expect(summaryLines(failed, terminal)).toEqual([
      "1 failed, 1 passed, 1.2 s, seed 5eed",
      "report: /project/.kestrel/runs/x/report.html",
      "again:  kestrel flow replay /project/.kestrel/runs/x",
    ]);
  });

  test("how often each flow failed when there were several rounds, the worst first", () => {
    const { terminal } = memoryTerminal();
    const rounds = (...states: ("passed" | "failed")[]) => states.map((state) => round(state));
    const flaky = sampleRun({
      flows: [flow("good", rounds("passed", "passed", "passed")), flow("bad", rounds("passed", "failed", "passed"))],
    });
    const [head = ""] = summaryLines(flaky, terminal);
    expect(head.split("\n").map((line) => line.trimEnd())).toEqual([
      "FAILED       FLOW",
      "33.3 %  1/3  flows/a.flow.ts › bad",
      "0 %     0/3  flows/a.flow.ts › good",
    ]);
  });

  test("how to look at testbeds that were kept, and how to end them", () => {
    const { terminal } = memoryTerminal();
    const kept = sampleRun({ testbeds: [testbedRecord({ kept: true }), testbedRecord({ name: "gone" })] });
    expect(summaryLines(kept, terminal).filter((line) => line.startsWith("kept:"))).toEqual([
      "kept:   kestrel status --testbed routed-1; end it: kestrel down --testbed routed-1",
    ]);
  });

  test("a replay names what was not the same, or that everything was", () => {
    expect(differenceText([], [], { colors })).toBe(
      "✔ every input was the same\n✔ every flow came to the same, with the same faults",
    );
    const text = differenceText([{ what: "QEMU", before: "7.2", now: "10.0" }], [], { colors });
    expect(text).toMatch(/inputs that were not the same:\nINPUT +THEN +NOW\nQEMU +7\.2 +10\.0/);
  });
});

test("the nightly workflow and the page about runs use options that there are, and every shard of as many as there are", async () => {
  const reference = cliReference();
  const options = new Set([...reference.matchAll(/`(?:-\w, )?(--[a-z-]+)/g)].map(([, option]) => option));
  const workflow = await readFile(".github/workflows/nightly.yml", "utf8");
  const page = await readFile("docs/running-flows.md", "utf8");
  const lines = `${workflow}\n${page}`.split("\n").filter((line) => /kestrel (flow|bundle) [a-z]+/.test(line));
  expect(lines.length).toBeGreaterThan(8);
  for (const line of lines) {
    for (const [, option] of line
      .replace(/^.*?kestrel (flow|bundle)/, "")
      .split(/ [>#|]/)[0]
      ?.matchAll(/ (--[a-z-]+)/g) ?? [])
      expect(options, line).toContain(option);
  }
  const { jobs } = parse(workflow) as { jobs: { flows: { strategy: { matrix: { shard: number[] } } } } };
  const { shard } = jobs.flows.strategy.matrix;
  expect(shard).toEqual(shard.map((_, index) => index + 1));
  expect(workflow).toContain(`--shard "\${{ matrix.shard }}/${shard.length}"`);
});
