import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { threadId } from "node:worker_threads";

const [firstGivenOut = 32_768] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
  .split(/\s+/)
  .map(Number);
const first = 10_000;
const last = firstGivenOut - 1;
// Test files that run at the same time begin far from each other.
let next = (process.pid * 37 + threadId * 1009) % (last - first);

/**
 * A TCP port of loopback that nobody listens on, and that the kernel gives to nobody who leaves the choice to it (ip(7),
 * ip_local_port_range): it is still free when somebody binds it later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + next;
    next = (next + 1) % (last - first);
    const server = createServer().listen(port, "127.0.0.1");
    const listens = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!listens) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
