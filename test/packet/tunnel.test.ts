import { describe as suite, expect, test } from "vitest";
import {
  build,
  complete,
  ddm,
  ddmDiscovery,
  ddmDiscoveryGroup,
  ddmDiscoveryPort,
  describe,
  difference,
  ethernet,
  explain,
  geneve,
  icmpv6,
  ipv4,
  ipv6,
  isCriticalOption,
  type Layer,
  Packet,
  packet,
  parse,
  payload,
  sidecar,
  tcp,
  udp,
  verifyChecksums,
} from "../../src/packet/index.ts";
import { faultsOf } from "./faults.ts";

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const linkBytes = "020000000002 020000000001";
const innerLink = ethernet({ dst: "a8:40:25:f0:00:02", src: "a8:40:25:f0:00:01" });
const v6 = ipv6({ src: "fd00:1::1", dst: "fd00:2::2" });
const v6Addresses = "fd000001000000000000000000000001 fd000002000000000000000000000002";
const underlay = ipv6({ src: "fd00:0:f7:101::1", dst: "fd00:0:f7:116::1", hopLimit: 128 });
const outerUdp = udp({ srcPort: 9655, dstPort: 6081, checksum: 0 });
const guest = [
  innerLink,
  ipv4({ src: "172.30.0.5", dst: "172.30.0.6" }),
  tcp({ srcPort: 44490, dstPort: 80, sequence: 7, flags: ["SYN"] }),
];

const vectors: readonly (readonly [name: string, layers: readonly Layer[], hex: string])[] = [
  [
    "a guest's segment in Geneve with the MSS option of OPTE, without an outer checksum",
    [
      link,
      underlay,
      outerUdp,
      geneve({ vni: 1287581, options: [{ option: "maximum-segment-size", size: 0 }] }),
      ...guest,
    ],
    `${linkBytes} 86dd 60000000 004e 11 80
     fd00000000f701010000000000000001 fd00000000f701160000000000000001
     25b7 17c1 004e 0000  02 00 6558 13a59d 00  0129 02 01 00000000
     a84025f00002 a84025f00001 0800
     45 00 0028 0000 0000 40 06 2289 ac1e0005 ac1e0006
     adca 0050 00000007 00000000 50 02 ffff a979 0000`,
  ],
  [
    "Geneve with every option of OPTE and a critical one of another class (RFC 8926)",
    [
      link,
      v6,
      udp({ srcPort: 6081, dstPort: 6081, checksum: 0 }),
      geneve({
        vni: 99,
        options: [
          { option: "external" },
          { option: "multicast", replication: "both" },
          { option: "unknown", class: 0xffff, type: 0x80, data: Uint8Array.of(1, 2, 3, 4) },
        ],
      }),
      payload("x"),
    ],
    `${linkBytes} 86dd 60000000 0025 11 40 ${v6Addresses}
     17c1 17c1 0025 0000  05 40 88b5 000063 00  0129 00 00  0129 01 01 80000000  ffff 80 01 01020304  78`,
  ],
  [
    "a sidecar header that asks for the neighbour of a next hop",
    [
      link,
      sidecar({
        code: "arp-needed",
        ingress: 5,
        egress: 0x0102,
        data: Buffer.from("00000000000000000000000010000001", "hex"),
      }),
      ipv4({ src: "10.0.0.1", dst: "10.0.0.2", protocol: 253 }),
    ],
    `${linkBytes} 0901 03 00 0005 0102 0800 00000000000000000000000010000001
     45 00 0014 0000 0000 40 fd 65eb 0a000001 0a000002`,
  ],
  [
    "a DDM extension header with one element before UDP",
    [link, v6, ddm({ elements: [{ id: 0, timestamp: 0x010203 }] }), udp({ srcPort: 4000, dstPort: 9, checksum: 0 })],
    `${linkBytes} 86dd 60000000 0010 dd 40 ${v6Addresses} 11 07 01 00 00 010203 0fa0 0009 0008 0000`,
  ],
  [
    "a DDM acknowledgment of two elements",
    [
      link,
      { ...v6, hopLimit: 2 },
      ddm({
        acknowledgment: true,
        elements: [
          { id: 1, timestamp: 1 },
          { id: 2, timestamp: 2 },
        ],
      }),
    ],
    `${linkBytes} 86dd 60000000 000c dd 02 ${v6Addresses} 3b 0b 01 80 01 000001 02 000002`,
  ],
  [
    "a DDM solicitation from server s1",
    [
      link,
      ipv6({ src: "fe80::1", dst: ddmDiscoveryGroup, hopLimit: 1 }),
      udp({ srcPort: ddmDiscoveryPort, dstPort: ddmDiscoveryPort, checksum: 0 }),
      ddmDiscovery({ solicit: true, router: "server", hostname: "s1" }),
    ],
    `${linkBytes} 86dd 60000000 000e 11 01 fe800000000000000000000000000001 ff0200000000000000000000000000dd
     0ddd 0ddd 000e 0000 02 01 00 02 73 31`,
  ],
  [
    "a DDM advertisement from transit oxz_switch",
    [
      link,
      ipv6({ src: "fe80::1", dst: "fe80::2", hopLimit: 1 }),
      udp({ srcPort: ddmDiscoveryPort, dstPort: ddmDiscoveryPort, checksum: 0 }),
      ddmDiscovery({ advertise: true, router: "transit", hostname: "oxz_switch" }),
    ],
    `${linkBytes} 86dd 60000000 0016 11 01 fe800000000000000000000000000001 fe800000000000000000000000000002
     0ddd 0ddd 0016 0000 02 02 01 0a 6f78 7a5f 7377 6974 6368`,
  ],
];

