import { once } from "node:events";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { ThriftClient } from "../../../src/p4/switch/index.ts";
import { assign, extract, hex, ProgramBuilder } from "./program-builder.ts";
import { directory, repository, start, type Started } from "./switch-process.ts";

const limit = { timeout: 60_000 };

/** A program that writes `byte` over the first of every packet and sends it to port 1. */
function marking(byte: number): string {
  return new ProgramBuilder()
    .header("h", [["a", 8]])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("go", [], assign("h.a", hex(byte)), assign("standard_metadata.egress_spec", hex(1)))
    .run("ingress", "tbl", "go")
    .text();
}

/** The far end of a stream port, once somebody has connected to it. */
async function wireEnd(path: string): Promise<{ readonly connected: Promise<Socket> }> {
  const server = createServer().listen(path);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { connected: once(server, "connection").then(([socket]) => socket as Socket) };
}

async function marks({ child, thriftPort }: Started, a: Promise<Socket>, b: Promise<Socket>): Promise<string> {
  const [from, to] = await Promise.all([a, b]);
  await thriftPort;
  from.write(Buffer.from("000000020102", "hex"));
  const [frame] = (await once(to, "data")) as [Buffer];
  const closed = once(child, "close");
  child.kill("SIGTERM");
  expect(await closed).toEqual([0, null]);
  return frame.toString("hex");
}

test("bin/p4switch runs until SIGTERM, options before and behind the program", limit, async () => {
  const at = await directory();
  await writeFile(join(at, "p.json"), marking(0xee));
  const [a, b] = [await wireEnd(join(at, "a")), await wireEnd(join(at, "b"))];
  const words = ["-i", "0@unix:a", "--log-console", "p.json", "-i", "1@unix:b", "--thrift-port", "0", "--"];
  const started = start(join(repository, "bin/p4switch"), [...words, "--enable-swap", "--drop-port", "510"], at);
  const client = await ThriftClient.connect(await started.thriftPort);
  expect(await client.call("bm_get_config", {})).toBe(marking(0xee));
  client[Symbol.dispose]();
  expect(await marks(started, a.connected, b.connected)).toBe("00000002ee02");
});

test("limits, captures and logged packets: the options have their effect", limit, async () => {
  const at = await directory();
  await writeFile(join(at, "p.json"), marking(0xee));
  const [a, b] = [await wireEnd(join(at, "a")), await wireEnd(join(at, "b"))];
  const options = ["--pcap=.", "--dump-packet-data", "1", "--log-file", "log", "--log-console", "--thrift-port", "0"];
  const limits = ["--max-port-count", "3", "--max-mc-groups", "1", "--max-l1-entries", "5", "--max-l2-entries", "1"];
  const words = ["-i", "0@unix:a", "-i", "1@unix:b", ...options, ...limits, "p.json"];
  const started = start(join(repository, "bin/p4switch"), words, at);
  const client = await ThriftClient.connect(await started.thriftPort);
  const captures = (name: string): unknown =>
    new Map([
      ["in_pcap", `unix_${name}_in.pcap`],
      ["out_pcap", `unix_${name}_out.pcap`],
    ]);
  const added = await wireEnd(join(at, "c"));
  await client.call("bm_dev_mgr_add_port", { interface: `unix:${join(at, "c")}`, port: 2, pcap: join(at, "c.pcap") });
  await added.connected;
  expect((await client.call("bm_dev_mgr_show_ports", {})).map(({ port, extra }) => [port, extra])).toEqual([
    [0, captures("a")],
    [1, captures("b")],
    [2, new Map(["in_pcap", "out_pcap"].map((key) => [key, join(at, "c.pcap")]))],
  ]);
  const beyond = client.call("bm_dev_mgr_add_port", { interface: "unix:c", port: 3, pcap: "" });
  await expect(beyond).rejects.toThrow("ERROR");
  await client.call("bm_mc_mgrp_create", { cxt: 0, group: 1 });
  await expect(client.call("bm_mc_mgrp_create", { cxt: 0, group: 2 })).rejects.toThrow("TABLE_FULL");
  await client.call("bm_mc_node_create", { cxt: 0, rid: 1, ports: "1", lags: "0" });
  await expect(client.call("bm_mc_node_create", { cxt: 0, rid: 2, ports: "1", lags: "0" })).rejects.toThrow(
    "TABLE_FULL",
  );
  client[Symbol.dispose]();
  expect(await marks(started, a.connected, b.connected)).toBe("00000002ee02");
  const lines = (await readFile(join(at, "log"), "utf8")).split("\n").filter((line) => line.includes("bytes"));
  expect(lines.map((line) => line.replace(/^.*\] /, ""))).toEqual([
    "port 0: received 2 bytes: 01…",
    "port 1: sent 2 bytes: ee…",
  ]);
  // A file header, and one record where a packet passed.
  const sizes = ["unix_a_in", "unix_a_out", "unix_b_in", "unix_b_out", "c"].map(async (name) => {
    return (await readFile(join(at, `${name}.pcap`))).length;
  });
  expect(await Promise.all(sizes)).toEqual([42, 24, 24, 42, 24]);
});

