/** In a network namespace of its own: what a packet socket takes of frames of all lengths, of floods, and after its interface was down. */
import { createVeth, deleteLink, findLink, setLink } from "../../src/netdev/links.ts";
import { openNetlinkSocket } from "../../src/netdev/netlink-socket.ts";
import { openPacketSocket } from "../../src/netdev/packet-socket.ts";

const waiting = 64;
const netlink = openNetlinkSocket();
const quiet = { addressGeneration: "none", mtu: 65_535, up: true } as const;
await createVeth(netlink, { ...quiet, name: "va" }, { ...quiet, name: "vb" });
const sender = openPacketSocket("va");
const receiver = openPacketSocket("vb", { waiting });

/** A frame of ours, marked in its last four bytes. */
function frame(mark: number, length: number, tag = ""): Buffer {
  const start = Buffer.from(`020000000002020000000abc${tag}88b5`, "hex");
  const bytes = Buffer.concat([start, Buffer.alloc(length - start.length, mark)]);
  bytes.writeUInt32BE(mark, length - 4);
  return bytes;
}

interface Seen {
  readonly mark: number;
  readonly length: number;
  readonly same: boolean;
}

let expected = new Map<number, Buffer>();
const seen: Seen[] = [];
let enough = { count: Infinity, resolve: (): void => undefined };
function drain(): void {
  receiver.receive((bytes, start, length) => {
    const taken = Buffer.from(bytes.subarray(start, start + length));
    if (taken.toString("hex", 6, 12) !== "020000000abc") return;
    const mark = taken.readUInt32BE(length - 4);
    seen.push({ mark, length, same: expected.get(mark)?.equals(taken) ?? false });
  });
  if (seen.length >= enough.count) enough.resolve();
}
receiver.watch(drain);

/** Send frames at once; resolves with those that were taken, when there are `count`. */
async function exchange(frames: readonly Buffer[], count: number): Promise<readonly Seen[]> {
  expected = new Map(frames.map((bytes) => [bytes.readUInt32BE(bytes.length - 4), bytes]));
  seen.length = 0;
  const arrived = new Promise<void>((resolve) => {
    enough = { count, resolve };
  });
  for (const bytes of frames) sender.send(bytes, 0, bytes.length);
  sender.flush();
  await arrived;
  return [...seen];
}

const lengths = [60, 1514, 1980, 1981, 1982, 1983, 2048, 9014, 65_549, 61, 9018, 62];
const mixed = await exchange(
  lengths.map((length, at) => frame(at, length, [4, 7, 10].includes(at) ? "8100a005" : "")),
  lengths.length,
);
// Several times round the ring.
const round: Seen[] = [];
for (let turn = 0; turn < 8; turn += 1) {
  const frames = Array.from({ length: 40 }, (_, at) => frame(100 + at, at % 10 === 0 ? 3000 : 60 + at));
  round.push(...(await exchange(frames, 40)));
}
// More than may wait: nobody takes frames while they are sent.
const flood = await exchange(
  Array.from({ length: 10 * waiting }, (_, at) => frame(1000 + at, 100)),
  waiting,
);
const afterFlood = await exchange([frame(1, 80), frame(2, 5000)], 2);

const index = (await findLink(netlink, "vb"))?.index ?? 0;
for (const up of [false, true]) await setLink(netlink, index, { up });
const afterDown = await exchange([frame(3, 80), frame(4, 5000)], 2);
await deleteLink(netlink, index);
const dropsBefore = sender.sendDrops;
sender.send(frame(5, 80), 0, 80);
sender.flush();
const gone = { taken: receiver.receive(() => undefined), drops: sender.sendDrops - dropsBefore };
for (const each of [sender, receiver, netlink]) each[Symbol.dispose]();
console.log(JSON.stringify({ waiting, lengths, mixed, round, flood, afterFlood, afterDown, gone }));
