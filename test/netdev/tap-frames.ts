/** In a network namespace of its own: a TAP device between the kernel and this program; prints what passed. */
import { addAddress } from "../../src/netdev/addresses.ts";
import { deleteLink, findLink, parseLinkEvent, setLink } from "../../src/netdev/links.ts";
import { listNeighbours } from "../../src/netdev/neighbours.ts";
import { openNetlinkSocket, watchNetlink } from "../../src/netdev/netlink-socket.ts";
import { openPacketSocket } from "../../src/netdev/packet-socket.ts";
import { openTap } from "../../src/netdev/tap.ts";

const socket = openNetlinkSocket();
const failure = (name: string): string => {
  try {
    openTap(name)[Symbol.dispose]();
    return "opened";
  } catch (error) {
    return (error as Error).message;
  }
};

const tap = openTap("tfportrear0_0");
const taken = failure("tfportrear0_0");
const badNames = ["", "a/b", "sixteen-letters-", "t%d"].map(failure);
await setLink(socket, tap.index, { mac: "02:00:00:00:00:01", addressGeneration: "none", up: true });
const link = await findLink(socket, tap.name);

const carriers: boolean[] = [];
let onCarrier: () => void = () => undefined;
using _watch = watchNetlink(["links"], {
  message: (message) => {
    const event = parseLinkEvent(message);
    if (event?.link.index !== tap.index || event.link.carrier === carriers.at(-1)) return;
    carriers.push(event.link.carrier);
    onCarrier();
  },
  lost: () => undefined,
});
const carrierOf = (up: boolean): Promise<void> =>
  new Promise((resolve) => {
    onCarrier = () => {
      if (carriers.at(-1) === up) resolve();
    };
    tap.setCarrier(up);
  });
await carrierOf(false);
await carrierOf(true);

// From the kernel: 70 frames, so that a batch is not enough.
await addAddress(socket, { index: tap.index, address: "fd00::1", prefixLength: 64 });
using sender = openPacketSocket(tap.name);
const isOurs = (bytes: Uint8Array, start: number): boolean => bytes[start + 12] === 0x88 && bytes[start + 13] === 0xb5;
const frames: string[] = [];
const batches: number[] = [];
const arrived = new Promise<void>((resolve) => {
  tap.watch(() => {
    batches.push(
      tap.receive((bytes, start, length) => {
        if (isOurs(bytes, start)) frames.push(Buffer.from(bytes.subarray(start, start + length)).toString("hex"));
      }),
    );
    if (frames.length >= 70) resolve();
  });
});
const sent = Array.from({ length: 70 }, (_, at) => `02000000000202000000000188b5${"ab".repeat(46 + at)}`);
for (const frame of sent) {
  const bytes = Buffer.from(frame, "hex");
  sender.send(bytes, 0, bytes.length);
}
sender.flush();
await arrived;

// To the kernel: it learns a neighbour from a solicitation, and its answer comes back to this end.
const solicitation = Buffer.from(
  "3333ff000001" +
    "020000000002" +
    "86dd" +
    "6000000000203aff" +
    "fd000000000000000000000000000002" +
    "ff0200000000000000000001ff000001" +
    "8700" +
    "0000" +
    "00000000" +
    "fd000000000000000000000000000001" +
    "0101020000000002",
  "hex",
);
let sum = 0x20 + 0x3a;
for (let at = 22; at < solicitation.length; at += 2) sum += solicitation.readUInt16BE(at);
while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
solicitation.writeUInt16BE(~sum & 0xffff, 56);
const padded = Buffer.concat([Buffer.alloc(7), solicitation, Buffer.alloc(9)]);
tap.send(padded, 7, solicitation.length);
const learnt = (await listNeighbours(socket, tap.index)).find(({ address }) => address === "fd00::2")?.mac;
const acceptedDrops = tap.sendDrops;
await setLink(socket, tap.index, { up: false });
tap.send(padded, 7, solicitation.length);

tap[Symbol.dispose]();
tap[Symbol.dispose]();
tap.send(padded, 0, 60);
const gone = (await findLink(socket, "tfportrear0_0")) === undefined;

// One that somebody else deletes is not ready for ever, and can still be closed.
const deleted = openTap("t1");
await setLink(socket, deleted.index, { up: true });
const readiness = new Promise<number>((resolve) => {
  deleted.watch(() => {
    resolve(deleted.receive(() => undefined));
  });
});
await deleteLink(socket, deleted.index);
const afterDeletion = await readiness;
deleted[Symbol.dispose]();
socket[Symbol.dispose]();
console.log(
  JSON.stringify({
    link,
    taken,
    badNames,
    carriers,
    intact: JSON.stringify(frames) === JSON.stringify(sent),
    largestBatch: Math.max(...batches),
    learnt,
    acceptedDrops,
    drops: tap.sendDrops,
    gone,
    afterDeletion,
  }),
);