test("bin/p4switch ends with 1 for a port, a program or an option that is not there", limit, async () => {
  const at = await directory();
  await writeFile(join(at, "p.json"), marking(1));
  await writeFile(join(at, "bad.json"), "{}");
  for (const [words, said] of [
    [["-i", "0@nowhere0", "--thrift-port", "0", "p.json"], "open port: 0@nowhere0: if_nametoindex nowhere0: ENODEV"],
    [["missing.json"], "missing.json: ENOENT"],
    [["bad.json"], "bad.json"],
    [["--thrift-port", "x", "p.json"], "--thrift-port: expected a whole number"],
    [["-i", "7@unix:a", "--max-port-count", "7", "p.json"], "expected a whole number from 0 to 6"],
    [["-i", "0@unix:a", "--pcap=nowhere", "--thrift-port", "0", "p.json"], "open port: 0@unix:a: ENOENT"],
    [["--log-file", "nowhere/log", "p.json"], "open the log of the switch: nowhere/log: ENOENT"],
    [["--max-mc-groups", "0", "p.json"], "--max-mc-groups: expected a whole number"],
    [["--flood", "p.json"], "Unknown option '--flood'"],
    [["p.json", "q.json"], "expected one program"],
    [["p.json", "--", "--drop-port"], "options of the target"],
  ] as const) {
    const { child, errors } = start(join(repository, "bin/p4switch"), words, at);
    expect(await once(child, "close"), errors()).toEqual([1, null]);
    expect(errors()).toContain(said);
    expect(errors()).not.toMatch(/^ +at /m);
  }
});

test(
  "one file, Node.js, koffi and the JSON are enough; what was prepared runs unless the file changed",
  limit,
  async () => {
    const at = await directory();
    await symlink(join(repository, "node_modules"), join(at, "node_modules"));
    await build({
      entryPoints: [join(repository, "src/p4/switch/main.ts")],
      outfile: join(at, "p4switch.js"),
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["koffi"],
      logLevel: "silent",
    });
    // What is prepared is frozen and started with later; the file may have been changed in between.
    await writeFile(
      join(at, "boot.js"),
      `import { copyFileSync, readdirSync, readlinkSync } from "node:fs";
import { main, prepare } from "./p4switch.js";
const [changed, ...argv] = process.argv.slice(2);
const sockets = () => readdirSync("/proc/self/fd").filter((fd) => {
  try { return readlinkSync("/proc/self/fd/" + fd).startsWith("socket:"); } catch { return false; }
}).length;
const before = sockets();
await prepare(argv);
if (sockets() !== before) throw new Error("prepare opened a socket");
if (process.getActiveResourcesInfo().includes("Timeout")) throw new Error("prepare started a timer");
if (changed !== "same") copyFileSync(changed, "p.json");
await main(argv);`,
    );
    for (const [changed, expected] of [
      ["same", "00000002aa02"],
      ["q.json", "00000002bb02"],
    ] as const) {
      await writeFile(join(at, "p.json"), marking(0xaa));
      await writeFile(join(at, "q.json"), marking(0xbb));
      const [a, b] = [await wireEnd(join(at, `a-${changed}`)), await wireEnd(join(at, `b-${changed}`))];
      const ports = ["-i", `0@unix:a-${changed}`, "-i", `1@unix:b-${changed}`];
      const words = [join(at, "boot.js"), changed, ...ports, "--thrift-port", "0", "--log-console", "p.json"];
      const started = start(process.execPath, words, at);
      expect(await marks(started, a.connected, b.connected), started.errors()).toBe(expected);
    }
  },
);
