import { describe, expect, test } from "vitest";
import { allMatch, compareWithPattern, type FramePattern } from "../../src/flow/pattern.ts";
import { formatPattern } from "../../src/flow/pattern-text.ts";
import { bgp, ethernet, geneve, ipv6, packet, payload, tcp, udp } from "../../src/packet/index.ts";
import { sightingOf } from "./sightings.ts";

const seen = sightingOf();

describe("compareWithPattern", () => {
  test.for<[string, FramePattern]>([
    ["no part at all", {}],
    ["the sender", { from: "h1:net0" }],
    ["the end it leads to", { to: "r1:net0" }],
    ["a layer that is there", { udp: {} }],
    ["a layer that is not there", { tcp: false }],
    ["fields of several layers", { ipv6: { src: "fd00:1::1", hopLimit: 64 }, udp: { dstPort: 9 } }],
    ["a function over a field", { udp: { srcPort: (port) => port >= 4000 } }],
    ["a regular expression", { ipv6: { dst: /^fd00:2:/ } }],
    ["bytes", { payload: { data: Buffer.from("kestrel") } }],
    ["a list for one layer", { ipv6: [{ hopLimit: 64 }] }],
    ["a function over the frame", ({ frame }) => frame.length > 60],
    ["any fate", { fate: "any" }],
  ])("accepts %s", ([, pattern]) => {
    expect(allMatch(compareWithPattern(pattern, seen))).toBe(true);
  });

  test.for<[string, FramePattern, string]>([
    ["another sender", { from: "r1:net0" }, "from"],
    ["another end", { to: "h2:net0" }, "to"],
    ["a missing layer", { tcp: {} }, "tcp"],
    ["a layer that must not be there", { udp: false }, "udp"],
    ["a field", { ipv6: { hopLimit: 63 } }, "ipv6.hopLimit"],
    ["a function over a field", { udp: { srcPort: () => false } }, "udp.srcPort"],
    ["bytes", { payload: { data: Buffer.from("kestre") } }, "payload.data"],
    ["a second layer of the kind", { ipv6: [{ hopLimit: 64 }, {}] }, "ipv6[1]"],
    [
      "a named function",
      function arrivesLate() {
        return false;
      },
      "arrivesLate",
    ],
    ["another fate", { fate: "loss" }, "fate"],
  ])("refuses %s and names the field", ([, pattern, field]) => {
    const wrong = compareWithPattern(pattern, seen).filter(({ matches }) => !matches);
    expect(wrong.map((verdict) => verdict.field)).toEqual([field]);
  });

  test("a frame that was lost matches no pattern that does not ask for it", () => {
    expect(allMatch(compareWithPattern({ udp: {} }, sightingOf({ fate: "loss" })))).toBe(false);
    expect(allMatch(compareWithPattern({ udp: {}, fate: "loss" }, sightingOf({ fate: "loss" })))).toBe(true);
  });
});

describe("a pattern over a packet in a packet", () => {
  const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
  const encapsulated = sightingOf({
    of: packet(
      ...[link, ipv6({ src: "fd00:1::1", dst: "fd00:2::2", hopLimit: 63 })],
      ...[udp({ srcPort: 9655, dstPort: 6081, checksum: 0 }), geneve({ vni: 1001, options: [{ option: "external" }] })],
      ...[{ ...link, src: "a8:40:25:f0:00:01" }, ipv6({ src: "fd77::1", dst: "fd77::2" })],
      ...[udp({ srcPort: 4000, dstPort: 9 }), payload("kestrel")],
    ),
  });

  test.for<[string, FramePattern]>([
    ["the tunnel", { geneve: { vni: 1001 }, udp: { dstPort: 6081, checksum: 0 } }],
    ["fields that follow from the packet", { geneve: { critical: false, protocolType: 0x6558 } }],
    ["options", { geneve: { options: [{ option: "external" }] } }],
    ["both packets, the outer first", { ipv6: [{ hopLimit: 63 }, { src: "fd77::1", payloadLength: 15 }] }],
    ["the inner one only", { ethernet: [{}, { src: "a8:40:25:f0:00:01" }], udp: [{}, { dstPort: 9 }] }],
  ])("accepts %s", ([, pattern]) => {
    expect(allMatch(compareWithPattern(pattern, encapsulated))).toBe(true);
  });

  test.for<[string, FramePattern, string]>([
    ["another network", { geneve: { vni: 1002 } }, "geneve.vni"],
    ["the outer fields of the inner packet", { ipv6: [{}, { hopLimit: 63 }] }, "ipv6[1].hopLimit"],
    ["a third packet", { udp: [{}, {}, {}] }, "udp[2]"],
    ["a tunnel that must not be there", { geneve: false }, "geneve"],
  ])("refuses %s and names the field", ([, pattern, field]) => {
    const wrong = compareWithPattern(pattern, encapsulated).filter(({ matches }) => !matches);
    expect(wrong.map((verdict) => verdict.field)).toEqual([field]);
  });

  test("reaches into the lists of a message", () => {
    const update = sightingOf({
      of: packet(
        ...[link, ipv6({ src: "fe80::1", dst: "fe80::2" }), tcp({ srcPort: 50_000, dstPort: 179 })],
        bgp({ message: "update", withdrawn: [], attributes: [], announced: ["10.0.0.0/8", "10.9.0.0/16"] }),
      ),
    });
    const announces = (prefix: string): FramePattern => ({
      bgp: { message: "update", announced: (prefixes) => prefixes.includes(prefix) },
    });
    expect(allMatch(compareWithPattern(announces("10.9.0.0/16"), update))).toBe(true);
    expect(allMatch(compareWithPattern(announces("10.8.0.0/16"), update))).toBe(false);
  });
});

describe("formatPattern", () => {
  test.for<[FramePattern, string]>([
    [{}, "any frame"],
    [
      { from: "h1:net0", ipv6: { dst: "fd00::1", hopLimit: 63 }, udp: {}, tcp: false },
      "from h1:net0, ipv6 {dst: fd00::1, hopLimit: 63}, udp, no tcp",
    ],
    [{ ipv6: { src: /^fd/ } }, "ipv6 {src: /^fd/}"],
    [{ payload: { data: Buffer.from([1, 2]) } }, "payload {data: 0102}"],
    [() => true, "a value for which the function holds"],
  ])("%o", ([pattern, text]) => {
    expect(formatPattern(pattern)).toBe(text);
  });
});