suite("bytes by RFC 8926, OPTE and the switch", () => {
  test.each(vectors)("%s", (_, layers, hex) => {
    const bytes = hex.replace(/\s/g, "");
    expect(build(packet(...layers)).toString("hex")).toBe(bytes);
    expect(parse(Buffer.from(bytes, "hex"))).toEqual(new Packet(layers));
  });
});

const [, firstLayers = []] = vectors[0] ?? [];
const encapsulated = packet(...firstLayers);

suite("a packet in a tunnel", () => {
  test("has two of some layers, of which `find` gives the outer", () => {
    const parsed = parse(build(encapsulated));
    expect(parsed.find("ethernet")).toEqual(link);
    expect(parsed.all("ethernet")).toEqual([link, innerLink]);
    const ping = packet(
      ...[link, underlay, outerUdp, geneve({ vni: 1 }), innerLink, v6],
      icmpv6({ message: "echo-request", identifier: 1, sequence: 1 }),
    );
    expect(parse(build(ping)).all("ipv6")).toEqual([underlay, v6]);
    expect(parse(build(ping)).with("ipv6", { hopLimit: 127 }).all("ipv6")).toEqual([
      { ...underlay, hopLimit: 127 },
      v6,
    ]);
  });

  test("gets the lengths and checksums of both packets", () => {
    const [outer] = complete(encapsulated).all("ipv6");
    expect(outer?.payloadLength).toBe(78);
    expect(complete(encapsulated).find("ipv4")).toMatchObject({ totalLength: 40, protocol: 6 });
    expect(verifyChecksums(complete(encapsulated))).toEqual([]);
    const spoilt = parse(build(encapsulated.with("tcp", { checksum: 1 })));
    expect(verifyChecksums(spoilt)).toMatchObject([{ layer: "tcp", index: 6, found: 1 }]);
  });

  test("with an outer checksum has it reckoned over the inner packet too", () => {
    const summed = packet(
      ...firstLayers.map((layer) => (layer === outerUdp ? udp({ srcPort: 1, dstPort: 6081 }) : layer)),
    );
    const bytes = build(summed);
    expect(parse(bytes)).toEqual(summed);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(verifyChecksums(parse(bytes)).map(({ index }) => index)).toEqual([2, 6]);
  });

  test("differs from the packet that went in only by the tunnel", () => {
    const inside = packet(...guest);
    const changes = difference(inside, parse(build(encapsulated)));
    expect(changes.map(({ layer, field, index }) => `${index} ${layer} ${field}`)).toEqual([
      "0 ethernet layer",
      "1 ipv6 layer",
      "2 udp layer",
      "3 geneve layer",
    ]);
    expect(difference(encapsulated, inside).map(({ layer }) => layer)).toEqual(["ethernet", "ipv6", "udp", "geneve"]);
  });

  test("is described from the outside to the inside", () => {
    expect(describe(encapsulated)).toBe(
      "IPv6 fd00:0:f7:101::1 > fd00:0:f7:116::1 hlim 128 UDP 9655 > 6081 Geneve VNI 1287581 (MSS 0) " +
        "Ethernet a8:40:25:f0:00:01 > a8:40:25:f0:00:02 IPv4 172.30.0.5 > 172.30.0.6 ttl 64 " +
        "TCP 44490 > 80 [SYN] seq 7 ack 0",
    );
  });

  test("is explained field by field", () => {
    expect(explain(encapsulated).split("\n").slice(18, 26)).toEqual([
      "Geneve",
      "  control       no",
      "  critical      no",
      "  protocolType  0x6558",
      "  vni           1287581",
      "  options       maximum-segment-size size 0",
      "Ethernet",
      "  dst        a8:40:25:f0:00:02",
    ]);
  });
});

