import { threadId } from "node:worker_threads";
import { TestRunner } from "vitest";
import { FlowTestbed } from "./flow-testbed.ts";
import { launchTeller } from "./launch-progress.ts";
import { TestbedPool, type TestbedRequest } from "./run/testbed-pool.ts";

/** The testbeds of a test file that vitest runs by itself; in `kestrel flow run` they are the run's. */
const pool = new TestbedPool([process.pid, threadId].map((part) => part.toString(36)).join("-"), launchTeller());

const closingFiles = new WeakSet();

/** Lease a testbed of this process. It is given back healed, and all are taken down at the end of the test file. */
export async function leaseHere(request: TestbedRequest): Promise<FlowTestbed> {
  closeWithFile();
  const lease = await pool.lease(request);
  return new FlowTestbed(lease.testbed, await lease.testbed.wires.cursor(), async () => {
    const changes = await lease.giveBack();
    const test = TestRunner.getCurrentTest()?.name ?? "a flow";
    for (const change of changes) process.stderr.write(`${test} left behind: ${change}\n`);
  });
}

/** Outside of a test nothing tells when the file ends: then the testbeds end with the process they are attached to. */
function closeWithFile(): void {
  const file = TestRunner.getCurrentTest()?.file;
  if (file === undefined || closingFiles.has(file)) return;
  closingFiles.add(file);
  TestRunner.getSuiteHooks(file).afterAll.push(() => pool.close());
}
