import fc from "fast-check";
import { isIPv6 } from "node:net";
import { describe, expect, test } from "vitest";
import {
  addressOfMac,
  canonicalIpv6,
  canonicalMac,
  formatIpv4,
  formatIpv6,
  formatMac,
  formatPrefix,
  isMulticastIpv4,
  isMulticastIpv6,
  isMulticastMac,
  linkLocalOfMac,
  multicastMacOfIpv4,
  multicastMacOfIpv6,
  PacketError,
  parseIpv4,
  parseIpv6,
  parseMac,
  parsePrefix,
  prefixContains,
  solicitedNodeMulticast,
} from "../../src/packet/index.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

describe("addresses", () => {
  test("read back as they are written", () => {
    fc.assert(
      fc.property(bytes(6), bytes(4), bytes(16), (mac, four, six) => {
        expect(parseMac(formatMac(mac))).toEqual(mac);
        expect(parseIpv4(formatIpv4(four))).toEqual(four);
        expect(parseIpv6(formatIpv6(six))).toEqual(six);
        expect(isIPv6(formatIpv6(six))).toBe(true);
      }),
    );
  });

  test.each([
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::A", "2001:db8::a"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
    ["fd00::10.0.0.1", "fd00::a00:1"],
    ["1::", "1::"],
  ])("%s is written %s (RFC 5952)", (text, canonical) => {
    expect(canonicalIpv6(text)).toBe(canonical);
  });

  test.each(["", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "g::", "12345::"])(
    "%o is no IPv6 address",
    (text) => {
      expect(() => parseIpv6(text)).toThrow(PacketError);
    },
  );

  test("text is an IPv6 address exactly where Node.js thinks so", () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom("0", ":", "1", ".", "a", "f"), maxLength: 20 }),
      fc.ipV6(),
      fc.ipV6().map((address) => address.replace(/:\w/, ":")),
    );
    fc.assert(
      fc.property(text, (address) => {
        expect(reads(parseIpv6, address)).toBe(isIPv6(address));
      }),
      { numRuns: 1000 },
    );
  });

  test.each(["10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1.", "a.b.c.d", ""])("%o is no IPv4 address", (text) => {
    expect(() => parseIpv4(text)).toThrow(PacketError);
  });

  test.each(["", "02:00:00:00:00", "02:00:00:00:00:000", "0g:00:00:00:00:00"])("%o is no MAC address", (text) => {
    expect(() => parseMac(text)).toThrow(`found "${text}"`);
  });

  test("are derived from each other as the RFCs say", () => {
    expect(canonicalMac("2-0-0-0-A-1")).toBe("02:00:00:00:0a:01");
    expect(linkLocalOfMac("34:56:78:9a:bc:de")).toBe("fe80::3656:78ff:fe9a:bcde");
    expect(addressOfMac("fd00:1:2:3::", "02:00:00:00:00:01")).toBe("fd00:1:2:3:0:ff:fe00:1");
    expect(solicitedNodeMulticast("4037::1:800:200e:8c6c")).toBe("ff02::1:ff0e:8c6c");
    expect(multicastMacOfIpv6("ff02::1:ff0e:8c6c")).toBe("33:33:ff:0e:8c:6c");
    expect(multicastMacOfIpv4("224.128.0.5")).toBe("01:00:5e:00:00:05");
    expect([isMulticastMac("33:33:00:00:00:01"), isMulticastMac("02:00:00:00:00:01")]).toEqual([true, false]);
    expect([isMulticastIpv4("239.1.1.1"), isMulticastIpv4("240.0.0.1")]).toEqual([true, false]);
    expect([isMulticastIpv6("ff02::1"), isMulticastIpv6("fe80::1")]).toEqual([true, false]);
  });
});

describe("prefixes", () => {
  test("lose their host bits", () => {
    expect(formatPrefix(parsePrefix("10.1.2.3/23"))).toBe("10.1.2.0/23");
    expect(formatPrefix(parsePrefix("fd00:1:2:3:4::/56"))).toBe("fd00:1:2::/56");
    expect(parsePrefix("0.0.0.0/0")).toEqual({ family: 4, address: "0.0.0.0", length: 0 });
  });

  test("contain exactly the addresses that share their bits", () => {
    fc.assert(
      fc.property(
        bytes(16),
        fc.integer({ min: 0, max: 128 }),
        fc.integer({ min: 0, max: 127 }),
        (raw, length, flipped) => {
          const prefix = parsePrefix(`${formatIpv6(raw)}/${length}`);
          const other = Uint8Array.from(raw);
          other[flipped >> 3] = (other[flipped >> 3] ?? 0) ^ (0x80 >> (flipped & 7));
          expect(prefixContains(prefix, formatIpv6(raw))).toBe(true);
          expect(prefixContains(prefix, formatIpv6(other))).toBe(flipped >= length);
        },
      ),
    );
    expect(prefixContains(parsePrefix("::/0"), "10.0.0.1")).toBe(false);
  });

  test.each(["10.0.0.0", "10.0.0.0/33", "fd00::/129", "fd00::/", "fd00::/1/2", "fd00::/-1"])("%o is none", (text) => {
    expect(() => parsePrefix(text)).toThrow(PacketError);
  });
});

function reads(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
