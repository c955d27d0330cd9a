import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBundle, readEvidence } from "../../../src/flow/bundle/index.ts";
import type { FlowRecord, RunRecord } from "../../../src/flow/run/index.ts";
import { readPcapng } from "../../../src/packet/index.ts";
import type { ReplayReport } from "../../../src/cli/verbs/flow-replay.ts";
import type { TestbedStatus } from "../../../src/testbed/index.ts";
import { commandLine, type CommandLine, type EndedCommand } from "../../testbed/command-line.ts";

const fixtures = "test/flow/run/fixtures";

let kestrel: CommandLine;
let scratch = "";

beforeAll(async () => {
  kestrel = await commandLine();
  scratch = await mkdtemp("/tmp/ks-run-");
});
afterAll(async () => {
  await kestrel[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

let runs = 0;

/** `kestrel flow …` with a bundle of its own. */
async function flow(...words: readonly string[]): Promise<EndedCommand & { readonly bundle: string }> {
  const bundle = join(scratch, `bundle-${(runs += 1)}`);
  return { ...(await kestrel.run(["flow", ...words, "--bundle", bundle])), bundle };
}

function named(run: RunRecord, name: string): FlowRecord {
  const found = run.flows.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no flow ${name} in ${run.flows.map((each) => each.name).join(", ")}`);
  return found;
}

describe("a run of flows that must fail", () => {
  let ended: Awaited<ReturnType<typeof flow>>;
  let run: RunRecord;

  beforeAll(async () => {
    ended = await flow("run", fixtures, "--seed", "5eed");
    ({ run } = await readBundle(ended.bundle));
  });

  test("ends with the code of the gravest failure, and says how to run it again", () => {
    expect(ended.exitCode, ended.stderr).toBe(4);
    expect(ended.stdout).toMatch(/4 failed, 3 passed, .* seed 5eed\n/);
    expect(ended.stdout).toContain(`flow replay ${ended.bundle}`);
  });

  test("uses one testbed for all files with the same topology, as long as it is good", () => {
    // The second replaces the one that was left changed, the third the one that died.
    expect(run.testbeds).toHaveLength(3);
    expect(new Set(run.testbeds.map(({ topology }) => topology))).toEqual(new Set(["routed"]));
  });

  test("names the wire, the field and the fault of a packet that was lost", async () => {
    const { rounds } = named(run, "a packet crosses the router although the second wire is cut");
    const [failure] = rounds[0]?.failures ?? [];
    expect(failure?.message).toMatch(/^wire r1:net1--h2:net0 did not carry the frame expected/);
    expect(failure?.message).toMatch(/✗ fate +expected delivered, found cut/);
    expect(failure?.location).toMatchObject({ file: `${fixtures}/wrong-hop.flow.ts`, line: 21 });
    expect(rounds[0]?.leftBehind).toContain("wire r1:net1--h2:net0: it was left with cut from r1:net1 to h2:net0");
    const report = await readFile(join(ended.bundle, "report.html"), "utf8");
    expect(report).toMatch(/class="edge failing broken" data-name="r1:net1--h2:net0"/);
    expect(report).toMatch(/<li>cut wire r1:net1--h2:net0<span class="quiet"> \(when the flow failed\)/);
  });

  test("keeps the frames around a failure, with the steps of the flow, and what the nodes said", async () => {
    const { rounds } = named(run, "a packet crosses the router although the second wire is cut");
    const directory = rounds[0]?.evidence[0] ?? "";
    const { frames } = readPcapng(await readFile(join(ended.bundle, directory, "wires.pcapng")));
    const comments = frames.map(({ comment }) => comment ?? "");
    // The step is told with the first frame after it: the one sent, or a node's own (a neighbour solicitation) before that.
    const fault = comments.findIndex((comment) => comment.includes("[fault] cut wire r1:net1--h2:net0"));
    expect(fault).toBeGreaterThanOrEqual(0);
    const sent = comments.findIndex((comment) => comment.includes("sent by the flow"));
    expect(sent).toBeGreaterThanOrEqual(fault);
    const lost = comments.findIndex((comment) => comment.includes("not delivered: cut"));
    expect(lost).toBeGreaterThanOrEqual(fault);
    const { texts, scene } = await readEvidence(ended.bundle, directory);
    expect(texts.get("guests/h2.log")).toContain("Linux version");
    expect(texts.get("guests/r1.state.txt")).toContain("10.0.2.254/24");
    expect(scene.missing).toEqual([]);
  });

  test("has the next flow find everything healed", () => {
    expect(named(run, "the next flow finds the wire mended").rounds).toMatchObject([
      { state: "passed", leftBehind: [] },
    ]);
    expect(named(run, "gets a testbed without them").rounds).toMatchObject([{ state: "passed", leftBehind: [] }]);
  });

  test("names the flow that left something behind in a node, and what", () => {
    expect(named(run, "leaves a process and an address behind").rounds).toMatchObject([
      {
        state: "passed",
        leftBehind: ['h1: process "sleep 1000" was left behind', 'h1: address "192.0.2.1" was left behind'],
      },
    ]);
  });

  test.each([
    [
      "asks for a node that is not there",
      /^find the node: h3: .*no such node in topology routed\nwhat to do: did you mean "h1"/,
      [],
    ],
    ["runs a command that hangs", /^the flow did not end within 15000 ms$/, [expect.stringMatching(/command on h1/)]],
    [
      "loses its testbed in the middle",
      /testbed that lives until the end of the test, found that its supervisor is gone/,
      [],
    ],
  ])("has one clear failure and evidence of a flow that %s", (name, message, underWay) => {
    const { rounds } = named(run, name);
    expect(rounds).toMatchObject([
      { state: "failed", failures: [{ message: expect.stringMatching(message) as string }] },
    ]);
    expect(rounds[0]?.underWay).toEqual(underWay);
    expect(rounds[0]?.evidence).toHaveLength(1);
  });

  test("keeps what another run may have differently", () => {
    expect(run.seed).toBe("5eed");
    expect(run.project.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(run.host.checks.map(({ name }) => name)).toContain("memory");
    const [testbed] = run.testbeds;
    expect(Object.keys(testbed?.provenance?.images[0]?.packages ?? {})).toContain("iproute2");
    const machine = testbed?.provenance?.nodes.find(({ name }) => name === "r1");
    expect(machine?.commandLine?.join(" ")).toMatch(/qemu-system-x86_64.* -name routed-.*\/r1/);
    expect(machine?.template).toMatch(/^[0-9a-f]{32}$/);
  });

  test("is shown on the terminal", async () => {
    const { exitCode, stdout } = await kestrel.run(["bundle", "show", ended.bundle]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/where: wire r1:net1--h2:net0 \(testbed routed-/);
    expect(stdout).toMatch(/fault +cut wire r1:net1--h2:net0/);
  });
});

test("a failed testbed stays for somebody to look at, every machine paused; no key of it is in the bundle", async () => {
  const ended = await flow("run", `${fixtures}/wrong-hop.flow.ts`, "--freeze-on-fail", "--repeat", "3");
  expect(ended.exitCode, ended.stderr).toBe(1);
  const { run } = await readBundle(ended.bundle);
  // The run ends with the failure: neither the second flow nor the next rounds are run.
  expect(run.flows.map(({ rounds }) => rounds.map(({ state }) => state))).toEqual([["failed"], ["skipped"]]);
  const name = run.testbeds[0]?.name ?? "";
  expect(ended.stdout).toContain(`status --testbed ${name}`);
  const status = JSON.parse((await kestrel.run(["status", "--testbed", name, "--json"])).stdout) as TestbedStatus;
  expect(status.nodes.map(({ state }) => state)).toEqual(["paused", "paused", "paused"]);
  expect((await kestrel.run(["resume", "h1", "--testbed", name])).exitCode).toBe(0);
  const hostKey = await kestrel.run([
    "exec",
    "h1",
    "--testbed",
    name,
    "--",
    "sh",
    "-c",
    "cat /run/kestrel/ssh_host_ed25519_key",
  ]);
  const keys = [await readFile(join(status.runDirectory, "ssh-key"), "utf8"), hostKey.stdout];
  const secrets = keys
    .flatMap((key) => /PRIVATE KEY-----\n([^-]+)/.exec(key)?.[1]?.split("\n") ?? [])
    .filter((line) => line.length > 20);
  expect(secrets.length).toBeGreaterThan(4);
  for (const file of await readdir(ended.bundle, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const bytes = await readFile(join(file.parentPath, file.name));
    // The first line of an OpenSSH key is the same for all keys of a kind.
    for (const secret of secrets.filter((line) => !line.startsWith("b3BlbnNzaC1rZXkt")))
      expect(bytes.includes(secret)).toBe(false);
  }
  expect((await kestrel.run(["down", "--testbed", name])).exitCode).toBe(0);
});

test("a replay has the same seed and plans, and names every input that is not the same any more", async () => {
  const file = join(scratch, "pair.flow.ts");
  const topology = join(scratch, "pair.yaml");
  const source = join(import.meta.dirname, "../../../src");
  await writeFile(topology, "nodes:\n  a: { ports: { net0: [fd00::1/64] } }\n");
  await writeFile(
    file,
    [
      'import { expect, test } from "vitest";',
      `import { testbed } from "${source}/index.ts";`,
      `import { runSeed } from "${source}/flow/seed.ts";`,
      'test("has a seed and an address", async () => {',
      `  await using bed = await testbed("${topology}");`,
      '  expect([runSeed(), bed.port("a:net0").ipv6]).toEqual(["once", "fd00::2"]);',
      "});",
    ].join("\n"),
  );
  const first = await flow("run", file, "--seed", "once");
  expect(first.exitCode, first.stderr).toBe(1);
  expect(first.stderr).toContain("fd00::1");
  await writeFile(topology, "nodes:\n  a: { ports: { net0: [fd00::2/64] } }\n");
  await writeFile(file, `${await readFile(file, "utf8")}\n// changed\n`);
  const replay = await flow("replay", first.bundle, "--json");
  const { run, inputs, outcomes } = JSON.parse(replay.stdout) as ReplayReport;
  // With the topology as it is now the flow would pass.
  expect(replay.exitCode).toBe(1);
  expect(run.seed).toBe("once");
  expect(outcomes).toEqual([]);
  const named = inputs.map(({ what }) => what).filter((what) => !what.includes("commit"));
  expect(named).toEqual([expect.stringMatching(/^flow file .*pair\.flow\.ts$/), "topology pair"]);
});

test("a syntax error is one clear failure with a bundle, and nothing is launched for it", async () => {
  const file = join(scratch, "broken.flow.ts");
  await writeFile(file, 'import { test } from "vitest";\ntest("x", async () => {\n  await (;\n});\n');
  const ended = await flow("run", file, `${fixtures}/wrong-hop.flow.ts`);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toMatch(/syntax error: Unexpected ";"[^]*await \(;/);
  const { run } = await readBundle(ended.bundle);
  expect(run).toMatchObject({ testbeds: [], flows: [], faults: [{ kind: "input", location: { line: 3 } }] });
  expect(await readFile(join(ended.bundle, "report.html"), "utf8")).toContain("syntax error");
});

test("a file that is not there is refused before anything is made", async () => {
  const ended = await flow("run", `${fixtures}/wrong-hob.flow.ts`);
  expect(ended.exitCode).toBe(2);
  expect(ended.stderr).toMatch(/did you mean .*wrong-hop\.flow\.ts/);
  await expect(readdir(ended.bundle)).rejects.toThrow();
});
