import { chmod, mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kestrelDirectories } from "../../src/host/index.ts";
import type { TestbedStatus } from "../../src/testbed/index.ts";
import { type CommandLine, commandLine } from "./command-line.ts";
import { eventually, processesIn } from "./host-processes.ts";

const twoHosts = "topologies/two-hosts.yaml";
let scratch = "";

beforeAll(async () => {
  scratch = await mkdtemp("/tmp/ks-failures-");
});
afterAll(async () => {
  await rm(scratch, { recursive: true, force: true });
});

async function topologyFile(name: string, text: string): Promise<string> {
  const path = join(scratch, `${name}.yaml`);
  await writeFile(path, text);
  return path;
}

/** A directory to put before PATH, with a program of the given name in it. */
async function pathWith(program: string, script: string): Promise<string> {
  const directory = await mkdtemp(join(scratch, "bin-"));
  await writeFile(join(directory, program), script);
  await chmod(join(directory, program), 0o755);
  return `${directory}:${process.env["PATH"] ?? ""}`;
}

async function expectNothingRuns(kestrel: CommandLine): Promise<void> {
  await eventually(
    () => processesIn(kestrel.stateDirectory).length === 0,
    20_000,
    () => `left: ${JSON.stringify(processesIn(kestrel.stateDirectory))}`,
  );
  expect(await readdir(join(kestrel.stateDirectory, "run")).catch(() => [])).toEqual([]);
}

test("more memory than the host has: refused with the numbers before anything starts", async () => {
  await using kestrel = await commandLine();
  const file = await topologyFile("huge", "nodes:\n  a: { memory: 900 GiB }\n");
  const { exitCode, stderr } = await kestrel.run(["up", file]);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/922\d{3} MiB/);
  expect(stderr).toMatch(/what to do/);
  await expectNothingRuns(kestrel);
});

test("a QEMU that is too old is named with the version it needs and the package that brings it", async () => {
  await using kestrel = await commandLine();
  const PATH = await pathWith("qemu-system-x86_64", "#!/bin/sh\necho 'QEMU emulator version 6.2.0'\n");
  const { exitCode, stderr } = await kestrel.run(["up", twoHosts], { PATH });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/7\.2 or newer.*6\.2\.0/s);
  expect(stderr).toMatch(/apt-get install qemu-system-x86/);
  await expectNothingRuns(kestrel);
});

test("a QEMU that dies at start: its last words are in the error", async () => {
  await using kestrel = await commandLine();
  const PATH = await pathWith(
    "qemu-system-x86_64",
    "#!/bin/sh\ncase $* in --version) echo 'QEMU emulator version 7.2.0';; *) echo 'cannot set up guest memory: pigs fly' >&2; exit 1;; esac\n",
  );
  const { exitCode, stderr } = await kestrel.run(["up", twoHosts, "--accelerator", "tcg"], { PATH });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/pigs fly/);
  await expectNothingRuns(kestrel);
});

test("a guest that never becomes ready: the error names node, fact and deadline; everything is taken down", async () => {
  await using kestrel = await commandLine();
  const file = await topologyFile("never", "nodes:\n  a:\n    ready: [{ file: /never, timeout: 1s }]\n");
  const { exitCode, stderr } = await kestrel.run(["up", file]);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/file \/never within 1 s/);
  await expectNothingRuns(kestrel);
});

test("SIGINT during up takes everything down and exits 130", async () => {
  await using kestrel = await commandLine();
  const { child, ended } = kestrel.start(["up", twoHosts]);
  await eventually(
    () => processesIn(kestrel.stateDirectory).some(({ command }) => command.includes("supervisor-main")),
    20_000,
    () => "no supervisor came",
  );
  child.kill("SIGINT");
  expect((await ended).exitCode).toBe(130);
  await expectNothingRuns(kestrel);
});

