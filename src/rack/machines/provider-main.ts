/** The process of the provider of machines: it is started beside a testbed whose plan has machines, with the testbed's name. */
import { Testbed } from "../../testbed/index.ts";
import { fabricOf, sledsOf } from "../fabric.ts";
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
const provider = new MachineProvider({
  agents: new Map(sledsOf(fabricOf(testbed.plan)).map((sled) => [sled.node.name, SledMachines.of(testbed, sled)])),
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
