/** The process of the provider of machines: it is started beside a testbed whose plan has machines, with the testbed's name. */
import { Testbed } from "../../testbed/index.ts";
import { hostAddress } from "../addressing.ts";
import { fabricOf, nodesOf } from "../fabric.ts";
import { machineNames } from "./pool.ts";
import { MachineProvider } from "./provider.ts";
import { SledMachines } from "./sled-machines.ts";
import { TestbedMachines } from "./testbed-machines.ts";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: provider-main TESTBED");

using testbed = await Testbed.connect(name);
const stopped = new AbortController();
const stop = (): void => {
  stopped.abort();
};
process.on("SIGTERM", stop);
const sleds = nodesOf(fabricOf(testbed.plan)).filter(({ role }) => role === "sled");
const provider = new MachineProvider({
  agents: new Map(
    sleds.map(({ node, prefix }) => [
      node.name,
      new SledMachines(() => testbed.node(node.name).guest(), hostAddress(prefix)),
    ]),
  ),
  machines: machineNames(testbed.plan),
  host: new TestbedMachines(testbed),
  log: (words) => {
    process.stdout.write(`machines: ${words}\n`);
  },
});
const followed = testbed
  .onEvents({ signal: stopped.signal, everyMs: 0 }, (events) => {
    for (const event of events) {
      if (event.type === "node") provider.noteMachine(event.node, event.state === "ready" || event.state === "paused");
    }
  })
  .catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  })
  .finally(stop);
await Promise.all([provider.run(stopped.signal), followed]);
