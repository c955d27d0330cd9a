import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { PcapReader, pcapHeader, pcapRecord } from "../../../src/p4/switch/port/pcap.ts";
import { ThriftClient } from "../../../src/p4/switch/thrift/client.ts";
import { entryToWire } from "../../../src/p4/switch/thrift/entries.ts";
import { freePort } from "../../host/free-port.ts";
import type { Arrival } from "./busy-rack.ts";
import { type Frame, frameOf, type RackSwitch } from "./rack-switch.ts";

const deadline = { timeout: 30_000, interval: 50 };

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
  const inputs: { readonly pipe: FileHandle; readonly packets: Buffer }[] = [];
  try {
    const json = join(folder, "rack.json");
    writeFileSync(json, program);
    for (const port of ports) {
      const records = arrivals.flatMap(({ port: at, bytes }, index) =>
        at === port ? [pcapRecord(bytes, index * 1000)] : [],
      );
      // A pipe, so that no packet comes before the tables are filled. Opened to be read too, it waits for no reader.
      const file = join(folder, `p${port}_in.pcap`);
      execFileSync("mkfifo", [file]);
      inputs.push({ pipe: await open(file, "r+"), packets: Buffer.concat([pcapHeader(), ...records]) });
    }
    const thriftPort = await freePort();
    const interfaces = ports.flatMap((port) => ["-i", `${port}@p${port}`]);
    const options = [...interfaces, "--use-files", "0", "--thrift-port", String(thriftPort)];
    const [file = "", ...first] = command;
    child = spawn(file, [...first, ...options, json], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (piece: Buffer) => (said += piece.toString()));
    await fillTables(thriftPort, rack);
    await Promise.all(
      inputs.splice(0).map(async ({ pipe, packets }) => {
        await pipe.writeFile(packets);
        await pipe.close();
      }),
    );
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
    for (const { pipe } of inputs) await pipe.close();
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
