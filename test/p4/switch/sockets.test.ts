import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { loadProgram, MemoryPort, streamPort, SwitchDevice } from "../../../src/p4/switch/index.ts";
import { NotificationPublisher } from "../../../src/p4/switch/run/notifications.ts";
import { assign, extract, hex, ProgramBuilder } from "./program-builder.ts";

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "kestrel-p4-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** Bytes of a socket as they come, until there are so many. */
async function bytesOf(socket: Socket, count: number): Promise<string> {
  let bytes = Buffer.alloc(0);
  while (bytes.length < count) bytes = Buffer.concat([bytes, ...((await once(socket, "data")) as [Buffer])]);
  return bytes.toString("hex");
}

/** The other end of a stream port: a listener, and the connection to it. */
async function wireEnd(path: string): Promise<{ readonly connected: Promise<Socket> }> {
  const server = createServer();
  server.listen(path);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return { connected: once(server, "connection").then(([socket]) => socket as Socket) };
}

test("frames behind their lengths go from stream to stream, however they are cut on the way", async () => {
  const at = await directory();
  const text = new ProgramBuilder()
    .header("h", [["a", 8]])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("go", [], assign("h.a", hex(0xee)), assign("standard_metadata.egress_spec", hex(1)))
    .run("ingress", "tbl", "go")
    .text();
  await using device = new SwitchDevice(loadProgram(text));
  const ends = [await wireEnd(join(at, "a")), await wireEnd(join(at, "b"))];
  await device.addPort(0, streamPort(join(at, "a")));
  await device.addPort(1, streamPort(join(at, "b")));
  const [a, b] = await Promise.all(ends.map(({ connected }) => connected));
  if (a === undefined || b === undefined) throw new Error("not connected");
  const sent = Buffer.from("00000003 010203 00000001 04 00000002 0506".replaceAll(" ", ""), "hex");
  const arrived = bytesOf(b, sent.length);
  for (const byte of sent) {
    a.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await arrived).toBe("00000003ee020300000001ee00000002ee06");
  await device.removePort(0);
  await once(a, "close");
});

test("notifications are published as nanomsg messages in the format of BMv2", async () => {
  const address = `ipc://${join(await directory(), "n.ipc")}`;
  const publisher = await NotificationPublisher.listen(address, 3);
  onTestFinished(() => publisher[Symbol.asyncDispose]());
  const subscriber = connect(address.slice("ipc://".length));
  onTestFinished(() => {
    subscriber.destroy();
  });
  subscriber.write(Buffer.from("0053500000210000", "hex"));
  expect(await bytesOf(subscriber, 8)).toBe("0053500000200000");
  publisher.publish({ kind: "learn", listId: 1, bufferId: 5, samples: [Buffer.from("aabb", "hex")] });
  publisher.publish({ kind: "ageing", tableId: 2, bufferId: 6, handles: [0x01000007] });
  const learn = "4c45417c 0300000000000000 00000000 01000000 0500000000000000 01000000 aabb";
  const ageing = "4147457c 0300000000000000 00000000 0600000000000000 02000000 01000000 07000001";
  const expected = `01 0000000000000022 ${learn} 01 0000000000000024 ${ageing}`.replaceAll(" ", "");
  expect(await bytesOf(subscriber, expected.length / 2)).toBe(expected);
});

test("a device lets packets that wait for their rate out by its own clock", async () => {
  const text = new ProgramBuilder()
    .header("h", [["a", 8]])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("go", [], assign("standard_metadata.egress_spec", hex(1)))
    .run("ingress", "tbl", "go")
    .text();
  await using device = new SwitchDevice(loadProgram(text));
  const ports: MemoryPort[] = [];
  for (const number of [0, 1]) {
    await device.addPort(number, (events) => {
      const port = new MemoryPort(`m${number}`, events);
      ports.push(port);
      return Promise.resolve(port);
    });
  }
  await expect(device.addPort(1, streamPort("/nowhere"))).rejects.toThrow("port 1 is taken by m1");
  const [input, output] = ports;
  device.control.setQueueRate(100, 1);
  const startedAt = performance.now();
  for (const byte of [1, 2, 3]) input?.receive(Uint8Array.of(byte));
  expect(output?.sent.map((packet) => packet[0])).toEqual([1]);
  await vi.waitFor(
    () => {
      expect(output?.sent.map((packet) => packet[0])).toEqual([1, 2, 3]);
    },
    { timeout: 30_000, interval: 1 },
  );
  // The second packet leaves 10 ms after the first, the third 20 ms after it.
  expect(performance.now() - startedAt).toBeGreaterThan(15);
});
