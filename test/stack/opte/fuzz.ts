import assert from "node:assert/strict";
import { build, ethernet, icmp, icmpv6, ipv6, packet, payload, tcp, udp } from "../../../src/packet/index.ts";
import { configurationOf, fromBoundary, fromPeer, g1, g2, gatewayMac, guestFrame, Sled, vni } from "./fixture.ts";

/** Numbers that follow from their seed (xorshift32). */
function generator(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const echo = { identifier: 7, sequence: 1 };
const body = payload(new Uint8Array(40).fill(0x45));

/** Frames that pass, or nearly, to be changed at random. */
const templates = {
  out: [
    guestFrame(g1, g1.ip, g2.ip, tcp({ srcPort: 1, dstPort: 2, flags: ["SYN"] }), body),
    guestFrame(g1, g1.ip, "1.1.1.1", tcp({ srcPort: 1, dstPort: 2, flags: ["SYN"] })),
    guestFrame(g1, g1.ip, "1.1.1.1", udp({ srcPort: 1, dstPort: 2 }), body),
    guestFrame(g1, g1.ip, "1.1.1.1", icmp({ message: "echo-request", ...echo }), body),
    guestFrame(g1, g1.ip6, "2606::1", icmpv6({ message: "echo-request", ...echo }), body),
    guestFrame(g1, g1.ip6, g2.ip6, udp({ srcPort: 546, dstPort: 547 }), body),
    packet(
      ethernet({ src: g1.mac, dst: gatewayMac }),
      ipv6({ src: g1.linkLocal, dst: "ff02::1:2" }),
      udp({ srcPort: 546, dstPort: 547 }),
      payload(Buffer.from("01abcdef000100020001000800020000000300180000000000000000000000000005000c", "hex")),
    ),
    guestFrame(g1, "0.0.0.0", "255.255.255.255", udp({ srcPort: 68, dstPort: 67 }), payload(new Uint8Array(300))),
  ].map(build),
  in: [
    fromPeer(g2, g1, g2.ip, g1.ip, vni, tcp({ srcPort: 2, dstPort: 1, flags: ["SYN"] }), body),
    fromPeer(g2, g1, g2.ip6, g1.ip6, vni, udp({ srcPort: 2, dstPort: 1 }), body),
    fromBoundary(g1, "1.1.1.1", g1.snat.address, udp({ srcPort: 2, dstPort: 4096 })),
    fromBoundary(g1, "1.1.1.1", "10.60.1.20", icmp({ message: "destination-unreachable", code: 1 }), body),
    fromBoundary(g1, "1.1.1.1", "10.60.1.20", tcp({ srcPort: 2, dstPort: 22, flags: ["SYN"] })),
  ].map(build),
};

/**
 * Give `count` random frames to an engine, in both directions: valid ones, changed ones, cut ones, noise. Throws if one of
 * them makes it throw, or leaves an entry, or a port of a NAT pool, behind for longer than it may live.
 */
export function fuzz(count: number, seed: number): void {
  const random = generator(seed);
  const configuration = configurationOf(g1);
  const sled = Sled.standard(g1, {
    ...configuration,
    ipv4: { ...configuration.ipv4, floating: ["10.60.1.20"] },
  });
  sled.route("0.0.0.0/0", "ig");
  sled.route("::/0", "ig");
  sled.allow("dir=in action=allow priority=10 protocol=icmp");
  for (let i = 0; i < count; i++) {
    const direction = random(2) === 0 ? "out" : "in";
    const list = templates[direction];
    const frame = changed(list[random(list.length)] ?? new Uint8Array(), random);
    const verdict = direction === "out" ? sled.out(frame) : sled.in(frame);
    assert.equal(typeof verdict, "string");
    sled.sent.length = 0;
    if (random(64) === 0) sled.now += random(2000);
    if (random(512) === 0) sled.opte.expire(sled.now);
  }
  sled.opte.expire(sled.now + 20_000_000);
  const { store } = sled.port.port;
  const left = [store.uftIn, store.uftOut, store.tcp, ...store.layers.flatMap((layer) => [layer.in, layer.out])];
  assert.deepEqual(
    left.map(({ size }) => size),
    left.map(() => 0),
  );
  const pool = sled.port.external(4).snat?.pool;
  const ports = g1.snat.last - g1.snat.first + 1;
  assert.deepEqual([pool?.free("tcp"), pool?.free("udp"), pool?.free("icmp")], [ports, ports, ports]);
}

function changed(template: Uint8Array, random: (below: number) => number): Uint8Array {
  const kind = random(8);
  if (kind === 0) return Uint8Array.from({ length: random(200) }, () => random(256));
  const frame = template.slice(0, kind === 1 ? random(template.length + 1) : template.length);
  for (let flips = random(kind === 2 ? 12 : 3); flips > 0; flips--) frame[random(frame.length || 1)] = random(256);
  return frame;
}
