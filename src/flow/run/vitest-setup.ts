import { rm } from "node:fs/promises";
import type { TestProject } from "vitest/node";
import { launchTeller } from "../launch-progress.ts";
import { makeLeaseDirectory } from "./lease-directory.ts";
import { runVariable } from "./lease-protocol.ts";
import { LeaseServer } from "./lease-server.ts";
import { TestbedPool } from "./testbed-pool.ts";

/**
 * Global set-up of a vitest project whose files are flows: they share the testbeds of one pool, as those of `kestrel flow run`
 * do. The project's `setupFiles` have `worker-setup.ts`.
 *
 * @returns what takes all of it down
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await makeLeaseDirectory();
  const pool = new TestbedPool(process.pid.toString(36), launchTeller());
  const leases = await LeaseServer.listen(directory, pool, {
    onStep: () => undefined,
    onFlowBegins: () => undefined,
    onFailure: () => Promise.resolve("give back"),
    onChanges: (flow, file, changes) => {
      for (const change of changes) process.stderr.write(`${flow?.name ?? file} left behind: ${change}\n`);
    },
    adjust: (request) => request,
  });
  project.config.env = { ...project.config.env, [runVariable]: directory };
  return async () => {
    await leases[Symbol.asyncDispose]();
    await pool.close();
    await rm(directory, { recursive: true, force: true });
  };
}
