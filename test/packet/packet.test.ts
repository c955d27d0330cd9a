import { describe as suite, expect, test } from "vitest";
import {
  arp,
  build,
  complete,
  describe,
  difference,
  ethernet,
  explain,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  packet,
  padding,
  parse,
  payload,
  tcp,
  udp,
  vlan,
} from "../../src/packet/index.ts";
import { faultsOf } from "./faults.ts";

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const v4 = ipv4({ src: "10.0.0.1", dst: "10.0.0.2" });
const v6 = ipv6({ src: "FD00:1::1", dst: "fd00:2::1" });
const datagram = packet(link, v6, udp({ srcPort: 4000, dstPort: 9 }), payload("kestrel"));
const request = packet(
  link,
  v6,
  icmpv6({ message: "echo-request", identifier: 7, sequence: 1 }),
  payload("x".repeat(56)),
);

suite("a packet", () => {
  test("gives its layers by name, with their types", () => {
    const hopLimit: number | undefined = datagram.find("ipv6")?.hopLimit;
    expect(hopLimit).toBe(64);
    expect(datagram.find("tcp")).toBeUndefined();
    const tunnel = packet(link, v6, v6.src === "fd00:1::1" ? v4 : v6, v4, udp({ srcPort: 1, dstPort: 2 }));
    expect(tunnel.all("ipv4")).toHaveLength(2);
  });

  test("is changed like a hop does, and what follows is right again", () => {
    const routed = parse(build(packet(link, v4, icmp({ message: "echo-request", identifier: 1, sequence: 2 }))));
    const next = routed.with("ipv4", { ttl: 63 }).with("ethernet", { src: "02:00:00:00:00:03" });
    expect(difference(routed, parse(build(next)))).toEqual([
      { layer: "ethernet", index: 0, field: "src", before: "02:00:00:00:00:01", after: "02:00:00:00:00:03" },
      { layer: "ipv4", index: 1, field: "ttl", before: 64, after: 63 },
    ]);
  });

  test("says wrong values as they are given", () => {
    const wrong = packet(
      { ...link, etherType: 0x0800 },
      { ...v4, protocol: 6, totalLength: 28, checksum: 0xdead },
      udp({ srcPort: 1, dstPort: 2, length: 3, checksum: 4 }),
      payload("abcd"),
    );
    expect(build(wrong).toString("hex", 12)).toBe(
      "0800" + "4500001c000000004006dead0a0000010a000002" + "0001000200030004" + "61626364",
    );
  });

  test("refuses values that have no place, all at once", () => {
    const impossible = packet(
      link,
      ipv6({ src: "::", dst: "::", hopLimit: 256 }),
      tcp({ srcPort: 70000, dstPort: -1, options: [{ option: "window-scale", shift: 300 }] }),
    );
    expect(faultsOf(() => build(impossible))).toEqual([
      "layer 1 (ipv6): hopLimit: expected 0 to 255, found 256",
      "layer 2 (tcp): srcPort: expected 0 to 65535, found 70000",
      "layer 2 (tcp): dstPort: expected 0 to 65535, found -1",
      "layer 2 (tcp): options[0].shift: expected 0 to 255, found 300",
    ]);
  });

  test("refuses more than its lengths can say", () => {
    const noOperation = { option: "no-operation" } as const;
    expect(faultsOf(() => build(packet(link, { ...v4, options: new Array(41).fill(noOperation) as never[] })))).toEqual(
      ["layer 1 (ipv4): options: expected at most 40 bytes, found 44"],
    );
    expect(faultsOf(() => build(packet(link, v6, payload(new Uint8Array(65536)))))).toEqual([
      "layer 1 (ipv6): payloadLength: expected 0 to 65535, found 65536",
    ]);
    expect(faultsOf(() => build(packet(link, padding(4), payload("x"))))).toEqual([
      "layer 1 (padding): expected only at the end of the packet",
    ]);
  });

  test("refuses text that is no address where it is written", () => {
    expect(() => ipv6({ src: "10.0.0.1", dst: "::" })).toThrow(
      /expected an address like fd00:1::1, found "10\.0\.0\.1"/,
    );
  });

  test("can have filling at the end of several layers", () => {
    const tunnel = packet(
      link,
      v6,
      v4,
      udp({ srcPort: 1, dstPort: 2 }),
      payload("x"),
      { ...padding(3), outside: 2 },
      padding(5),
    );
    expect(parse(build(tunnel))).toEqual(tunnel);
    expect(complete(tunnel).find("ipv6")?.payloadLength).toBe(20 + 8 + 1 + 3);
  });
});