suite("Geneve", () => {
  test("says that an option is critical unless told otherwise", () => {
    const critical = { option: "unknown", class: 0xffff, type: 0x81, data: new Uint8Array() } as const;
    expect(isCriticalOption(critical)).toBe(true);
    const lying = packet(link, v6, outerUdp, geneve({ vni: 1, options: [critical], critical: false }), payload("x"));
    expect(build(lying)[14 + 40 + 8 + 1]).toBe(0);
    expect(parse(build(lying))).toEqual(lying);
    expect(complete(lying.with("geneve", { critical: true })).find("geneve")?.critical).toBe(true);
  });

  test("refuses options that are too long, and numbers that have no place", () => {
    const data = new Uint8Array(124);
    const long = { option: "unknown", class: 1, type: 1, data } as const;
    expect(
      faultsOf(() => build(packet(geneve({ vni: 2 ** 24, options: [{ ...long, data: data.subarray(1) }] })))),
    ).toEqual([
      "layer 0 (geneve): vni: expected 0 to 16777215, found 16777216",
      "layer 0 (geneve): options[0].data: expected 0, 4, … 124 bytes, found 123",
    ]);
    expect(faultsOf(() => build(packet(geneve({ vni: 1, options: [long, long] }))))).toEqual([
      "layer 0 (geneve): options: expected at most 252 bytes, found 256",
    ]);
  });

  test("keeps option bytes that hold no option", () => {
    const bytes = Buffer.from("0100655800000100" + "0129021f", "hex");
    expect(parse(bytes, "geneve").layers).toEqual([
      geneve({
        vni: 1,
        protocolType: 0x6558,
        options: [{ option: "unreadable", data: Uint8Array.of(1, 0x29, 2, 0x1f) }],
      }),
    ]);
  });

  test("is only suggested by the port: other bytes are payload", () => {
    const other = packet(link, v6, outerUdp, payload(Uint8Array.of(0x40, 0, 0, 0, 0, 0, 0, 0)));
    expect(parse(build(other))).toEqual(other);
    const fromThere = packet(link, v6, udp({ srcPort: 6081, dstPort: 9 }), payload(new Uint8Array(20)));
    expect(parse(build(fromThere))).toEqual(fromThere);
  });
});

suite("the DDM extension header", () => {
  test("does not hide what follows from checksums", () => {
    const plain = build(packet(link, v6, udp({ srcPort: 4000, dstPort: 9 }), payload("kestrel")));
    const timed = packet(
      link,
      v6,
      ddm({ elements: [{ id: 3, timestamp: 9 }] }),
      udp({ srcPort: 4000, dstPort: 9 }),
      payload("kestrel"),
    );
    expect(build(timed).subarray(-15)).toEqual(plain.subarray(-15));
    expect(describe(timed)).toBe("IPv6 fd00:1::1 > fd00:2::2 hlim 64 DDM 3@9µs UDP 4000 > 9 (7 bytes)");
  });

  test.each([
    ["1106010000000000", "expected a length of 3, 7, … 63, found 6"],
    ["110b010000000000", "expected 12 bytes, found 8"],
    [`11430100${"00".repeat(64)}`, "expected a length of 3, 7, … 63, found 67"],
  ])("is not understood in %s", (hex, reason) => {
    expect(parse(Buffer.from(hex, "hex"), "ddm").layers).toMatchObject([{ layer: "malformed", reason }]);
  });
});

test("DDM discovery and sidecar headers are described by what they are for", () => {
  expect(describe(packet(ddmDiscovery({ solicit: true, router: "server", hostname: "s1" })))).toBe(
    "DDM solicitation from server s1",
  );
  expect(describe(packet(link, sidecar({ code: "icmp-needed", ingress: 3 })))).toBe(
    "sidecar icmp needed ingress 3 egress 0",
  );
});
