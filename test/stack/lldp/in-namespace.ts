/**
 * In a network namespace with nothing in it: two lldpds on both ends of a veth pair, the second one a process of its own.
 * Prints what happened as JSON.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVeth, deleteLinkMessage, findLink, setLink } from "../../../src/netdev/links.ts";
import { openNetlinkSocket } from "../../../src/netdev/netlink-socket.ts";
import { openPacketSocket } from "../../../src/netdev/packet-socket.ts";
import { main as lldpadm } from "../../../src/stack/lldp/lldpadm.ts";
import { lldpConfiguration } from "../../../src/stack/lldp/configuration.ts";
import { runLldpd } from "../../../src/stack/lldp/run-lldpd.ts";

const deadlineMs = 30_000;
const folder = mkdtempSync(join(tmpdir(), "kestrel-lldp-"));
using cleanUp = new DisposableStack();
cleanUp.defer(() => {
  rmSync(folder, { recursive: true });
});
const netlink = cleanUp.use(openNetlinkSocket());
await setLink(netlink, 1, { up: true });

const logged: string[] = [];
let waiters: (() => void)[] = [];
const take = (...words: readonly unknown[]): void => {
  logged.push(JSON.stringify(words, (_key, value: unknown) => (value instanceof Error ? String(value.stack) : value)));
  for (const waiter of waiters.splice(0)) waiter();
};
/** The log line with these words, once it is there. */
async function said(...words: readonly string[]): Promise<string> {
  const expired = AbortSignal.timeout(deadlineMs);
  for (;;) {
    const line = logged.find((candidate) => words.every((word) => candidate.includes(word)));
    if (line !== undefined) return line;
    if (expired.aborted) throw new Error(`expected "${words.join(" ")}" in: ${logged.join("\n")}`);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    waiters = [
      ...waiters,
      () => {
        resolve(undefined);
      },
    ];
    expired.addEventListener(
      "abort",
      () => {
        resolve(undefined);
      },
      { once: true },
    );
    await promise;
  }
}
const log = { debug: take, info: take, warn: take, error: take };

const left = await runLldpd(
  lldpConfiguration.parse({ systemName: "left", router: true, interfaces: ["le*"], listen: { host: "::1", port: 0 } }),
  log,
);
/** What lldpadm prints. */
async function adm(...words: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (text: string) => printed.push(text) > 0;
  try {
    await lldpadm(["--port", String(left.port), ...words]);
  } finally {
    process.stdout.write = write;
  }
  return printed.join("");
}

// The interfaces come after the daemon; frames of another kind pass it by.
await createVeth(netlink, { name: "left0", mac: "02:00:00:00:00:0a" }, { name: "right0", mac: "02:00:00:00:00:0b" });
for (const name of ["left0", "right0"]) {
  writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "1");
  await setLink(netlink, (await findLink(netlink, name))?.index ?? 0, { up: true });
}
const wire = cleanUp.use(openPacketSocket("left0"));
const frames: string[] = [];
wire.watch(() => {
  wire.receive((bytes, start, length) => {
    frames.push(Buffer.from(bytes.subarray(start, start + length)).toString("hex"));
  });
});

const file = join(folder, "lldpd.json");
writeFileSync(file, JSON.stringify({ systemName: "right", interfaces: ["right0"], listen: { host: "::1", port: 0 } }));
const program = `import { main } from ${JSON.stringify(new URL("../../../src/stack/lldp/main.ts", import.meta.url).href)};
await main(["--configuration", ${JSON.stringify(file)}]);`;
const right = spawn(process.execPath, ["--input-type=module", "-e", program], {
  stdio: ["ignore", "ignore", "inherit"],
});
const exited = once(right, "exit");

await said("neighbour new", "right0");
const neighbors = await adm("neighbors", "left0", "--json");
const table = await adm("neighbors");
const interfaces = await adm("iface", "--json");
const system = await adm("system", "--json");

// An interface is left and taken again.
await adm("iface", "del", "left0");
const without = await adm("iface", "list", "--json");
logged.length = 0;
await adm("iface", "add", "left0");
const again = await adm("iface", "list", "--json");
await adm("iface", "add", "nowhere");
const exitCode = process.exitCode;
process.exitCode = 0;

// Right leaves in good order.
await said("neighbour new", "right0");
await adm("system", "set-name", "renamed");
right.kill("SIGTERM");
const [code] = (await exited) as [number | null];
await said("neighbour left", "right0");
await netlink.request(deleteLinkMessage((await findLink(netlink, "left0"))?.index ?? 0));
const renamed = await adm("system", "--json");
await left[Symbol.asyncDispose]();
console.log(
  JSON.stringify({
    neighbors: JSON.parse(neighbors) as unknown,
    table,
    interfaces: JSON.parse(interfaces) as unknown,
    system: JSON.parse(system) as unknown,
    renamed: JSON.parse(renamed) as unknown,
    without: JSON.parse(without) as unknown,
    again: JSON.parse(again) as unknown,
    exitCode,
    code,
    frames,
  }),
);
