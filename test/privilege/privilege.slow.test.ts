import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import type { TestbedStatus } from "../../src/testbed/index.ts";
import { runFiles } from "../../src/testbed/run-directory.ts";
import { type CommandLine, commandLine } from "../testbed/command-line.ts";
import { eventually, nothingRuns, processesIn } from "../testbed/host-processes.ts";
import { becomeNobody, type Nobody } from "./nobody.ts";
import { openSockets } from "./open-sockets.ts";

let nobody: Nobody | null = null;
let scratch = "";
let topology = "";

beforeAll(async () => {
  nobody = await becomeNobody();
  scratch = await mkdtemp("/tmp/ks-privilege-");
  await chmod(scratch, 0o755);
  topology = join(scratch, "pair.yaml");
  const nodes = {
    h1: { ports: { net0: ["10.3.0.1/24"], outside: { uplink: "user" } } },
    h2: { ports: { net0: ["10.3.0.2/24"] } },
  };
  await writeFile(topology, stringify({ nodes, wires: [["h1:net0", "h2:net0"]] }));
}, 900_000);
afterAll(async () => {
  await nobody?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

/** A status file of a process (proc(5)): the values by name. */
async function processStatus(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  return new Map(text.split("\n").map((line) => [line.replace(/:.*/, ""), line.replace(/^[^:]*:\s*/, "")]));
}

/** Modes in octal of what is below a directory and must be the owner's alone: directories, sockets, keys; by name. */
async function privateModes(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const kept = entries.filter((entry) => entry.isDirectory() || entry.isSocket() || entry.name.includes("key"));
  const modes = kept.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const mode = ((await stat(path)).mode & 0o777).toString(8);
    return [path.slice(directory.length + 1) + (entry.isDirectory() ? "/" : ""), mode] as const;
  });
  return new Map(await Promise.all(modes));
}

async function succeed(kestrel: CommandLine, ...command: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await kestrel.run(command);
  expect(exitCode, `${command.join(" ")}\n${stderr}`).toBe(0);
  return stdout;
}

test(
  "a user without any right launches, uses and ends a testbed, which is open to nobody else",
  { timeout: 1_200_000 },
  async () => {
    await using kestrel = await commandLine(nobody?.caller);
    const uid = nobody?.caller.uid ?? process.getuid?.() ?? -1;
    await succeed(kestrel, "up", topology);
    expect(await succeed(kestrel, "exec", "h1", "--", "ping", "-c", "1", "-W", "10", "10.3.0.2")).toContain(
      "1 received",
    );
    const trace = join(kestrel.stateDirectory, "trace.pcapng");
    await succeed(kestrel, "wire", "capture", "--all", "--include-recorded", "--duration", "0", "-w", trace);
    expect((await stat(trace)).uid).toBe(uid);
    await rm(trace);
    const forward = kestrel.start(["forward", "h1", "22", "--testbed", "pair"]);
    let said = "";
    forward.child.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await eventually(
      () => said.includes("127.0.0.1:"),
      30_000,
      () => `forward said only: ${said}`,
    );

    const { nodes, supervisor } = JSON.parse(await succeed(kestrel, "status", "--json")) as TestbedStatus;
    const machines = nodes.map(({ pid }) => pid ?? 0);
    const processes = [...processesIn(kestrel.stateDirectory).map(({ pid }) => pid), forward.child.pid ?? 0];
    expect(processes).toEqual(expect.arrayContaining([supervisor.pid, ...machines]));
    for (const pid of processes) {
      const status = await processStatus(pid);
      expect(status.get("Uid")?.split(/\s+/), `processes run as ${uid}`).toEqual(Array(4).fill(String(uid)));
      if (uid !== 0) expect(status.get("CapEff"), "no capabilities").toBe("0000000000000000");
    }
    for (const pid of machines) {
      const status = await processStatus(pid);
      expect({ seccomp: status.get("Seccomp"), noNewPrivileges: status.get("NoNewPrivs") }).toEqual({
        seccomp: "2",
        noNewPrivileges: "1",
      });
    }

    const sockets = openSockets(processes);
    expect(sockets).toContainEqual({
      pid: forward.child.pid,
      protocol: "tcp",
      local: expect.stringMatching(/^0100007F:/) as string,
    });
    expect(sockets.filter(({ local }) => !local.startsWith("0100007F:"))).toEqual([]);

    const modes = await privateModes(join(kestrel.stateDirectory, "run"));
    expect([...modes.keys()]).toEqual(
      expect.arrayContaining(["pair/", `pair/${runFiles.socket}`, `pair/${runFiles.sshKey}`]),
    );
    for (const [path, mode] of modes) expect(mode, path).toBe(path.endsWith("/") ? "700" : "600");

    forward.child.kill("SIGINT");
    await forward.ended;
    await succeed(kestrel, "down");
    await nothingRuns(kestrel.stateDirectory);
    expect(await readdir(join(kestrel.stateDirectory, "run"))).toEqual([]);
  },
);