test("two ups of the same name at once: one starts, the other explains itself", async () => {
  await using kestrel = await commandLine();
  const results = await Promise.all([1, 2].map(() => kestrel.run(["up", twoHosts, "--name", "twin"])));
  expect(results.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 2]);
  const refused = results.find(({ exitCode }) => exitCode === 2);
  expect(refused?.stderr).toMatch(/a testbed of that name/);
  const again = await kestrel.run(["up", twoHosts, "--name", "twin"]);
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toMatch(/runs already.*kestrel status --testbed twin/s);
});

test("a QEMU that dies later: status and events say so with how, the other node goes on, power-cycle brings it back", async () => {
  await using kestrel = await commandLine();
  expect((await kestrel.run(["up", twoHosts])).exitCode).toBe(0);
  const before = JSON.parse((await kestrel.run(["status", "--json"])).stdout) as TestbedStatus;
  const victim = before.nodes.find(({ name }) => name === "h1");
  process.kill(victim?.pid ?? 0, "SIGKILL");
  const events = kestrel.start(["events", "--json", "-f"]);
  let seen = "";
  events.child.stdout?.on("data", (chunk: Buffer) => (seen += chunk.toString()));
  await eventually(
    () => seen.includes("node-failed"),
    30_000,
    () => `no event in ${seen}`,
  );
  events.child.kill("SIGINT");
  await events.ended;
  const after = JSON.parse((await kestrel.run(["status", "--json"])).stdout) as TestbedStatus;
  expect(after.state).toBe("degraded");
  expect(after.nodes.find(({ name }) => name === "h1")?.failure?.message).toMatch(/SIGKILL/);
  expect((await kestrel.run(["exec", "h2", "--", "true"])).exitCode).toBe(0);
  expect((await kestrel.run(["exec", "h1", "--", "true"])).exitCode).toBe(125);
  expect((await kestrel.run(["power-cycle", "h1"])).exitCode).toBe(0);
  expect((await kestrel.run(["exec", "h1", "--", "true"])).exitCode).toBe(0);
});

test("a stale run directory after power loss is swept by the next command, which says so", async () => {
  await using kestrel = await commandLine();
  const directory = join(kestrel.stateDirectory, "run", "old");
  await mkdir(join(directory, "nodes"), { recursive: true });
  const process_ = { pid: 1, startTicks: 1, bootId: "00000000-0000-0000-0000-000000000000" };
  await writeFile(join(directory, "owner.json"), JSON.stringify({ version: 1, process: process_, role: "supervisor" }));
  const { stderr } = await kestrel.run(["ls"]);
  expect(stderr).toMatch(/old/);
  await expectNothingRuns(kestrel);
});

test("a state directory that cannot be written", async () => {
  await using kestrel = await commandLine();
  const file = join(scratch, "file");
  await writeFile(file, "");
  const { exitCode, stderr } = await kestrel.run(["up", twoHosts], { KESTREL_STATE_DIR: join(file, "state") });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/a directory that this user can write/);
  expect(stderr).toMatch(/KESTREL_STATE_DIR/);
});

test("a corrupt template is noticed and made again", async () => {
  await using kestrel = await commandLine();
  // Templates of its own, for others use those of this user; the image is the same.
  const cache = join(scratch, "cache");
  await mkdir(cache, { mode: 0o700 });
  await symlink(join(kestrelDirectories().cache, "images"), join(cache, "images"));
  const up = (name: string) => kestrel.run(["up", twoHosts, "--name", name], { KESTREL_CACHE_DIR: cache });
  const first = await up("first");
  expect(first.exitCode, first.stderr).toBe(0);
  await kestrel.run(["down"]);
  const templates = join(cache, "templates");
  const states = (await readdir(templates)).filter((name) => /^[0-9a-f]{32}$/.test(name));
  expect(states).not.toEqual([]);
  for (const name of states) await truncate(join(templates, name, "state"), 1000);
  const second = await up("second");
  expect(second.exitCode, second.stderr).toBe(0);
  expect((await kestrel.run(["exec", "h1", "--", "hostname"])).stdout.trim()).toBe("h1");
  const { stdout } = await kestrel.run(["events", "--json"]);
  expect(stdout).toMatch(/booting the template machine/);
});
