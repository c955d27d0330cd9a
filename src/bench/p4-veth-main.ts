import { fork } from "node:child_process";
import { on } from "node:events";
import { fileURLToPath } from "node:url";
import { openPacketSocket } from "../netdev/packet-socket.ts";
import { loadProgram, packetPort, SwitchDevice } from "../p4/switch/index.ts";
import { routedPacket, routerProgram, routerTable } from "./lpm-router.ts";
import { median } from "./statistics.ts";

/*
 * The socket part of the P4 benchmark, in a network namespace that has the veth pairs a0-a1 and b0-b1:
 *   (no argument)  the switch, port 0 on a0 and port 1 on b0; starts its peer, prints {packetsPerSecond, nsPerPacket}:
 *                  by the clock, the median of the rounds; processor time of the switch, the best of them
 *   peer           sends into a1 and receives on b1, with a fixed number of packets under way
 */

/** Packets under way: enough to fill batches, few enough that no queue overflows. */
const windowPackets = 512;
const warmUpMs = 1500;
const roundMs = 1000;
const rounds = 6;

async function runSwitch(): Promise<void> {
  await using device = new SwitchDevice(loadProgram(routerProgram("lpm")));
  const key = { kind: "lpm", value: 0x0a000000n, prefixLength: 8 } as const;
  device.control.table(routerTable).add([key], "ipv4_forward", [0x0200_0000_0001n, 1n], 0, 0);
  await device.addPort(0, packetPort("a0"));
  await device.addPort(1, packetPort("b0"));
  const peer = fork(fileURLToPath(import.meta.url), ["peer"]);
  const { counters } = device.control.engine;
  const packetsPerSecond: number[] = [];
  let nsPerPacket = Infinity;
  let before = { cpu: process.cpuUsage(), sent: counters.sent };
  for await (const [round] of on(peer, "message") as AsyncIterable<[number]>) {
    const { user, system } = process.cpuUsage(before.cpu);
    const sent = counters.sent - before.sent;
    before = { cpu: process.cpuUsage(), sent: counters.sent };
    // The first is the warm-up.
    if (round >= 0) {
      packetsPerSecond.push(round);
      nsPerPacket = Math.min(nsPerPacket, ((user + system) * 1000) / sent);
    }
    if (packetsPerSecond.length === rounds) break;
  }
  console.log(JSON.stringify({ packetsPerSecond: median(packetsPerSecond), nsPerPacket }));
  peer.kill();
}

function runPeer(): void {
  const sender = openPacketSocket("a1");
  const receiver = openPacketSocket("b1", { waiting: 2 * windowPackets });
  const packet = routedPacket(0x0a000001);
  let underWay = 0;
  let received = 0;
  let lastArrival = performance.now();
  const top = (): void => {
    for (; underWay < windowPackets; underWay += 1) sender.send(packet, 0, packet.length);
    sender.flush();
  };
  receiver.watch(() => {
    for (;;) {
      const count = receiver.receive(() => undefined);
      if (count === 0) break;
      received += count;
      underWay -= count;
    }
    lastArrival = performance.now();
    top();
  });
  // Packets that were lost never come back: without this the window would close for good.
  setInterval(() => {
    if (performance.now() - lastArrival < 100) return;
    underWay = 0;
    top();
  }, 100);
  top();
  setTimeout(() => {
    let before = received;
    let since = performance.now();
    process.send?.(-1);
    setInterval(() => {
      const now = performance.now();
      process.send?.(((received - before) * 1000) / (now - since));
      before = received;
      since = now;
    }, roundMs);
  }, warmUpMs);
}

if (process.argv[2] === "peer") runPeer();
else await runSwitch();
