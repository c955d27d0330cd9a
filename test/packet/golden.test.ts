import { describe as suite, expect, test } from "vitest";
import {
  arp,
  build,
  complete,
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmpv6,
  internetChecksum,
  ipv4,
  ipv6,
  type Layer,
  onesComplementSum,
  Packet,
  packet,
  padding,
  parse,
  payload,
  routing,
  tcp,
  udp,
  updateChecksum,
  vlan,
} from "../../src/packet/index.ts";

/*
 * Headers laid out by hand from the pictures of the RFCs and checksums summed apart from the code under test, so that an
 * error made alike in parser and builder does not go unseen.
 */

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const linkBytes = "020000000002 020000000001";
const v4 = { src: "10.0.0.1", dst: "10.0.0.2" };
const v6 = { src: "fd00:1::1", dst: "fd00:2::2" };
const v6Addresses = "fd000001000000000000000000000001 fd000002000000000000000000000002";

const vectors: readonly (readonly [name: string, layers: readonly Layer[], hex: string])[] = [
  [
    "ARP request (RFC 826)",
    [link, arp({ operation: "request", senderMac: link.src, senderIp: v4.src, targetIp: v4.dst })],
    `${linkBytes} 0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002`,
  ],
  [
    "UDP over IPv4 in a VLAN, filled to 60 bytes (RFC 791, RFC 768, 802.1Q)",
    [
      link,
      vlan({ id: 5, priority: 3 }),
      ipv4({ ...v4, dontFragment: true }),
      udp({ srcPort: 4000, dstPort: 9 }),
      payload("abc"),
      padding(15),
    ],
    `${linkBytes} 8100 6005 0800
     45 00 001f 0000 4000 40 11 26cc 0a000001 0a000002
     0fa0 0009 000b 17ca 616263 ${"00".repeat(15)}`,
  ],
  [
    "ICMP echo request (RFC 792)",
    [link, ipv4({ ...v4, ttl: 1 }), icmp({ message: "echo-request", identifier: 7, sequence: 1 })],
    `${linkBytes} 0800 45 00 001c 0000 0000 01 01 a5df 0a000001 0a000002 08 00 f7f7 0007 0001`,
  ],
  [
    "IPv4 router alert (RFC 2113)",
    [link, ipv4({ ...v4, protocol: 2, ttl: 1, options: [{ option: "router-alert", value: 0 }] }), payload("abcd")],
    `${linkBytes} 0800 46 00 001c 0000 0000 01 02 10da 0a000001 0a000002 94040000 61626364`,
  ],
  [
    "TCP SYN with the options of Linux (RFC 9293)",
    [
      link,
      ipv6(v6),
      tcp({
        srcPort: 40000,
        dstPort: 179,
        sequence: 0x01020304,
        flags: ["SYN"],
        window: 64800,
        options: [
          { option: "maximum-segment-size", size: 1440 },
          { option: "sack-permitted" },
          { option: "timestamps", value: 1, echoReply: 0 },
          { option: "no-operation" },
          { option: "window-scale", shift: 7 },
        ],
      }),
    ],
    `${linkBytes} 86dd 60000000 0028 06 40 ${v6Addresses}
     9c40 00b3 01020304 00000000 a0 02 fd20 aff1 0000 020405a0 0402 080a 00000001 00000000 01 030307`,
  ],
  [
    "neighbour solicitation (RFC 4861)",
    [
      ethernet({ dst: "33:33:ff:00:00:02", src: "02:00:00:00:00:01" }),
      ipv6({ src: "fe80::ff:fe00:1", dst: "ff02::1:ff00:2", hopLimit: 255 }),
      icmpv6({
        message: "neighbor-solicitation",
        target: "fe80::ff:fe00:2",
        options: [{ option: "source-link-layer-address", mac: "02:00:00:00:00:01" }],
      }),
    ],
    `3333ff000002 020000000001 86dd 60000000 0020 3a ff
     fe8000000000000000 0000fffe000001 ff0200000000000000000001ff000002
     87 00 7c97 00000000 fe800000000000000000 00fffe000002 01 01 020000000001`,
  ],
  [
    "MLDv2 report behind a hop-by-hop header (RFC 3810)",
    [
      ethernet({ dst: "33:33:00:00:00:16", src: "02:00:00:00:00:01" }),
      ipv6({ src: "::", dst: "ff02::16", hopLimit: 1 }),
      hopByHop({ options: [{ option: "router-alert", value: 0 }] }),
      icmpv6({
        message: "mldv2-report",
        records: [{ type: "change-to-exclude-mode", group: "ff02::1:ff00:1", sources: [] }],
      }),
    ],
    `333300000016 020000000001 86dd 60000000 0024 00 01 ${"00".repeat(16)} ff020000000000000000000000000016
     3a 00 0502 0000 0100
     8f 00 6f89 0000 0001 04 00 0000 ff0200000000000000000001ff000001`,
  ],
  [
    "extension headers of every kind (RFC 8200)",
    [
      link,
      ipv6(v6),
      routing({ routingType: 253, segmentsLeft: 0, data: new Uint8Array(4) }),
      fragment({ identification: 9 }),
      destinationOptions({ options: [{ option: "unknown", type: 30, data: Uint8Array.of(1, 2, 3) }] }),
    ],
    `${linkBytes} 86dd 60000000 0018 2b 40 ${v6Addresses}
     2c 00 fd 00 00000000  3c 00 0000 00000009  3b 00 1e03010203 00`,
  ],
];

suite("bytes by the RFCs", () => {
  test.each(vectors)("%s", (_, layers, hex) => {
    const bytes = hex.replace(/\s/g, "");
    expect(build(packet(...layers)).toString("hex")).toBe(bytes);
    expect(parse(Buffer.from(bytes, "hex"))).toEqual(new Packet(layers));
  });

  test("the checksum example of RFC 1071 section 3", () => {
    const bytes = Buffer.from("0001f203f4f5f6f7", "hex");
    expect(onesComplementSum(bytes)).toBe(0xddf2);
    expect(internetChecksum(bytes)).toBe(0x220d);
  });

  test("the update example of RFC 1624 section 4", () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  test("a UDP checksum that comes out as zero is sent as ones (RFC 768)", () => {
    const base = [link, ipv4(v4), udp({ srcPort: 0, dstPort: 0 })];
    const [, , header] = complete(packet(...base, payload(Uint8Array.of(0, 0)))).layers;
    const sum = header?.layer === "udp" ? (header.checksum ?? 0) : 0;
    // Adding the checksum itself to the sum makes it all ones, whose complement is zero.
    const zero = packet(...base, payload(Uint8Array.of(sum >> 8, sum & 0xff)));
    expect(complete(zero).find("udp")?.checksum).toBe(0xffff);
  });
});
