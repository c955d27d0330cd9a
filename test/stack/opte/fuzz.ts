import assert from "node:assert/strict";
import {
  arp,
  build,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  packet,
  type Packet,
  payload,
  tcp,
  type TcpFlag,
  udp,
} from "../../../src/packet/index.ts";
import { IpAddress, IpPrefix } from "../../../src/stack/opte/engine/parse/address.ts";
import {
  configurationOf,
  defaultRules,
  fromBoundary,
  fromPeer,
  g1,
  g2,
  gatewayLinkLocal,
  gatewayMac,
  guestFrame,
  Sled,
  tunnelled,
  vni,
} from "./fixture.ts";

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
const zeroMac = "00:00:00:00:00:00";
/** A DHCPv4 DISCOVER. */
const discover = Buffer.alloc(300);
discover.write("010106", 0, "hex");
discover.write("63825363350101ff", 236, "hex");

const flags: readonly (readonly TcpFlag[])[] = [
  ...[["SYN"], ["SYN", "ACK"], ["ACK"], ["PSH", "ACK"], ["FIN", "ACK"], ["RST"], ["RST", "ACK"], []],
] as readonly (readonly TcpFlag[])[];
/** A connection's segments of one side, in any order. */
const segments = (side: (above: Layer) => Packet, srcPort: number, dstPort: number): readonly Packet[] =>
  flags.map((each) => side(tcp({ srcPort, dstPort, flags: [...each], sequence: 1, acknowledgment: 1 })));
const quoted = build(packet(ipv4({ src: g1.ip, dst: "1.1.1.1" }), udp({ srcPort: 1, dstPort: 2 })));
const quotedIn = build(packet(ipv4({ src: "10.60.1.20", dst: "1.1.1.1" }), udp({ srcPort: 1, dstPort: 2 })));
const quoted6 = build(packet(ipv6({ src: g1.ip6, dst: "2606::1" }), udp({ srcPort: 1, dstPort: 2 })));
const long = payload(new Uint8Array(1600).fill(7));
const solicited = "ff02::1:ffff:7777";
const link = (dst: string): Layer => ethernet({ src: g1.mac, dst });
const local = (dst: string, hopLimit = 255): Layer => ipv6({ src: g1.linkLocal, dst, hopLimit });

