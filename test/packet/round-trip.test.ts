import fc from "fast-check";
import { describe as suite, expect, test } from "vitest";
import { build, complete, describe, difference, explain, parse, verifyChecksums } from "../../src/packet/index.ts";
import { anyPacket } from "./arbitrary-packet.ts";

/** Frames that begin as good ones, so that changes reach deep into the parsers. */
const damagedFrame = fc
  .tuple(
    anyPacket,
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
    fc.option(fc.nat(), { nil: undefined }),
    fc.uint8Array({ maxLength: 30 }),
  )
  .map(([packet, changes, cut, extra]) => {
    const bytes = build(packet);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return Buffer.concat([cut === undefined ? bytes : bytes.subarray(0, cut % bytes.length), extra]);
  });

const anyFrame = fc.oneof(damagedFrame, fc.uint8Array({ maxLength: 200 }));

suite("a packet", () => {
  test("is what is parsed from its bytes", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        expect(parse(build(packet))).toEqual(packet);
      }),
      { numRuns: 1000 },
    );
  });

  test("with every field given is built to the same bytes", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        const whole = complete(packet);
        expect(build(whole).equals(build(packet))).toBe(true);
        expect(verifyChecksums(whole)).toEqual([]);
      }),
    );
  });

  test("does not differ from itself", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        expect(difference(packet, parse(build(packet)))).toEqual([]);
      }),
    );
  });
});

suite("any bytes", () => {
  test("are built again from what is parsed of them", () => {
    fc.assert(
      fc.property(anyFrame, (bytes) => {
        expect(build(parse(bytes)).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
      }),
      { numRuns: 1000 },
    );
  });

  test("can be talked about", () => {
    fc.assert(
      fc.property(anyFrame, anyFrame, (one, other) => {
        const [before, after] = [parse(one), parse(other)];
        expect(describe(before)).not.toContain("\n");
        expect(explain(before).split("\n").length).toBeGreaterThanOrEqual(before.layers.length);
        expect(difference(before, after).length === 0).toBe(Buffer.from(one).equals(other));
        expect(verifyChecksums(before)).toBeInstanceOf(Array);
      }),
      { numRuns: 1000 },
    );
  });

  test("keep their meaning when the memory they came in is used again", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        const bytes = build(packet);
        const parsed = parse(bytes);
        bytes.fill(0xaa);
        expect(parsed).toEqual(packet);
      }),
    );
  });
});

suite("bytes made to be slow", () => {
  const ethernet = "020000000002020000000001";
  const ipv6Of = (nextHeader: string): string => `86dd60000000ffff${nextHeader}40${"00".repeat(32)}`;
  const udpTo = (port: string): string => `${ipv6Of("11")}c350${port}00000000`.replace("86dd", `${ethernet}86dd`);
  const tcpTo = (port: string): string => `${ethernet}${ipv6Of("06")}c350${port}${"00".repeat(8)}5010${"00".repeat(6)}`;
  const geneveOf = (protocol: string): string => `c35017c1000000000000${protocol}00000100`;
  /** Records whose names each are one label and a pointer to the name before, up to the longest that there can be. */
  const dnsChain = (count: number): string =>
    Array.from({ length: count }, (_, i) => {
      const to = i % 120 === 0 ? 12 : Math.min(0x3fff, 25 + 14 * (i - 1));
      return `0161${(0xc000 + to).toString(16)}00630001000000000000`;
    }).join("");
  const longName = `${`3f${"61".repeat(63)}`.repeat(3)}3d${"61".repeat(61)}00`;
  test.each([
    ["VLAN tags", ethernet + "81000001".repeat(16_000)],
    ["extension headers", ethernet + ipv6Of("3c") + "3c00000000000000".repeat(8000)],
    ["tunnels in tunnels", ethernet + "86dd" + `60000000ffff2940${"00".repeat(32)}`.repeat(1600)],
    ["NDP options", `${ethernet}${ipv6Of("3a")}8500000000000000${"0101020304050607".repeat(8000)}`],
    ["options of one byte", ethernet + ipv6Of("3c") + "3cff" + "00".repeat(65_000)],
    [
      "records of an MLD report",
      `${ethernet}${ipv6Of("3a")}8f0000000000ffff${`01000000${"00".repeat(16)}`.repeat(3200)}`,
    ],
    [
      "Ethernet in Geneve in Ethernet",
      `${ethernet}86dd60000000ffff1140${"00".repeat(32)}${geneveOf("6558")}`.repeat(800),
    ],
    ["BGP messages", `${tcpTo("00b3")}${`${"ff".repeat(16)}001304`.repeat(3000)}`],
    ["BGP prefixes", `${tcpTo("00b3")}${"ff".repeat(16)}ea6002${"0000".repeat(2)}${"00".repeat(59_977)}`],
    ["options of DHCPv6", `${udpTo("0223")}01000001${"01000000".repeat(15_000)}`],
    ["options of DHCP", `${udpTo("0043")}0101${"00".repeat(234)}63825363${"00".repeat(60_000)}ff`],
    ["names of a DHCPv6 domain list", `${udpTo("0223")}010000010018ea60${"00".repeat(60_000)}`],
    [
      "DNS names that point to the one before",
      `${udpTo("0035")}00000000000003e90000000001610000630001000000000000${dnsChain(1000)}`,
    ],
    [
      "records of DNS with the longest name",
      `${udpTo("0035")}000000000001138800000000${longName}00010001${`c00c006300010000000000000`.slice(0, 24).repeat(5000)}`,
    ],
    ["LLDP", `${ethernet}88cc${"1200".repeat(32_000)}0000`],
    ["zeros", "00".repeat(65_535)],
  ])("%s: take time in proportion to their length", (_, hex) => {
    const bytes = Buffer.from(hex, "hex");
    const started = process.cpuUsage();
    const packet = parse(bytes);
    expect(build(packet).equals(bytes)).toBe(true);
    describe(packet);
    explain(packet);
    difference(packet, parse(bytes.subarray(0, -1)));
    // Processor time, so that a busy machine does not matter; quadratic work on 64 kB takes hundreds of times as long.
    const { user } = process.cpuUsage(started);
    expect(user / 1000).toBeLessThan(20_000);
    expect(packet.layers.length).toBeLessThan(70);
  });
});
