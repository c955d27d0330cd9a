/**
 * Run in a network namespace of its own: watches the carrier of a veth pair that comes, goes down at one end, and goes.
 * Prints what the monitor knew after each.
 */
import { createVeth, deleteLink, findLink, setLink } from "../../../src/netdev/links.ts";
import { openNetlinkSocket } from "../../../src/netdev/netlink-socket.ts";
import { LinkMonitor } from "../../../src/stack/dpd/link-monitor.ts";
import { watchLinks } from "../../../src/stack/dpd/link-watch.ts";

const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
function quiet(): undefined {
  return undefined;
}

let now = 0;
const monitor = new LinkMonitor(() => now);
const socket = openNetlinkSocket();
await createVeth(socket, { name: "there", up: true }, { name: "peer0", up: true });
const watch = watchLinks(monitor, log);

/** Wait until the monitor knows this of a NIC; a watcher of its own would only say the same again. */
async function until(name: string, state: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (monitor.of(name).state !== state) {
    if (Date.now() > deadline) throw new Error(`${name} is ${monitor.of(name).state}, expected ${state}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  now += 1;
}

await until("there", "up");
await createVeth(socket, { name: "rear0", up: true }, { name: "peer1", up: true });
await until("rear0", "up");
const peer = await findLink(socket, "peer1");
await setLink(socket, peer?.index ?? 0, { up: false });
await until("rear0", "down");
await setLink(socket, peer?.index ?? 0, { up: true });
await until("rear0", "up");
await deleteLink(socket, peer?.index ?? 0);
await until("rear0", "unknown");
watch[Symbol.dispose]();
socket[Symbol.dispose]();
const { ups, history } = monitor.of("rear0");
process.stdout.write(
  JSON.stringify({ there: monitor.of("there").state, ups, states: history.map(({ state }) => state) }),
);
