import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  build,
  ethernet,
  fragment,
  internetChecksum,
  ipv4,
  ipv6,
  packet,
  parse,
  payload,
  routing,
  tcp,
  udp,
  updateChecksum,
  verifyChecksums,
} from "../../src/packet/index.ts";
import { anyPacket } from "./arbitrary-packet.ts";

/** The sum as RFC 1071 defines it, word by word with the carry added at once, in another arithmetic. */
function naiveChecksum(bytes: Uint8Array): number {
  let sum = 0n;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += BigInt(((bytes[i] ?? 0) << 8) + (bytes[i + 1] ?? 0));
    if (sum > 0xffffn) sum -= 0xffffn;
  }
  return Number(0xffffn - sum);
}

const link = ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" });
const v4 = ipv4({ src: "10.0.0.1", dst: "10.0.0.2" });
const v6 = ipv6({ src: "fd00:1::1", dst: "fd00:2::2" });
const ports = { srcPort: 4000, dstPort: 9 };

describe("the internet checksum", () => {
  test("is that of the definition", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1600 }), (bytes) => {
        expect(internetChecksum(bytes)).toBe(naiveChecksum(bytes));
      }),
    );
  });

  test("does not overflow on the largest packet", () => {
    expect(internetChecksum(new Uint8Array(65535).fill(0xff))).toBe(naiveChecksum(new Uint8Array(65535).fill(0xff)));
  });

  test("updated for one word is that of the changed header", () => {
    const word = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(word, { minLength: 2, maxLength: 30 }), fc.nat(), word, (words, at, after) => {
        // RFC 1624 section 3: headers of nothing but zeros do not occur, the first word of IP is never zero.
        const bytesOf = (list: readonly number[]): Buffer =>
          Buffer.from([0x4500, ...list].flatMap((w) => [w >> 8, w & 0xff]));
        const index = at % words.length;
        const changed = words.with(index, after);
        const updated = updateChecksum(internetChecksum(bytesOf(words)), words[index] ?? 0, after);
        expect(updated).toBe(internetChecksum(bytesOf(changed)));
      }),
    );
  });
});

describe("verifyChecksums", () => {
  test("finds nothing in a packet that was built", () => {
    fc.assert(
      fc.property(anyPacket, (any) => {
        expect(verifyChecksums(parse(build(any)))).toEqual([]);
      }),
    );
  });

  test("names every wrong one and says what it should be", () => {
    const wrong = packet(link, { ...v4, checksum: 1 }, tcp({ ...ports, checksum: 2 }), payload("abc"));
    expect(verifyChecksums(parse(build(wrong)))).toEqual([
      {
        layer: "ipv4",
        index: 1,
        found: 1,
        expected: build(packet(link, v4, tcp(ports), payload("abc"))).readUInt16BE(24),
      },
      {
        layer: "tcp",
        index: 2,
        found: 2,
        expected: build(packet(link, v4, tcp(ports), payload("abc"))).readUInt16BE(50),
      },
    ]);
  });

  test("one changed byte anywhere under a checksum is found", () => {
    const bytes = build(packet(link, v4, udp(ports), payload("kestrel")));
    // From the addresses on: before them a change may make another protocol of the packet.
    for (let at = 26; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      const isLength = at === 38 || at === 39;
      if (!isLength) expect(verifyChecksums(parse(changed)), `byte ${at}`).not.toEqual([]);
    }
  });

  test("takes a UDP checksum of zero for none", () => {
    for (const network of [v4, v6]) {
      expect(verifyChecksums(packet(link, network, udp({ ...ports, checksum: 0 }), payload("x")))).toEqual([]);
    }
  });

  test("does not judge fragments and frames that were cut", () => {
    const whole = build(packet(link, v6, udp(ports), payload("x".repeat(100))));
    expect(verifyChecksums(parse(whole.subarray(0, 80)))).toEqual([]);
    const firstFragment = packet(
      ...[link, v6, fragment({ identification: 1, moreFragments: true })],
      udp({ ...ports, checksum: 7 }),
    );
    expect(verifyChecksums(firstFragment)).toEqual([]);
    expect(verifyChecksums(packet(link, { ...v4, moreFragments: true }, udp({ ...ports, checksum: 7 })))).toEqual([]);
  });

  test("reckons with the final destination behind a routing header", () => {
    const toFinal = build(packet(link, { ...v6, dst: "fd00:9::9" }, udp(ports)));
    for (const [routingType, offset] of [
      [0, 4],
      [2, 4],
      [4, 4],
    ] as const) {
      const data = new Uint8Array(20);
      data.set(Buffer.from("fd000009000000000000000000000009", "hex"), offset);
      const source = packet(link, v6, routing({ routingType, segmentsLeft: 1, data }), udp(ports));
      expect(build(source).subarray(-2)).toEqual(toFinal.subarray(-2));
      const arrived = packet(link, v6, routing({ routingType, segmentsLeft: 0, data }), udp(ports));
      expect(build(arrived).subarray(-2)).toEqual(build(packet(link, v6, udp(ports))).subarray(-2));
    }
  });
});