/** Frames that pass, or nearly, to be changed at random. */
const templates = {
  out: [
    ...segments((above) => guestFrame(g1, g1.ip, g2.ip, above, body), 1, 2),
    ...segments((above) => guestFrame(g1, g1.ip6, g2.ip6, above, body), 1, 2),
    ...segments((above) => guestFrame(g1, g1.ip, "1.1.1.1", above), 1, 2),
    guestFrame(g1, g1.ip, "1.1.1.1", udp({ srcPort: 1, dstPort: 2 }), body),
    guestFrame(g1, g1.ip, "1.1.1.1", icmp({ message: "echo-request", ...echo }), body),
    guestFrame(g1, g1.ip6, "2606::1", icmpv6({ message: "echo-request", ...echo }), body),
    guestFrame(g1, g1.ip, "1.1.1.1", icmp({ message: "destination-unreachable", code: 3 }), payload(quoted)),
    guestFrame(g1, g1.ip6, "2606::1", icmpv6({ message: "destination-unreachable", code: 3 }), payload(quoted6)),
    guestFrame(g1, g1.ip, "172.30.0.1", icmp({ message: "echo-request", ...echo }), body),
    guestFrame(g1, g1.ip6, gatewayLinkLocal, icmpv6({ message: "echo-request", ...echo }), body),
    guestFrame(g1, g1.ip6, g2.ip6, udp({ srcPort: 546, dstPort: 547 }), body),
    // Longer than the port's MTU.
    guestFrame(g1, g1.ip, g2.ip, udp({ srcPort: 1, dstPort: 2 }), long),
    guestFrame(g1, g1.ip6, "2606::1", udp({ srcPort: 1, dstPort: 2 }), long),
    // For the agent.
    guestFrame(g1, g1.ip, "169.254.169.254", udp({ srcPort: 1, dstPort: 53 }), body),
    // To a group, with and without a mapping.
    guestFrame(g1, g1.ip, "224.0.0.251", udp({ srcPort: 1, dstPort: 5353 }), body),
    guestFrame(g1, g1.ip6, "ff05::fb", udp({ srcPort: 1, dstPort: 5353 }), body),
    // Neighbours and routers.
    packet(
      link("ff:ff:ff:ff:ff:ff"),
      arp({ operation: "request", senderMac: g1.mac, senderIp: g1.ip, targetMac: zeroMac, targetIp: "172.30.0.1" }),
    ),
    packet(
      link("ff:ff:ff:ff:ff:ff"),
      arp({ operation: "request", senderMac: g1.mac, senderIp: g1.ip, targetMac: zeroMac, targetIp: g2.ip }),
    ),
    packet(link("33:33:00:00:00:02"), local("ff02::2"), icmpv6({ message: "router-solicitation", options: [] })),
    packet(
      link("33:33:ff:ff:77:77"),
      local(solicited),
      icmpv6({ message: "neighbor-solicitation", target: gatewayLinkLocal, options: [] }),
    ),
    packet(
      link(gatewayMac),
      local(gatewayLinkLocal),
      icmpv6({ message: "neighbor-solicitation", target: g2.linkLocal, options: [] }),
    ),
    packet(
      ethernet({ src: g1.mac, dst: gatewayMac }),
      ipv6({ src: g1.linkLocal, dst: "ff02::1:2" }),
      udp({ srcPort: 546, dstPort: 547 }),
      payload(Buffer.from("01abcdef000100020001000800020000000300180000000000000000000000000005000c", "hex")),
    ),
    guestFrame(g1, "0.0.0.0", "255.255.255.255", udp({ srcPort: 68, dstPort: 67 }), payload(new Uint8Array(300))),
    packet(
      link("ff:ff:ff:ff:ff:ff"),
      ipv4({ src: "0.0.0.0", dst: "255.255.255.255" }),
      udp({ srcPort: 68, dstPort: 67 }),
      payload(discover),
    ),
  ].map(build),
  in: [
    ...segments((above) => fromPeer(g2, g1, g2.ip, g1.ip, vni, above, body), 2, 1),
    ...segments((above) => fromPeer(g2, g1, g2.ip6, g1.ip6, vni, above, body), 2, 1),
    ...segments((above) => fromBoundary(g1, "1.1.1.1", "10.60.1.20", above), 2, 22),
    fromPeer(g2, g1, g2.ip6, g1.ip6, vni, udp({ srcPort: 2, dstPort: 1 }), body),
    fromPeer(g2, g1, g2.ip, g1.ip, 1234, udp({ srcPort: 2, dstPort: 1 }), body),
    fromPeer(g2, g1, g2.ip, g1.ip, vni, udp({ srcPort: 2, dstPort: 1 }), long),
    fromPeer(g2, g1, g2.ip, "224.0.0.251", 77, udp({ srcPort: 2, dstPort: 5353 }), body),
    fromBoundary(g1, "1.1.1.1", g1.snat.address, udp({ srcPort: 2, dstPort: 4096 })),
    fromBoundary(g1, "1.1.1.1", "10.60.1.20", icmp({ message: "destination-unreachable", code: 1 }), body),
    fromBoundary(g1, "1.1.1.1", "10.60.1.20", icmp({ message: "destination-unreachable", code: 1 }), payload(quotedIn)),
    fromBoundary(g1, "1.1.1.1", "10.60.1.20", udp({ srcPort: 2, dstPort: 1 }), long),
    tunnelled(
      "::",
      "ff04::e000:fb",
      77,
      [{ option: "multicast", replication: "both" }],
      [
        ethernet({ src: g2.mac, dst: "01:00:5e:00:00:fb" }),
        ipv4({ src: g2.ip, dst: "224.0.0.251" }),
        udp({ srcPort: 2, dstPort: 5353 }),
        body,
      ],
    ),
    tunnelled(
      g2.sled,
      g1.sled,
      vni,
      [{ option: "maximum-segment-size", size: 20 }],
      [
        ethernet({ src: g2.mac, dst: g1.mac }),
        ipv4({ src: g2.ip, dst: g1.ip }),
        tcp({ srcPort: 2, dstPort: 1, flags: ["ACK"] }),
        body,
      ],
    ),
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
  sled.opte.setM2p(IpAddress.parse("224.0.0.251"), IpAddress.parse("ff04::e000:fb"));
  sled.opte.subscribe("g1", IpAddress.parse("224.0.0.251"), { mode: "exclude", sources: [] });
  const metadata = [IpAddress.parse("169.254.169.254")];
  sled.port.gatekeeper.setServices({ dns: [], metadata, framesPerSecond: 100 }, sled.now);
  for (let i = 0; i < count; i++) {
    const direction = random(2) === 0 ? "out" : "in";
    const list = templates[direction];
    const frame = changed(list[random(list.length)] ?? new Uint8Array(), random);
    const verdict = direction === "out" ? sled.out(frame) : sled.in(frame);
    assert.ok(verdicts.has(verdict), verdict);
    sled.opte.agentQueue.take();
    sled.sent.length = 0;
    if (random(64) === 0) sled.now += random(2000);
    if (random(1024) === 0) change(sled, random(7));
    if (random(512) === 0) sled.opte.expire(sled.now);
  }
  sled.opte.expire(sled.now + 20_000_000);
  const { store } = sled.port.port;
  const left = [
    ...[store.uftIn, store.uftOut, store.tcp].map(({ size }) => size),
    ...store.layers.flatMap(({ size, translated }) => [size, translated]),
  ];
  assert.deepEqual(
    left,
    left.map(() => 0),
  );
  const pool = sled.port.external(4).snat?.pool;
  const ports = g1.snat.last - g1.snat.first + 1;
  assert.deepEqual([pool?.free("tcp"), pool?.free("udp"), pool?.free("icmp")], [ports, ports, ports]);
}

const verdicts: ReadonlySet<string> = new Set([
  "modified",
  "drop",
  "hairpin",
  "error",
  "agent",
  "bad-packet",
  "not-ours",
]);

/** Something that the control plane may do at any time. */
function change(sled: Sled, kind: number): void {
  switch (kind) {
    case 0:
      sled.v2p(g2.ip, g2.mac, sled.now % 2 === 0 ? g2.sled : "fd00:0:f7:117::1");
      break;
    case 1:
      sled.firewall(...defaultRules, "dir=in action=allow priority=10 protocol=icmp");
      break;
    case 2:
      sled.firewall(...defaultRules, "dir=out action=deny priority=10 protocol=udp");
      break;
    case 3: {
      const floating = sled.now % 2 === 0 ? ["10.60.1.20"] : [];
      sled.port.setExternalIps({ ipv4: { snat: g1.snat, floating }, ipv6: { snat: g1.snat6 } });
      break;
    }
    case 4:
      sled.port.port.clearUft();
      break;
    case 5:
      sled.port.port.clearLft("firewall");
      break;
    default:
      sled.opte.v2b.set(IpPrefix.parse("1.0.0.0/8"), [IpAddress.parse("fd00:99::2")]);
  }
}

function changed(template: Uint8Array, random: (below: number) => number): Uint8Array {
  const kind = random(8);
  if (kind === 0) return Uint8Array.from({ length: random(200) }, () => random(256));
  const frame = template.slice(0, kind === 1 ? random(template.length + 1) : template.length);
  for (let flips = random(kind === 2 ? 12 : 3); flips > 0; flips--) frame[random(frame.length || 1)] = random(256);
  return frame;
}
