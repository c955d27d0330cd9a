import { expect, test } from "vitest";
import { build, icmp, icmpv6, parse, payload, tcp, udp, verifyChecksums } from "../../../../src/packet/index.ts";
import { Frame } from "../../../../src/stack/opte/engine/parse/frame.ts";
import { finishChecksum } from "../../../../src/stack/opte/opted/finish-checksum.ts";
import { g1, g2, guestFrame } from "../fixture.ts";

const odd = payload("seven b");
const body = payload("eight by");

test.each([
  ["TCP over IPv4", guestFrame(g1, g1.ip, g2.ip, tcp({ srcPort: 1, dstPort: 2, checksum: 0x1234 }), odd)],
  ["TCP over IPv6", guestFrame(g1, g1.ip6, g2.ip6, tcp({ srcPort: 1, dstPort: 2, checksum: 0x1234 }), body)],
  ["UDP over IPv4", guestFrame(g1, g1.ip, g2.ip, udp({ srcPort: 1, dstPort: 2, checksum: 0x1234 }), odd)],
  ["UDP over IPv6", guestFrame(g1, g1.ip6, g2.ip6, udp({ srcPort: 1, dstPort: 2, checksum: 0x1234 }), body)],
  [
    "ICMPv6",
    guestFrame(g1, g1.ip6, g2.ip6, icmpv6({ message: "echo-request", identifier: 1, sequence: 2, checksum: 9 }), odd),
  ],
])("the checksum of %s is written, padding left out of it", (_, unfinished) => {
  const frame = new Frame(2048);
  const bytes = build(unfinished);
  const padded = new Uint8Array(bytes.length + 3).fill(0xee);
  padded.set(bytes);
  expect(verifyChecksums(parse(bytes))).not.toEqual([]);
  frame.load(padded);
  finishChecksum(frame);
  expect(verifyChecksums(parse(frame.contents.slice(0, bytes.length)))).toEqual([]);
  expect([...frame.contents.slice(bytes.length)]).toEqual([0xee, 0xee, 0xee]);
});

test("a UDP checksum that would be zero is written as ones: zero says that there is none", () => {
  const frame = new Frame(2048);
  const sums = new Set<number>();
  for (let word = 0; word < 0x1_0000 && !sums.has(0xffff); word++) {
    const data = payload(Uint8Array.of(word >> 8, word & 0xff));
    frame.load(build(guestFrame(g1, g1.ip, g2.ip, udp({ srcPort: 1, dstPort: 2, checksum: 1 }), data)));
    finishChecksum(frame);
    sums.add(frame.view.getUint16(frame.start + 40));
  }
  expect([sums.has(0xffff), sums.has(0)]).toEqual([true, false]);
});

test("what has no such checksum, or is cut short, stays as it is", () => {
  const frame = new Frame(2048);
  const whole = build(guestFrame(g1, g1.ip, g2.ip, tcp({ srcPort: 1, dstPort: 2 })));
  const ping = build(guestFrame(g1, g1.ip, g2.ip, icmp({ message: "echo-request", identifier: 1, sequence: 2 })));
  for (const bytes of [ping, ...Array.from({ length: 50 }, (_, length) => whole.subarray(0, length))]) {
    frame.load(bytes);
    finishChecksum(frame);
    expect([...frame.contents]).toEqual([...bytes]);
  }
});
