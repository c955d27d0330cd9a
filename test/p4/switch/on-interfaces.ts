/** In a namespace with the veth pairs a0-a1 and b0-b1: runs a switch between a0 and b0 and prints what comes out. */
import { openPacketSocket, type PacketSocket } from "../../../src/netdev/packet-socket.ts";
import { loadProgram, packetPort, SwitchDevice } from "../../../src/p4/switch/index.ts";
import { assign, choose, binary, extract, field, hex, ProgramBuilder } from "./program-builder.ts";

const text = new ProgramBuilder()
  .header("e", [
    ["dst", 48],
    ["src", 48],
    ["type", 16],
  ])
  .parser({ start: { ops: [extract("e")] } })
  .deparser("e")
  .action(
    "cross",
    [],
    assign(
      "standard_metadata.egress_spec",
      choose(binary(field("standard_metadata.ingress_port"), "==", hex(0)), hex(1), hex(0)),
    ),
  )
  .run("ingress", "tbl", "cross")
  .text();

const [a, b] = [openPacketSocket("a1"), openPacketSocket("b1")];
await using device = new SwitchDevice(loadProgram(text));
await device.addPort(0, packetPort("a0"));
await device.addPort(1, packetPort("b0"));

/** Only frames of this test; the kernel sends some of its own on an interface that comes up. */
const ours = (frame: Buffer): boolean => frame.subarray(6, 12).toString("hex") === "020000000abc";
const frames = (socket: PacketSocket, count: number): Promise<readonly string[]> =>
  new Promise((resolve) => {
    const received: string[] = [];
    socket.watch(() => {
      socket.receive((bytes, start, length) => {
        const frame = Buffer.from(bytes.subarray(start, start + length));
        if (ours(frame)) received.push(frame.toString("hex"));
      });
      if (received.length >= count) resolve(received);
    });
  });

const sent = {
  toB: [
    "ffffffffffff020000000abc88b5" + "01".repeat(50),
    "020000000001020000000abc8100a00588b5" + "02".repeat(50),
    "020000000001020000000abc88b5" + "03".repeat(1400),
  ],
  toA: ["020000000002020000000abc88a8000781000009" + "88b5" + "04".repeat(46)],
};
const atB = frames(b, sent.toB.length);
const atA = frames(a, sent.toA.length);
for (const [socket, texts] of [
  [a, sent.toB],
  [b, sent.toA],
] as const) {
  for (const frame of texts) {
    const bytes = Buffer.from(frame, "hex");
    socket.send(bytes, 0, bytes.length);
  }
  socket.flush();
}
const received = { toB: await atB, toA: await atA };
const missing = await device.addPort(2, packetPort("nowhere")).then(
  () => "opened",
  (error: unknown) => (error as Error).message,
);
console.log(
  JSON.stringify({
    sent,
    received,
    missing,
    drops: a.sendDrops + b.sendDrops,
    counted: device.control.engine.counters.sent,
  }),
);
a[Symbol.dispose]();
b[Symbol.dispose]();
