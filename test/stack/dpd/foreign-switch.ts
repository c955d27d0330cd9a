import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { PcapReader, pcapHeader, pcapRecord } from "../../../src/p4/switch/port/pcap.ts";
import { ThriftClient } from "../../../src/p4/switch/thrift/client.ts";
import { entryToWire } from "../../../src/p4/switch/thrift/entries.ts";
import type { Arrival } from "./busy-rack.ts";
import { type Frame, frameOf, type RackSwitch } from "./rack-switch.ts";

/** How long a switch waits for its tables before it reads packets, and how long for packets to come out at most. */
const secondsForTables = 3;
const deadline = { timeout: 20_000, interval: 50 };

/**
 * Give packets to a switch that is a process of its own, with the command line of simple_switch and BMv2's run-time
 * interface, after its tables were made those of `rack`. Returns what came out, port by port.
 *
 * @param command - the program and its first arguments
 * @param expected - how many frames are waited for
 */
export async function runForeignSwitch(
  command: readonly string[],
  program: string,
  rack: RackSwitch,
  arrivals: readonly Arrival[],
  ports: readonly number[],
  expected: number,
): Promise<readonly Frame[]> {
  const folder = mkdtempSync(join(tmpdir(), "kestrel-rack-"));
  let child: ChildProcess | undefined;
  let said = "";
  try {
    const json = join(folder, "rack.json");
    writeFileSync(json, program);
    for (const port of ports) {
      const records = arrivals.flatMap(({ port: at, bytes }, index) =>
        at === port ? [pcapRecord(bytes, index * 1000)] : [],
      );
      writeFileSync(join(folder, `p${port}_in.pcap`), Buffer.concat([pcapHeader(), ...records]));
    }
    const thriftPort = await freePort();
    const interfaces = ports.flatMap((port) => ["-i", `${port}@p${port}`]);
    const options = [...interfaces, "--use-files", String(secondsForTables), "--thrift-port", String(thriftPort)];
    const [file = "", ...first] = command;
    child = spawn(file, [...first, ...options, json], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (piece: Buffer) => (said += piece.toString()));
    await fillTables(thriftPort, rack);
    const read = (): readonly Frame[] => ports.flatMap((port) => framesOf(join(folder, `p${port}_out.pcap`), port));
    await vi.waitFor(() => {
      const { length } = read();
      if (length < expected) throw new Error(`expected ${expected} frames, found ${length}; the switch said: ${said}`);
    }, deadline);
    const closed = once(child, "close");
    child.kill("SIGINT");
    await closed;
    return read();
  } finally {
    if (child?.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function fillTables(port: number, rack: RackSwitch): Promise<void> {
  using client = await vi.waitFor(() => ThriftClient.connect(port), deadline);
  for (const state of rack.control.engine.state.tables) {
    if (state.table.entries.length > 0) continue;
    for (const entry of state.entries()) {
      const { key, options, action } = entryToWire(state, entry, 0);
      await client.call("bm_mt_add_entry", {
        cxt: 0,
        table: state.table.name,
        key,
        action: action.name ?? "",
        data: action.data ?? [],
        options: { priority: options.priority === -1 ? undefined : options.priority },
      });
    }
  }
}

function framesOf(file: string, port: number): readonly Frame[] {
  if (!existsSync(file)) return [];
  return new PcapReader().read(readFileSync(file)).map((bytes) => frameOf(port, bytes));
}

/** A TCP port of 127.0.0.1 that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("expected a TCP port");
  return address.port;
}
