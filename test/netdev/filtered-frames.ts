/** In a network namespace of its own: what a socket with a filter gets of the frames on a veth pair, and what one without. */
import { createVeth } from "../../src/netdev/links.ts";
import { openNetlinkSocket } from "../../src/netdev/netlink-socket.ts";
import { passIpv6NextHeader } from "../../src/netdev/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../../src/netdev/packet-socket.ts";

const netlink = openNetlinkSocket();
await createVeth(
  netlink,
  { name: "va", addressGeneration: "none", up: true },
  { name: "vb", addressGeneration: "none", up: true },
);
netlink[Symbol.dispose]();
const frame = (etherType: string, nextHeader: string, mark: string): Buffer =>
  Buffer.from(`020000000002020000000abc${etherType}60000000000c${nextHeader}40${mark.repeat(44)}`, "hex");
const frames = [
  frame("86dd", "dd", "01"),
  frame("86dd", "11", "02"),
  frame("0800", "dd", "03"),
  Buffer.from("020000000002020000000abc86dd60", "hex"),
  frame("86dd", "dd", "04"),
  // The last, which the other socket takes too.
  frame("86dd", "3a", "05"),
];

const sender = openPacketSocket("va");
const filtered = openPacketSocket("vb", { filter: passIpv6NextHeader(0xdd), promiscuous: false });
const unfiltered = openPacketSocket("vb");
const marksOf = (socket: PacketSocket): string[] => {
  const marks: string[] = [];
  socket.receive((bytes, start, length) => {
    const taken = Buffer.from(bytes.subarray(start, start + length));
    if (taken.subarray(6, 12).toString("hex") === "020000000abc") marks.push(taken.subarray(-1).toString("hex"));
  });
  return marks;
};
const all = new Promise<readonly string[]>((resolve) => {
  const marks: string[] = [];
  unfiltered.watch(() => {
    marks.push(...marksOf(unfiltered));
    if (marks.length >= frames.length) resolve([...marks]);
  });
});
for (const bytes of frames) sender.send(bytes, 0, bytes.length);
sender.flush();
const everything = await all;
const passed = marksOf(filtered);

// A socket that is closed while it hands on frames hands on no more.
for (const bytes of [frames[0], frames[4], frames[0]]) if (bytes !== undefined) sender.send(bytes, 0, bytes.length);
sender.flush();
let afterClose = 0;
await new Promise<void>((resolve) => {
  filtered.watch(() => {
    filtered.receive(() => {
      afterClose += 1;
      filtered[Symbol.dispose]();
    });
    resolve();
  });
});
unfiltered[Symbol.dispose]();
sender[Symbol.dispose]();
console.log(JSON.stringify({ everything, passed, afterClose }));
