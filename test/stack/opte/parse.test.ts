import { describe, expect, test } from "vitest";
import { build, icmpv6, tcp, udp } from "../../../src/packet/index.ts";
import { Frame } from "../../../src/stack/opte/engine/parse/frame.ts";
import { Packet, ulp } from "../../../src/stack/opte/engine/parse/packet.ts";
import { parseInner } from "../../../src/stack/opte/engine/parse/parse-inner.ts";
import { parseUnderlay } from "../../../src/stack/opte/engine/parse/parse-underlay.ts";
import { fromPeer, g1, g2, guestFrame, vni } from "./fixture.ts";

/* What the reference's unit tests of headers check (specification, sections 1.4 and 5.6). */

const datagram = udp({ srcPort: 7, dstPort: 8 });
const inner4 = build(guestFrame(g1, g1.ip, g2.ip, datagram));
const inner6 = build(guestFrame(g1, g1.ip6, g2.ip6, datagram));
const outer = build(fromPeer(g2, g1, g2.ip, g1.ip, vni, datagram));

function readInner(bytes: Uint8Array): Packet {
  const [frame, packet] = [new Frame(4096), new Packet()];
  frame.load(bytes);
  if (parseInner(frame, frame.start, frame.end, true, packet)) packet.fault = "none";
  return packet;
}

function readUnderlay(bytes: Uint8Array): { readonly packet: Packet; readonly isRead: boolean } {
  const [frame, packet] = [new Frame(4096), new Packet()];
  frame.load(bytes);
  return { packet, isRead: parseUnderlay(frame, packet) };
}

/** The bytes with some of them others. */
function patched(bytes: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return copy;
}

describe("IPv4 headers", () => {
  test.each([
    ["the version", { 14: 0x65 }, { fault: "illegal_val", faultLocation: "Ipv4.version" }],
    ["a header shorter than its minimum", { 14: 0x44 }, { fault: "illegal_val", faultLocation: "Ipv4.ihl" }],
    ["a header longer than the packet", { 14: 0x4f }, { fault: "truncated", faultLocation: "Ipv4.ihl" }],
    ["a length below the header's", { 16: 0, 17: 4 }, { fault: "bad_len", faultLocation: "Ipv4.total_len(min)" }],
    ["a length beyond the frame", { 16: 1, 17: 0 }, { fault: "bad_len", faultLocation: "Ipv4.total_len(max)" }],
    ["a first fragment", { 20: 0x20 }, { fault: "reject", faultLocation: "Ipv4.fragment" }],
    ["a later fragment", { 21: 0x10 }, { fault: "reject", faultLocation: "Ipv4.fragment" }],
    ["a UDP length below its header's", { 38: 0, 39: 7 }, { fault: "bad_len", faultLocation: "Udp.len(min)" }],
    ["a UDP length beyond the packet", { 38: 0, 39: 9 }, { fault: "bad_len", faultLocation: "Udp.len(max)" }],
  ])("%s is found", (_, changes, fault) => {
    expect(readInner(patched(inner4, changes))).toMatchObject(fault);
  });

  test("padding behind the packet is no part of it", () => {
    const padded = new Uint8Array(60);
    padded.set(inner4);
    const packet = readInner(padded);
    expect(packet).toMatchObject({ fault: "none", ulp: ulp.udp, sourcePort: 7, destinationPort: 8 });
    expect(packet.ipEnd - packet.ipAt).toBe(28);
  });

  test("don't-fragment is no fragment", () => {
    expect(readInner(patched(inner4, { 20: 0x40 }))).toMatchObject({ fault: "none" });
  });

  test("options are skipped", () => {
    const bytes = new Uint8Array(inner4.length + 4);
    bytes.set(inner4.subarray(0, 34));
    bytes.set(inner4.subarray(34), 38);
    bytes.set([1, 1, 1, 0], 34);
    expect(readInner(patched(bytes, { 14: 0x46, 17: 32 }))).toMatchObject({ fault: "none", sourcePort: 7 });
  });
});

describe("IPv6 headers", () => {
  /** The datagram behind extension headers, each as long as it says. */
  function extended(first: number, ...headers: readonly (readonly number[])[]): Uint8Array {
    const bytes = Uint8Array.from([...inner6.subarray(0, 54), ...headers.flat(), ...inner6.subarray(54)]);
    const payload = bytes.length - 54;
    return patched(bytes, { 18: payload >> 8, 19: payload & 0xff, 20: first });
  }
  const pad = [1, 4, 0, 0, 0, 0];

  test.each([
    ["hop-by-hop options", 0, [[17, 0, ...pad]]],
    ["destination options", 60, [[17, 0, ...pad]]],
    ["a routing header", 43, [[17, 0, 0, 0, 0, 0, 0, 0]]],
    [
      "three of them",
      0,
      [
        [60, 0, ...pad],
        [43, 0, ...pad],
        [17, 1, ...pad, ...pad, 0, 0],
      ],
    ],
  ] as const)("%s are skipped", (_, first, headers) => {
    const packet = readInner(extended(first, ...headers));
    expect(packet).toMatchObject({ fault: "none", protocol: 17, ulp: ulp.udp, sourcePort: 7, destinationPort: 8 });
  });

  test.each([
    ["a fragment", extended(44, [17, 0, 0, 1, 0, 0, 0, 1]), { fault: "reject", faultLocation: "Ipv6.fragment" }],
    ["a fragment behind options", extended(0, [44, 0, ...pad], [17, 0, 0, 0, 0, 0, 0, 1]), { fault: "reject" }],
    [
      "options longer than the packet",
      extended(0, [17, 200, ...pad]),
      { fault: "truncated", faultLocation: "Ipv6Ext.len" },
    ],
    ["a payload beyond the frame", patched(inner6, { 18: 1 }), { fault: "bad_len", faultLocation: "Ipv6.payload_len" }],
    ["the version", patched(inner6, { 14: 0x40 }), { fault: "illegal_val", faultLocation: "Ipv6.version" }],
    ["options cut off", patched(inner6, { 20: 0, 19: 4 }), { fault: "truncated" }],
  ])("%s is found", (_, bytes, fault) => {
    expect(readInner(bytes)).toMatchObject(fault);
  });

  test("a protocol that nobody here reads has no ports", () => {
    expect(readInner(patched(inner6, { 20: 132 }))).toMatchObject({ fault: "none", ulp: ulp.none, sourcePort: -1 });
    expect(
      readInner(build(guestFrame(g1, g1.ip6, g2.ip6, icmpv6({ message: "echo-request", identifier: 1, sequence: 1 })))),
    ).toMatchObject({ ulp: ulp.icmp6, icmpType: 128 });
  });
});

