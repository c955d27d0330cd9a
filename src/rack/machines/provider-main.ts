/** The process of the provider of machines: it is started beside a testbed whose plan has machines, with the testbed's name. */
import { Testbed } from "../../testbed/index.ts";
import { MachineProvider } from "./provider.ts";

const [name] = process.argv.slice(2);
if (name === undefined) throw new Error("usage: provider-main TESTBED");

using testbed = await Testbed.connect(name);
const stopped = new AbortController();
process.on("SIGTERM", () => {
  stopped.abort();
});
const provider = new MachineProvider(testbed, (words) => {
  process.stdout.write(`machines: ${words}\n`);
});
await provider.run(stopped.signal).catch((error: unknown) => {
  if (!stopped.signal.aborted) throw error;
});
