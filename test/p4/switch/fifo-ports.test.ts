import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { pcapHeader, PcapReader, pcapRecord } from "../../../src/p4/switch/port/pcap.ts";
import { capturesOf, recordedPort } from "../../../src/p4/switch/port/recorded-port.ts";
import { MemoryPort, type PortOpener, ThriftClient } from "../../../src/p4/switch/index.ts";
import { CaptureWriter } from "../../../src/p4/switch/port/capture-stream.ts";
import { assign, binary, extract, field, hex, ProgramBuilder } from "./program-builder.ts";
import { directory, repository, start, type Started } from "./switch-process.ts";

const limit = { timeout: 60_000 };
/** More ports than Node.js has threads for files. */
const ports = [0, 1, 2, 3, 4, 5, 6, 7];

/** Every packet goes to the port next to the one that it came by: 0 and 1, 2 and 3. */
const crossing = new ProgramBuilder()
  .header("h", [["a", 8]])
  .parser({ start: { ops: [extract("h")] } })
  .deparser("h")
  .action(
    "go",
    [],
    assign("standard_metadata.egress_spec", binary(field("standard_metadata.ingress_port"), "^", hex(1))),
  )
  .run("ingress", "tbl", "go")
  .text();

function makeFifos(at: string, names: readonly string[]): void {
  execFileSync(
    "mkfifo",
    names.map((name) => join(at, name)),
  );
}

/** The writing end of a FIFO; there has to be a reader. */
function writerOf(path: string): Socket {
  return ended(new Socket({ fd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), readable: false }));
}

/** Opens both ends of a FIFO and does nothing with them, so that whoever opens one of them waits for nobody. */
function keepOpen(path: string): void {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => {
    closeSync(fd);
  });
}

/** Frames of a FIFO that is a capture, one by one. */
async function* framesOf(path: string): AsyncGenerator<string> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const reader = new PcapReader();
  for await (const piece of ended(new Socket({ fd, readable: true, writable: false }))) {
    for (const frame of reader.read(piece as Buffer)) yield frame.toString("hex");
  }
}

function ended(socket: Socket): Socket {
  onTestFinished(() => {
    socket.destroy();
  });
  return socket;
}

function capture(...frames: readonly string[]): Buffer {
  return Buffer.concat([pcapHeader(), ...frames.map((frame) => pcapRecord(Buffer.from(frame, "hex"), 0))]);
}

async function startWithFifos(at: string, more: readonly string[] = []): Promise<Started> {
  await writeFile(join(at, "p.json"), crossing);
  const interfaces = ports.flatMap((port) => ["-i", `${port}@p${port}`]);
  const words = [...interfaces, "--use-files", "0", "--thrift-port", "0", "--log-console", ...more, "p.json"];
  return start(join(repository, "bin/p4switch"), words, at);
}

/** All ports are there; the run-time interface is so before them. */
async function opened({ thriftPort }: Started): Promise<void> {
  using client = await ThriftClient.connect(await thriftPort);
  await expect.poll(async () => (await client.call("bm_dev_mgr_show_ports", {})).length).toBe(ports.length);
}

async function stop({ child, errors }: Started): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGTERM");
  expect(await closed, errors()).toEqual([0, null]);
}

test(
  "eight ports on FIFOs: whoever comes first waits for nobody, and what is idle holds up nothing",
  limit,
  async () => {
    const at = await directory();
    makeFifos(
      at,
      ports.flatMap((port) => [`p${port}_in.pcap`, `p${port}_out.pcap`]),
    );
    const started = await startWithFifos(at);
    await opened(started);
    const outputs = ports.map((port) => framesOf(join(at, `p${port}_out.pcap`)));
    const inputs: Socket[] = [];
    // All inputs are open and idle while others are used.
    for (const port of ports.toReversed()) inputs[port] = writerOf(join(at, `p${port}_in.pcap`));
    for (const port of ports) {
      inputs[port]?.write(capture(`0${port}`, `1${port}`));
      expect((await outputs[port ^ 1]?.next())?.value).toBe(`0${port}`);
      expect((await outputs[port ^ 1]?.next())?.value).toBe(`1${port}`);
    }
    await stop(started);
    for (const output of outputs) expect((await output.next()).done).toBe(true);
  },
);

test("eight ports on FIFOs whose other ends are there already", limit, async () => {
  const at = await directory();
  const names = ports.flatMap((port) => [`p${port}_in.pcap`, `p${port}_out.pcap`]);
  makeFifos(at, names);
  for (const name of names) keepOpen(join(at, name));
  const outputs = ports.map((port) => framesOf(join(at, `p${port}_out.pcap`)));
  const inputs = ports.map((port) => writerOf(join(at, `p${port}_in.pcap`)));
  const started = await startWithFifos(at);
  await opened(started);
  for (const port of ports) {
    inputs[port]?.write(capture(`0${port}`));
    expect((await outputs[port ^ 1]?.next())?.value).toBe(`0${port}`);
  }
  await stop(started);
});

test(
  "a FIFO that nobody reads takes no more than a backlog, and holds nobody up when it is closed",
  limit,
  async () => {
    const at = await directory();
    makeFifos(at, ["out.pcap"]);
    const path = join(at, "out.pcap");
    const faults: Error[] = [];
    const writer = new CaptureWriter(path, (error) => faults.push(error));
    const frame = new Uint8Array(65_000).fill(7);
    for (let count = 0; count < 100; count++) writer.write(frame, 0, frame.length);
    expect(writer.dropped).toBeGreaterThan(20);
    expect(writer.dropped).toBeLessThan(60);
    const dropped = writer.dropped;
    // A reader that comes late finds all that was kept, from the beginning.
    const frames = framesOf(path);
    expect((await frames.next()).value).toBe("07".repeat(65_000));
    for (let count = 1; count < 100 - dropped; count++) expect((await frames.next()).done).toBe(false);
    await writer.close();
    expect((await frames.next()).done).toBe(true);
    const unread = new CaptureWriter(path, (error) => faults.push(error));
    for (let more = 0; more < 10; more++) unread.write(frame, 0, frame.length);
    await unread.close();
    expect(faults).toEqual([]);
  },
);

test("captures of a port may be FIFOs", limit, async () => {
  const at = await directory();
  makeFifos(at, ["p0_in.pcap", "p0_out.pcap"]);
  const faults: Error[] = [];
  const memory: PortOpener = (events) => Promise.resolve(new MemoryPort("p0", events));
  const opener = recordedPort(memory, capturesOf("p0", at), (error) => faults.push(error));
  const port = await opener({ packet: () => undefined, batchEnd: () => undefined });
  const frames = framesOf(join(at, "p0_out.pcap"));
  port.send(Uint8Array.of(1, 2, 3), 0, 3);
  expect((await frames.next()).value).toBe("010203");
  await port.close();
  expect((await frames.next()).done).toBe(true);
  expect(faults).toEqual([]);
});
