import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { TestbedStatus } from "../../src/testbed/index.ts";
import { type CommandLine, commandLine } from "./command-line.ts";
import { eventually, processesIn } from "./host-processes.ts";

/** A quiet machine needs milliseconds; only what hangs misses it. */
const deadlineMs = 20_000;
const topology = "topologies/two-hosts.yaml";
const victims = ["command line", "supervisor", "panel", "qemu"] as const;
type Victim = (typeof victims)[number];

/** A small generator (mulberry32) so that a round that fails can be run again by its seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function findVictim(kestrel: CommandLine, victim: Victim, commandLinePid: number): number | undefined {
  if (victim === "command line") return commandLinePid;
  const pattern = { supervisor: /supervisor-main/, panel: /panel-main/, qemu: /qemu-system-x86_64 -name t\// }[victim];
  return processesIn(kestrel.stateDirectory).find(({ command }) => pattern.test(command))?.pid;
}

/** Kill a process; false when it has ended since it was looked for, as a machine that becomes a template does. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Sockets, claims and run directories that are still there. */
function leftovers(kestrel: CommandLine): readonly string[] {
  const run = join(kestrel.stateDirectory, "run");
  return readdirSync(kestrel.stateDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isSocket() || entry.parentPath === run || /\.(tmp|part|building)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function goneOrReady(kestrel: CommandLine): Promise<boolean> {
  if (processesIn(kestrel.stateDirectory).length === 0) return true;
  const { exitCode, stdout } = await kestrel.run(["status", "--json"]);
  return exitCode === 0 && (JSON.parse(stdout) as TestbedStatus).state === "ready";
}

async function expectNothingLeft(kestrel: CommandLine, why: string): Promise<void> {
  await eventually(
    () => processesIn(kestrel.stateDirectory).length === 0,
    deadlineMs,
    () => `${why}: processes after ${deadlineMs} ms: ${JSON.stringify(processesIn(kestrel.stateDirectory))}`,
  );
  await kestrel.run(["ls"]);
  expect(leftovers(kestrel), why).toEqual([]);
}

/**
 * Kill -9 one of a testbed's processes at a random moment of its launch, each kind in turn, and expect that nothing is left:
 * before it was ready it is torn down, after that it stays up and says what it lost.
 */
export async function expectKillsToLeaveNothing(rounds: number): Promise<void> {
  await using warm = await commandLine();
  const startedAt = performance.now();
  expect((await warm.run(["up", topology, "--name", "t"])).exitCode).toBe(0);
  const upMs = performance.now() - startedAt;

  for (let round = 0; round < rounds; round += 1) {
    const random = generator(round);
    const victim = victims[round % victims.length] ?? "qemu";
    // From the first moment to a little after ready.
    const killAfterMs = random() * upMs * 1.3;
    const why = `round ${round}: ${victim} after ${Math.round(killAfterMs)} ms`;
    await using kestrel = await commandLine();
    const { child, ended } = kestrel.start(["up", topology, "--name", "t"]);
    const launch = { isOver: false };
    void ended.then(() => {
      launch.isOver = true;
    });
    // The moment itself is what is drawn: there is no fact to wait for.
    await new Promise((resolve) => setTimeout(resolve, killAfterMs));
    const wasReady = launch.isOver;
    const found = findVictim(kestrel, victim, child.pid ?? 0);
    const pid = found !== undefined && !(victim === "command line" && wasReady) && killed(found) ? found : undefined;
    const { exitCode, stderr } = await ended;

    if (exitCode === 0 && !(victim === "supervisor" && pid !== undefined)) {
      // It was ready: the rest stays up, and says what it lost.
      const status = async (): Promise<TestbedStatus> =>
        JSON.parse((await kestrel.run(["status", "--json"])).stdout) as TestbedStatus;
      const eventuallySays = expect.poll(status, { timeout: deadlineMs, message: why });
      if (pid !== undefined && victim === "qemu") {
        const one = expect.objectContaining({ state: "failed" }) as unknown;
        await eventuallySays.toMatchObject({ state: "degraded", nodes: expect.arrayContaining([one]) as unknown });
      }
      if (pid !== undefined && victim === "panel") await eventuallySays.toMatchObject({ state: "degraded" });
      expect((await kestrel.run(["down"])).exitCode, why).toBe(0);
    } else if (victim !== "command line" && !wasReady) {
      expect(stderr, why).not.toMatch(/\n\s+at .*:\d+:\d+/);
    } else if (victim === "command line") {
      // Killed before it could say that the testbed was ready, it leaves one that is: or nothing.
      await expect.poll(() => goneOrReady(kestrel), { timeout: deadlineMs, message: why }).toBe(true);
      if (processesIn(kestrel.stateDirectory).length > 0) expect((await kestrel.run(["down"])).exitCode, why).toBe(0);
    }
    await expectNothingLeft(kestrel, why);
  }
}
