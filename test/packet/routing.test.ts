import { describe as suite, expect, test } from "vitest";
import {
  bfd,
  bgp,
  build,
  describe,
  ethernet,
  explain,
  ipv6,
  type Layer,
  lldp,
  lldpMac,
  packet,
  padding,
  parse,
  payload,
  tcp,
  udp,
} from "../../src/packet/index.ts";
import { faultsOf } from "./faults.ts";

/*
 * Bodies laid out by hand from the pictures of the RFCs and of IEEE 802.1AB; the headers below them have golden tests of
 * their own.
 */

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const v6 = ipv6({ src: "fe80::1", dst: "fe80::2" });
const session = tcp({ srcPort: 50000, dstPort: 179, flags: ["ACK", "PSH"] });
const marker = "ff".repeat(16);

const open = bgp({
  message: "open",
  version: 4,
  asNumber: 23456,
  holdTime: 6,
  identifier: "10.0.0.1",
  parameters: [
    {
      parameter: "capabilities",
      capabilities: [
        { capability: "multiprotocol", family: "ipv6", subsequentFamily: "unicast" },
        { capability: "four-octet-as", asNumber: 4200000001 },
        {
          capability: "extended-next-hop",
          families: [{ family: "ipv4", subsequentFamily: "unicast", nextHopFamily: "ipv6" }],
        },
        { capability: "route-refresh" },
      ],
    },
  ],
});
const update = bgp({
  message: "update",
  withdrawn: ["10.8.0.0/13"],
  attributes: [
    { attribute: "origin", origin: "igp" },
    { attribute: "as-path", segments: [{ type: "sequence", asNumbers: [65001, 4200000001] }] },
    { attribute: "next-hop", address: "192.0.2.1" },
    { attribute: "multi-exit-discriminator", metric: 100 },
    { attribute: "local-preference", preference: 200 },
    { attribute: "communities", communities: ["65001:7", "65535:65281"] },
    {
      attribute: "mp-reach",
      family: "ipv6",
      subsequentFamily: "unicast",
      nextHops: ["fd00::1", "fe80::1"],
      prefixes: ["fd00:1::/64", "::/0"],
    },
    { attribute: "mp-unreach", family: "ipv6", subsequentFamily: "unicast", prefixes: ["fd00:2::/48"] },
  ],
  announced: ["198.51.100.0/24", "0.0.0.0/0"],
});