test.each([
  ["below its minimum", 0x40, "illegal_val"],
  ["beyond the packet", 0xf0, "truncated"],
])("a TCP data offset %s is found", (_, offset, fault) => {
  const segment = build(guestFrame(g1, g1.ip, g2.ip, tcp({ srcPort: 1, dstPort: 2 })));
  expect(readInner(patched(segment, { 46: offset }))).toMatchObject({ fault, faultLocation: "Tcp.data_offset" });
});

test.each([
  ["VLAN", [0x81, 0x00]],
  ["LLDP", [0x88, 0xcc]],
  ["anything else", [0x12, 0x34]],
])("%s frames of guests are unwanted", (_, [high = 0, low = 0]) => {
  expect(readInner(patched(inner4, { 12: high, 13: low }))).toMatchObject({ fault: "unwanted_proto" });
});

describe("Geneve", () => {
  const [udpAt, geneveAt, optionAt] = [54, 62, 70];
  /** The frame with these options, and all lengths right. */
  function withOptions(critical: boolean, ...options: readonly (readonly number[])[]): Uint8Array {
    const all = options.flat();
    const bytes = Uint8Array.from([...outer.subarray(0, optionAt), ...all, ...outer.subarray(optionAt)]);
    const length = bytes.length - udpAt;
    return patched(bytes, {
      18: length >> 8,
      19: length & 0xff,
      [udpAt + 4]: length >> 8,
      [udpAt + 5]: length & 0xff,
      [geneveAt]: all.length / 4,
      [geneveAt + 1]: critical ? 0x40 : 0,
    });
  }

  test("the options of OPTE are read, others skipped unless they are critical", () => {
    const foreign = [0xff, 0xff, 0x01, 1, 9, 9, 9, 9];
    const external = [0x01, 0x29, 0x00, 0];
    const multicast = [0x01, 0x29, 0x01, 1, 0x40, 0, 0, 0];
    const mss = [0x01, 0x29, 0x02, 1, 0, 0, 0x05, 0xa8];
    const { packet, isRead } = readUnderlay(withOptions(false, foreign, external, multicast, mss));
    expect([isRead, packet.fault]).toEqual([true, "none"]);
    expect(packet).toMatchObject({ external: true, mssOption: 1448, vni, destinationPort: 8 });
    // The bit of the option alone, without the flag of the header, says nothing.
    expect(readUnderlay(withOptions(false, [0xff, 0xff, 0x80, 0]))).toMatchObject({ isRead: true });
    expect(readUnderlay(withOptions(true, [0xff, 0xff, 0x80, 0]))).toMatchObject({ isRead: false });
    expect(readUnderlay(withOptions(true, [0xff, 0xff, 0x80, 0])).packet).toMatchObject({
      fault: "bad_tun_opt",
      faultActual: 0xff_ff80,
    });
  });

  test.each([
    ["another version", { [geneveAt]: 0x40 }, "illegal_val"],
    ["options beyond the frame", { [geneveAt]: 0x3f }, "truncated"],
    ["another payload than Ethernet", { [geneveAt + 2]: 0x08, [geneveAt + 3]: 0 }, "unwanted_proto"],
    ["a length of UDP below its header's", { [udpAt + 4]: 0, [udpAt + 5]: 4 }, "bad_len"],
    ["a length of IPv6 beyond the frame", { 18: 0xff }, "bad_len"],
  ])("%s is found", (_, changes, fault) => {
    expect(readUnderlay(patched(outer, changes)).packet).toMatchObject({ fault });
  });

  test("an option longer than all options is found", () => {
    expect(readUnderlay(withOptions(false, [0x01, 0x29, 0x02, 9])).packet).toMatchObject({ fault: "bad_tun_opt" });
  });

  test.each([
    ["another UDP port", { [udpAt + 3]: 0 }],
    ["TCP", { 20: 6 }],
    ["IPv4", { 12: 8, 13: 0 }],
  ])("%s is the host's own", (_, changes) => {
    expect(readUnderlay(patched(outer, changes)).packet).toMatchObject({ fault: "not_geneve" });
  });
});