suite("bytes that are not what they say", () => {
  test.each([
    ["45000014000000004011", "ipv4", "expected at least 20 bytes, found 10"],
    ["55".repeat(20), "ipv4", "expected version 4, found 5"],
    ["44".repeat(20), "ipv4", "expected a header length from 20 to 20 bytes, found 16"],
    ["4f".repeat(20), "ipv4", "expected a header length from 20 to 20 bytes, found 60"],
  ] as const)("%s as %s: %s", (hex, expected, reason) => {
    const bytes = Buffer.from(hex, "hex");
    expect(parse(bytes, expected).layers).toEqual([
      { layer: "malformed", expected, reason, data: Uint8Array.from(bytes) },
    ]);
  });

  test("a frame that was cut keeps what its lengths said", () => {
    const cut = parse(build(datagram).subarray(0, 64));
    expect(cut.find("ipv6")?.payloadLength).toBe(15);
    expect(cut.find("udp")).toMatchObject({ srcPort: 4000, length: 15 });
  });

  test("an empty frame is a packet without layers", () => {
    expect(parse(new Uint8Array()).layers).toEqual([]);
    expect(describe(parse(new Uint8Array()))).toBe("nothing");
  });
});

suite("describe", () => {
  const solicitation = icmpv6({ message: "neighbor-solicitation", target: "fd00::2", options: [] });
  const question = arp({ operation: "request", senderMac: link.src, senderIp: "10.0.0.1", targetIp: "10.0.0.2" });
  test.each([
    [request, "IPv6 fd00:1::1 > fd00:2::1 hlim 64 ICMPv6 echo request id 7 seq 1 (56 bytes)"],
    [datagram, "IPv6 fd00:1::1 > fd00:2::1 hlim 64 UDP 4000 > 9 (7 bytes)"],
    [packet(link, vlan({ id: 5 }), question, padding(14)), "VLAN 5 ARP who has 10.0.0.2? tell 10.0.0.1"],
    [
      packet(link, v6, solicitation),
      "IPv6 fd00:1::1 > fd00:2::1 hlim 64 ICMPv6 neighbor solicitation who has fd00::2?",
    ],
    [packet(link, payload("abc")), "Ethernet 02:00:00:00:00:01 > 02:00:00:00:00:02 (3 bytes)"],
    [
      packet(link, { ...v4, checksum: 1 }, tcp({ srcPort: 1, dstPort: 2, flags: ["ACK", "SYN"] })),
      "IPv4 10.0.0.1 > 10.0.0.2 ttl 64 [wrong checksum] TCP 1 > 2 [ACK SYN] seq 0 ack 0",
    ],
    [parse(Buffer.from("450000", "hex"), "ipv4"), "malformed IPv4: expected at least 20 bytes, found 3 (3 bytes)"],
  ])("%#", (any, line) => {
    expect(describe(any)).toBe(line);
  });
});

suite("explain", () => {
  test("shows every field, and what a wrong one should be", () => {
    const wrong = packet(link, v6, udp({ srcPort: 4000, dstPort: 9, checksum: 0x1234 }), payload("kestrel"));
    const { checksum = 0 } = complete(datagram).find("udp") ?? {};
    expect(explain(wrong)).toBe(
      [
        "Ethernet",
        "  dst        02:00:00:00:00:02",
        "  src        02:00:00:00:00:01",
        "  etherType  0x86dd",
        "IPv6",
        "  dscp           0",
        "  ecn            0",
        "  flowLabel      0",
        "  payloadLength  15",
        "  nextHeader     17",
        "  hopLimit       64",
        "  src            fd00:1::1",
        "  dst            fd00:2::1",
        "UDP",
        "  srcPort   4000",
        "  dstPort   9",
        "  length    15",
        `  checksum  0x1234 (expected 0x${checksum.toString(16).padStart(4, "0")})`,
        "payload, 7 bytes",
        "  data  6b65737472656c",
      ].join("\n"),
    );
  });

  test("shows a packet that cannot be built as far as it is given", () => {
    expect(explain(packet(link, { ...v4, ttl: 300 }))).toContain("  ttl             300");
  });
});

suite("difference", () => {
  test("of a packet put into a tunnel is the tunnel alone", () => {
    const tunnel = ipv6({ src: "fd00::1", dst: "fd00::2" });
    const outer = ethernet({ dst: "02:00:00:00:00:04", src: "02:00:00:00:00:03" });
    const found = difference(datagram, packet(outer, tunnel, ...datagram.layers.slice(1)));
    expect(found).toEqual([
      { layer: "ethernet", index: 0, field: "dst", before: link.dst, after: outer.dst },
      { layer: "ethernet", index: 0, field: "src", before: link.src, after: outer.src },
      { layer: "ipv6", index: 1, field: "layer", before: undefined, after: tunnel },
    ]);
  });

  test("shows a checksum only where it is wrong", () => {
    const spoilt = packet(link, v6, udp({ srcPort: 4000, dstPort: 9, checksum: 1 }), payload("kestrel"));
    expect(difference(datagram, parse(build(spoilt)))).toEqual([
      { layer: "udp", index: 2, field: "checksum", before: undefined, after: 1 },
    ]);
  });

  test("names a layer that is gone", () => {
    const tag = vlan({ id: 5 });
    const tagged = packet(link, tag, ...datagram.layers.slice(1));
    expect(difference(tagged, datagram)).toEqual([
      { layer: "vlan", index: 1, field: "layer", before: tag, after: undefined },
    ]);
  });
});