const vectors: readonly (readonly [name: string, below: readonly Layer[], layers: readonly Layer[], hex: string])[] = [
  [
    "an LLDP data unit (IEEE 802.1AB), filled to 60 bytes",
    [ethernet({ dst: lldpMac, src: "02:00:00:00:00:01" })],
    [
      lldp({
        tlvs: [
          { tlv: "chassis-id", subtype: "mac-address", id: "02:00:00:00:00:01" },
          { tlv: "port-id", subtype: "interface-name", id: "net0" },
          { tlv: "time-to-live", seconds: 120 },
          { tlv: "system-name", name: "sw1" },
          { tlv: "system-capabilities", supported: ["router", "bridge"], enabled: ["router"] },
          {
            tlv: "management-address",
            address: "10.0.0.1",
            numbering: "interface-index",
            interfaceNumber: 2,
            objectIdentifier: new Uint8Array(),
          },
          { tlv: "organization", oui: Uint8Array.of(0x00, 0x80, 0xc2), subtype: 1, data: Uint8Array.of(0, 5) },
        ],
      }),
      padding(3),
    ],
    `0207 04 020000000001  0405 05 6e657430  0602 0078  0a03 737731  0e04 0014 0010
     100c 05 01 0a000001 02 00000002 00  fe06 0080c2 01 0005  0000  000000`,
  ],
  [
    "an LLDP shutdown with identifiers of other kinds",
    [ethernet({ dst: lldpMac, src: "02:00:00:00:00:01" })],
    [
      lldp({
        tlvs: [
          { tlv: "chassis-id", subtype: "network-address", id: "fd00::1" },
          { tlv: "port-id", subtype: "agent-circuit-id", id: Uint8Array.of(1, 2) },
          { tlv: "time-to-live", seconds: 0 },
          { tlv: "unknown", type: 9, data: Uint8Array.of(7) },
        ],
      }),
    ],
    `0212 05 02 fd000000000000000000000000000001  0403 06 0102  0602 0000  1201 07  0000`,
  ],
  [
    "a BFD control packet (RFC 5880 section 4.1)",
    [link, v6, udp({ srcPort: 49152, dstPort: 3784, checksum: 0 })],
    [
      bfd({
        state: "up",
        diagnostic: "neighbor-signaled-session-down",
        final: true,
        myDiscriminator: 1,
        yourDiscriminator: 2,
        requiredMinRx: 300_000,
      }),
    ],
    "23 d0 03 18 00000001 00000002 000f4240 000493e0 00000000",
  ],
  [
    "a BFD control packet over several hops with a simple password (RFC 5880 section 4.2)",
    [link, v6, udp({ srcPort: 49152, dstPort: 4784, checksum: 0 })],
    [bfd({ state: "down", myDiscriminator: 1, poll: true, authentication: Uint8Array.of(1, 6, 1, 0x61, 0x62, 0x63) })],
    "20 64 03 1e 00000001 00000000 000f4240 000f4240 00000000 01 06 01 616263",
  ],
  [
    "a BGP OPEN with capabilities (RFC 4271 section 4.2, RFC 5492), then a KEEPALIVE",
    [link, v6, session],
    [open, bgp({ message: "keepalive" })],
    `${marker} 0035 01 04 5ba0 0006 0a000001 18 02 16
       01 04 0002 00 01  41 04 fa56ea01  05 06 0001 0001 0002  02 00
     ${marker} 0013 04`,
  ],
  [
    "a BGP UPDATE (RFC 4271 section 4.3, RFC 4760)",
    [link, v6, session],
    [update],
    `${marker} 008f 02
     0003 0d 0a08
     0070
       40 01 01 00  40 02 0a 02 02 0000fde9 fa56ea01  40 03 04 c0000201  80 04 04 00000064  40 05 04 000000c8
       c0 08 08 fde90007 ffffff01
       80 0e 2f 0002 01 20 fd000000000000000000000000000001 fe800000000000000000000000000001 00
         40 fd00000100000000 00
       80 0f 0a 0002 01 30 fd0000020000
     18 c63364 00`,
  ],
  [
    "a BGP NOTIFICATION and a ROUTE-REFRESH (RFC 4271 section 4.5, RFC 2918)",
    [link, v6, session],
    [
      bgp({ message: "notification", error: "cease", subcode: 2, data: Uint8Array.of(2, 0x68, 0x69) }),
      bgp({ message: "route-refresh", family: "ipv4", subsequentFamily: "unicast" }),
    ],
    `${marker} 0018 03 06 02 02 6869  ${marker} 0017 05 0001 00 01`,
  ],
];

suite("bytes by IEEE 802.1AB, RFC 5880 and RFC 4271", () => {
  test.each(vectors)("%s", (_, below, layers, hex) => {
    const bytes = hex.replace(/\s/g, "");
    const whole = packet(...below, ...layers);
    const frame = build(whole);
    expect(frame.subarray(frame.length - bytes.length / 2).toString("hex")).toBe(bytes);
    expect(frame.length - bytes.length / 2).toBe(build(packet(...below)).length);
    expect(parse(frame)).toEqual(whole);
  });
});

