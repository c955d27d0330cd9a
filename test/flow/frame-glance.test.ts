import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlance, isPlainTraffic } from "../../src/flow/frame-glance.ts";
import { backgroundKind } from "../../src/flow/background.ts";
import { allMatch, compareWithPattern, type FramePattern } from "../../src/flow/pattern.ts";
import {
  build,
  ethernet,
  icmpv6,
  ipv4,
  ipv6,
  packet,
  type Packet,
  payload,
  tcp,
  udp,
  vlan,
} from "../../src/packet/index.ts";
import { anyPacket } from "../packet/arbitrary-packet.ts";
import { sightingOf } from "./sightings.ts";

const link = ethernet({ src: "02:00:00:00:00:01", dst: "02:00:00:00:00:02" });
const six = ipv6({ src: "fd00::1", dst: "fd00::2" });
const four = ipv4({ src: "10.0.0.1", dst: "10.0.0.2" });
const packets: readonly Packet[] = [
  packet(link, six, udp({ srcPort: 4000, dstPort: 9 }), payload("text")),
  packet(link, four, udp({ srcPort: 4000, dstPort: 9 }), payload("text")),
  packet(link, six, tcp({ srcPort: 4000, dstPort: 179 }), payload("text")),
  packet(link, four, tcp({ srcPort: 4000, dstPort: 80 })),
  packet(link, six, icmpv6({ message: "echo-request", identifier: 1, sequence: 2 })),
  packet(link, vlan({ id: 5 }), six, udp({ srcPort: 4000, dstPort: 9 })),
  packet(link, ipv4({ src: "10.0.0.1", dst: "10.0.0.2", moreFragments: true }), udp({ srcPort: 4000, dstPort: 9 })),
  packet(link, four, six, udp({ srcPort: 4000, dstPort: 9 })),
];
const patterns: readonly FramePattern[] = [
  {},
  { udp: {} },
  { tcp: {} },
  { icmpv6: {} },
  { ipv4: {}, udp: { dstPort: 9 } },
  { ipv6: { src: "fd00::1", hopLimit: 64 }, udp: { srcPort: 4000 } },
  { ipv6: { src: "FD00::1" } },
  { ipv4: { dst: "10.0.0.2", ttl: 63 } },
  { ethernet: { dst: "02:00:00:00:00:02" }, tcp: { dstPort: (port) => port < 1024 } },
  { udp: false },
  { vlan: {}, udp: {} },
  { ipv4: {}, ipv6: {} },
  { inner: { udp: { dstPort: 9 } } },
  { udp: { dstPort: 70_000 } },
  { from: "h1:net0", payload: {} },
  { from: "r1:net0" },
  { fate: "loss" },
  { to: "r1:net0", udp: {} },
  { to: "h2:net0" },
];

describe("compileGlance", () => {
  test("never says anything else than decoding does", () => {
    const frames = [...packets, ...fc.sample(anyPacket, { numRuns: 300, seed: 20261127 })];
    let decided = 0;
    for (const each of frames) {
      const seen = sightingOf({ of: each });
      for (const pattern of patterns) {
        const verdict = compileGlance(pattern)(seen);
        if (verdict === "unsure") continue;
        decided += 1;
        expect([each, pattern, verdict]).toEqual([
          each,
          pattern,
          allMatch(compareWithPattern(pattern, seen)) ? "yes" : "no",
        ]);
      }
    }
    expect(decided).toBeGreaterThan(100);
  });

  test("decides the plain cases without decoding", () => {
    const seen = sightingOf({ of: packets[0] ?? packet() });
    expect(compileGlance({ ipv6: { dst: "fd00::2" }, udp: { dstPort: 9 } })(seen)).toBe("yes");
    expect(compileGlance({ ipv6: { dst: "fd00::3" }, udp: { dstPort: (port) => port === 9 } })(seen)).toBe("no");
  });

  test("cut and corrupted frames are left to decoding where it matters", () => {
    fc.assert(
      fc.property(fc.constantFrom(...packets), fc.nat(90), fc.nat(255), fc.nat(90), (each, at, value, length) => {
        const frame = Buffer.from(build(each));
        if (at < frame.length) frame[at] = value;
        const seen = sightingOf({ bytes: frame.subarray(0, Math.max(1, length)) });
        for (const pattern of patterns) {
          const verdict = compileGlance(pattern)(seen);
          if (verdict !== "unsure") expect(verdict === "yes").toBe(allMatch(compareWithPattern(pattern, seen)));
        }
        if (isPlainTraffic(seen)) expect(backgroundKind(seen.packet)).toBeUndefined();
      }),
      { seed: 20261127, numRuns: 500 },
    );
  });
});
