import { describe, expect, test } from "vitest";
import { masked } from "../../src/flow/frame-mask.ts";
import { build } from "../../src/packet/index.ts";
import { datagram } from "./routed-bed.ts";

const sent = datagram();
const behind = build(datagram({ hopLimit: 63, onSecondWire: true }));

describe("masked", () => {
  test("matches the same bytes and nothing else", () => {
    expect(masked(sent).matches(build(sent))).toBe(true);
    expect(masked(build(sent)).matches(build(sent))).toBe(true);
    expect(masked(sent).matches(Buffer.concat([build(sent), Buffer.of(0)]))).toBe(false);
    expect(masked(sent).matches(behind)).toBe(false);
  });

  test("lets fields and layers be anything, with the checksums that follow from them", () => {
    const crossed = masked(sent).ignoring("ethernet").ignoring("ipv6", "hopLimit");
    expect(crossed.matches(behind)).toBe(true);
    expect(crossed.matches(build(datagram({ text: "kestrex" })))).toBe(false);
    expect(
      masked(sent)
        .ignoring("udp", "dstPort")
        .matches(build(datagram({ port: 10 }))),
    ).toBe(true);
    expect(
      masked(sent)
        .ignoring("payload")
        .matches(build(datagram({ text: "kestrex" }))),
    ).toBe(true);
  });

  test("lets bytes be anything, but not what covers them", () => {
    // The MACs, and the hop limit, which no checksum covers.
    expect(masked(sent).ignoringBytes(0, 12).ignoringBytes(21, 1).matches(behind)).toBe(true);
    // The last bit of the hop limit: 64 and 65 are the same to it, 63 is not.
    const lastBit = masked(sent).ignoringBits(21 * 8 + 7, 1);
    expect(lastBit.matches(build(datagram({ hopLimit: 65 })))).toBe(true);
    expect(lastBit.matches(build(datagram({ hopLimit: 63 })))).toBe(false);
    const port = masked(sent).ignoringBytes(56, 2);
    const other = build(datagram({ port: 10 }));
    expect(port.matches(other)).toBe(false);
    expect(port.ignoringBytes(60, 2).matches(other)).toBe(true);
  });

  test("says which fields differ, and which layers do not", () => {
    const verdicts = masked(sent).ignoring("ethernet").compare(behind);
    expect(verdicts.filter(({ matches }) => !matches)).toEqual([
      { field: "ipv6.hopLimit", matches: false, expected: 64, found: 63 },
    ]);
    expect(verdicts.filter(({ matches }) => matches).map(({ field }) => field)).toEqual(["ethernet", "udp", "payload"]);
  });

  test("reads as what it is", () => {
    expect(String(masked(sent).ignoring("ethernet").ignoringBytes(21, 1))).toBe(
      "exactly IPv6 fd00:1::1 > fd00:2::2 hlim 64 UDP 4000 > 9 (7 bytes), apart from ethernet, 8 bits from bit 168",
    );
  });
});
