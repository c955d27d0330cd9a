import { describe, expect, test } from "vitest";
import {
  asksForBackground,
  backgroundKind,
  type BackgroundKind,
  everydayBackground,
  isBackground,
} from "../../src/flow/background.ts";
import type { FramePattern } from "../../src/flow/pattern.ts";
import {
  arp,
  bfd,
  bgp,
  build,
  ddm,
  ddmDiscovery,
  ddmDiscoveryGroup,
  ethernet,
  geneve,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  lldp,
  padding,
  packet,
  parse,
  payload,
  tcp,
  udp,
  vlan,
} from "../../src/packet/index.ts";

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const v4 = ipv4({ src: "10.0.0.1", dst: "10.0.0.2" });
const v6 = ipv6({ src: "fe80::1", dst: "fe80::2" });
const request = arp({ operation: "request", senderMac: link.src, senderIp: v4.src, targetIp: v4.dst });
const solicitation = icmpv6({ message: "neighbor-solicitation", target: "fe80::2", options: [] });
const session = tcp({ srcPort: 179, dstPort: 50000, flags: ["PSH", "ACK"] });
const keepalive = bgp({ message: "keepalive" });
const update = bgp({ message: "update", withdrawn: ["10.0.0.0/8"], attributes: [], announced: [] });
const tunnel = [link, v6, udp({ srcPort: 9655, dstPort: 6081, checksum: 0 }), geneve({ vni: 1001 })];

const background: readonly (readonly [name: string, kind: BackgroundKind, layers: readonly Layer[]])[] = [
  ["ARP", "arp", [link, request, padding(18)]],
  ["ARP in a VLAN", "arp", [link, vlan({ id: 5 }), request]],
  ["an IGMP report", "igmp", [link, { ...v4, protocol: 2 }, payload("abcdefgh")]],
  ["an MLD report", "mld", [link, v6, icmpv6({ message: "mldv2-report", records: [] })]],
  ["a router solicitation", "router-discovery", [link, v6, icmpv6({ message: "router-solicitation", options: [] })]],
  ["a neighbour solicitation", "neighbor-discovery", [link, v6, solicitation]],
  [
    "a DDM solicitation",
    "ddm",
    [
      link,
      ipv6({ src: "fe80::1", dst: ddmDiscoveryGroup }),
      udp({ srcPort: 3549, dstPort: 3549 }),
      ddmDiscovery({ solicit: true, router: "server", hostname: "s1" }),
    ],
  ],
  ["a segment of a DDM exchange", "ddm", [link, v6, tcp({ srcPort: 50000, dstPort: 0xdddd }), payload("PUT")]],
  ["a DDM acknowledgment", "ddm", [link, v6, ddm({ acknowledgment: true, elements: [{ id: 1, timestamp: 2 }] })]],
  ["LLDP", "lldp", [link, lldp({ tlvs: [{ tlv: "time-to-live", seconds: 120 }] })]],
  ["BFD", "bfd", [link, v6, udp({ srcPort: 50000, dstPort: 3784 }), bfd({ state: "up", myDiscriminator: 1 })]],
  ["BGP keepalives", "bgp-keepalive", [link, v4, session, keepalive, keepalive]],
  [
    "an acknowledgment of BGP",
    "bgp-keepalive",
    [link, v4, tcp({ srcPort: 50000, dstPort: 179, flags: ["ACK"] }), padding(6)],
  ],
];

const foreground: readonly (readonly [name: string, layers: readonly Layer[]])[] = [
  ["ARP in Geneve", [...tunnel, link, request]],
  ["neighbour discovery in Geneve", [...tunnel, link, v6, solicitation]],
  ["BFD in Geneve", [...tunnel, link, ...(background[10]?.[2].slice(1) ?? [])]],
  ["neighbour discovery in IPv6 in IPv6", [link, v6, v6, solicitation]],
  ["an echo request", [link, v6, icmpv6({ message: "echo-request", identifier: 1, sequence: 1 })]],
  ["a BGP update behind a keepalive", [link, v4, session, keepalive, update]],
  ["the rest of a BGP message", [link, v4, session, payload("tail")]],
  ["the begin of a BGP session", [link, v4, tcp({ srcPort: 50000, dstPort: 179, flags: ["SYN"] })]],
  ["the end of a BGP session", [link, v4, tcp({ srcPort: 50000, dstPort: 179, flags: ["FIN", "ACK"] })]],
  [
    "a packet with a DDM header",
    [link, v6, ddm({ elements: [{ id: 1, timestamp: 2 }] }), udp({ srcPort: 1, dstPort: 9 })],
  ],
  ["an acknowledgment of another connection", [link, v4, tcp({ srcPort: 50000, dstPort: 80, flags: ["ACK"] })]],
];

describe("backgroundKind", () => {
  test.each(background)("of %s is %s", (_, kind, layers) => {
    const frame = parse(build(packet(...layers)));
    expect(backgroundKind(frame)).toBe(kind);
    expect(isBackground(frame)).toBe(true);
    expect(isBackground(frame, new Set([kind]))).toBe(true);
    expect(isBackground(frame, new Set([...everydayBackground].filter((each) => each !== kind)))).toBe(false);
  });

  test.each(foreground)("of %s is none", (_, layers) => {
    const frame = parse(build(packet(...layers)));
    expect(backgroundKind(frame)).toBeUndefined();
    expect(isBackground(frame)).toBe(false);
  });

  test("knows a frame of every kind", () => {
    expect(new Set(background.map(([, kind]) => kind))).toEqual(everydayBackground);
  });
});

describe("asksForBackground", () => {
  test.each<[string, FramePattern]>([
    ["ARP", { arp: {} }],
    ["a protocol of IPv4", { ipv4: { protocol: 2 } }],
    ["a message of ICMPv6", { icmpv6: { message: "router-advertisement" } }],
    ["DDM discovery", { "ddm-discovery": { solicit: true } }],
    ["a DDM acknowledgment", { ddm: { acknowledgment: true } }],
    ["LLDP", { lldp: {} }],
    ["BFD in a list", { bfd: [{ state: "up" }] }],
    ["a message of BGP", { bgp: [{}, { message: "keepalive" }] }],
    ["the port of BFD", { udp: { dstPort: 3784 } }],
    ["the port of the DDM exchange", { tcp: { srcPort: 0xdddd } }],
  ])("is true of %s", (_, pattern) => {
    expect(asksForBackground(pattern)).toBe(true);
  });

  test.each<[string, FramePattern]>([
    ["any frame", {}],
    ["any ICMPv6", { icmpv6: {} }],
    ["any BGP message", { bgp: {} }],
    ["a DDM header", { ddm: {} }],
    ["another port", { udp: { dstPort: 9 }, tcp: { dstPort: 80 } }],
    ["no ARP", { arp: false, lldp: false }],
    ["a function", () => true],
  ])("is false of %s", (_, pattern) => {
    expect(asksForBackground(pattern)).toBe(false);
  });
});