suite("a BGP segment", () => {
  const keepalive = bgp({ message: "keepalive" });

  test("keeps what is no whole message as payload", () => {
    const whole = build(packet(update));
    const begun = packet(link, v6, session, keepalive, payload(whole.subarray(0, 30)));
    expect(parse(build(begun))).toEqual(begun);
    const tail = packet(link, v6, session, payload(whole.subarray(30)));
    expect(parse(build(tail))).toEqual(tail);
  });

  test("of a server is known by its source port", () => {
    const answer = packet(link, v6, tcp({ srcPort: 179, dstPort: 50000 }), keepalive);
    expect(parse(build(answer))).toEqual(answer);
  });

  test("keeps a message whose lengths lie as bytes", () => {
    const bytes = Buffer.from(`${marker}001702 0009 0000`.replace(/\s/g, ""), "hex");
    expect(parse(bytes, "bgp").layers).toEqual([bgp({ message: "other", type: 2, data: Uint8Array.of(0, 9, 0, 0) })]);
    expect(build(parse(bytes, "bgp")).equals(bytes)).toBe(true);
  });

  test("has attributes with other flags than usual, and long ones", () => {
    const communities = Array.from({ length: 70 }, (_, i) => `65000:${i}`);
    const odd = bgp({
      message: "update",
      withdrawn: [],
      attributes: [
        { attribute: "origin", origin: "egp", flags: ["transitive", "partial"] },
        { attribute: "communities", communities },
      ],
      announced: [],
    });
    const bytes = build(packet(odd));
    expect(bytes.subarray(23, 31).toString("hex")).toBe("60010101d0080118");
    expect(parse(bytes, "bgp").layers).toEqual([odd]);
  });

  test("refuses what has no place, all at once", () => {
    const impossible = bgp({
      message: "update",
      withdrawn: ["10.0.0.0/33", "fd00::/64"],
      attributes: [
        { attribute: "communities", communities: ["65000:65536"] },
        { attribute: "as-path", segments: [{ type: "set", asNumbers: [2 ** 32] }] },
      ],
      announced: [],
    });
    expect(faultsOf(() => build(packet(impossible)))).toEqual([
      'layer 0 (bgp): withdrawn[0].prefix: expected address/length up to 32, found "10.0.0.0/33"',
      'layer 0 (bgp): withdrawn[1].prefix: expected address/length up to 32, found "fd00::/64"',
      'layer 0 (bgp): attributes[0].communities[0]: expected 0 to 65535:0 to 65535, found "65000:65536"',
      "layer 0 (bgp): attributes[1].segments[0].asNumbers[0].asNumber: expected 0 to 4294967295, found 4294967296",
    ]);
  });
});

suite("bytes that only a port suggests to be BFD", () => {
  test.each([
    ["a version that is not known", "43d0031800000001"],
    ["a length beyond the end", "20d0031900000001"],
    ["a length without the header", "20d0031000000001"],
    ["an authentication flag without a section", "20c4031800000001"],
  ])("are payload with %s", (_, begin) => {
    const odd = packet(
      ...[link, v6, udp({ srcPort: 49152, dstPort: 3784 })],
      payload(Buffer.from(begin.padEnd(48, "0"), "hex")),
    );
    const parsed = parse(build(odd));
    expect(build(parsed).equals(build(odd))).toBe(true);
    if (begin.startsWith("20c4")) expect(parsed.find("bfd")?.authentication).toEqual(new Uint8Array());
    else expect(parsed).toEqual(odd);
  });
});

test("LLDP without an end of its list is malformed", () => {
  expect(parse(Buffer.from("0602", "hex"), "lldp").layers).toMatchObject([
    { layer: "malformed", reason: "no end of the TLVs" },
  ]);
});

suite("described in a few words", () => {
  test.each([
    [vectors[0]?.[2][0], "LLDP chassis 02:00:00:00:00:01 port net0 ttl 120 s name sw1"],
    [vectors[2]?.[2][0], "BFD up final (neighbor signaled session down) 1 > 2"],
    [open, "BGP open AS 4200000001 id 10.0.0.1 hold 6 s"],
    [
      update,
      "BGP update announces 198.51.100.0/24 0.0.0.0/0 via 192.0.2.1, " +
        "announces fd00:1::/64 ::/0 via fd00::1 fe80::1, withdraws fd00:2::/48, withdraws 10.8.0.0/13",
    ],
    [bgp({ message: "keepalive" }), "BGP keepalive"],
    [
      bgp({ message: "notification", error: "hold-timer-expired", subcode: 0, data: new Uint8Array() }),
      "BGP notification hold timer expired subcode 0",
    ],
  ])("%o", (layer, text) => {
    expect(describe(packet(...(layer === undefined ? [] : [layer])))).toBe(text);
  });

  test("and explained field by field", () => {
    expect(explain(packet(update))).toBe(
      [
        "BGP",
        "  message     update",
        "  withdrawn   10.8.0.0/13",
        "  attributes  origin origin igp",
        "              as-path segments type sequence asNumbers 65001, 4200000001",
        "              next-hop address 192.0.2.1",
        "              multi-exit-discriminator metric 100",
        "              local-preference preference 200",
        "              communities communities 65001:7, 65535:65281",
        "              mp-reach family ipv6 subsequentFamily unicast nextHops fd00::1, fe80::1 prefixes fd00:1::/64, ::/0",
        "              mp-unreach family ipv6 subsequentFamily unicast prefixes fd00:2::/48",
        "  announced   198.51.100.0/24",
        "              0.0.0.0/0",
      ].join("\n"),
    );
  });
});
