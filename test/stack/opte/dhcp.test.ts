import { describe, expect, test } from "vitest";
import { IpAddress, IpPrefix } from "../../../src/stack/opte/engine/parse/address.ts";
import type { DhcpConfiguration, Family } from "../../../src/stack/opte/engine/vpc/configuration.ts";
import { classlessRoute, dhcpv4Options } from "../../../src/stack/opte/engine/vpc/dhcpv4.ts";
import { parseDhcpv6 } from "../../../src/stack/opte/engine/vpc/dhcpv6-request.ts";
import { domainNameBytes, isDomainName } from "../../../src/stack/opte/engine/vpc/domain-name.ts";

/* What the reference's unit tests of DHCP check (specification, sections 1.11 and 5.6). */

const family: Family = {
  version: 4,
  subnet: IpPrefix.parse("172.30.0.0/22"),
  privateIp: IpAddress.parse("172.30.0.5"),
  gatewayIp: IpAddress.parse("172.30.0.1"),
};
const hex = (bytes: Iterable<number>): string => Buffer.from([...bytes]).toString("hex");
const optionsOf = (dhcp: DhcpConfiguration): string => hex(dhcpv4Options(2, dhcp, family));
const always =
  "350102" + "0104ffffffff" + "0304ac1e0001" + "3604ac1e0001" + "330400015180" + "790e20ac1e00010000000000ac1e0001";

describe("options of DHCPv4", () => {
  test.each([
    ["nothing but what everybody gets", {}, ""],
    ["a host name", { hostname: "myhost" }, "0c066d79686f7374"],
    ["a domain", { domain: "my.test" }, "0f076d792e74657374"],
    ["a search list", { searchList: ["ab.c", "d"] }, "7709" + "0261620163000164" + "00"],
  ])("%s", (_, dhcp, more) => {
    expect(optionsOf(dhcp)).toBe(`${always}${more}ff`);
  });

  test("name servers, three at most", () => {
    const three = "060c" + "01010101" + "08080808" + "09090909";
    expect(optionsOf({ dns4: ["1.1.1.1", "8.8.8.8", "9.9.9.9", "4.4.4.4"] })).toContain(three + "790e");
  });

  test("a search list longer than an option is split", () => {
    const label = "a".repeat(63);
    const options = dhcpv4Options(2, { searchList: Array.from({ length: 5 }, () => label) }, family);
    const text = hex(options).slice(always.length);
    // 5 names of 65 bytes: 255 and 70.
    expect(text.slice(0, 4)).toBe("77ff");
    expect(text.slice(4 + 510, 4 + 514)).toBe("7746");
    expect(text).toHaveLength(4 + 510 + 4 + 140 + 2);
  });

  test.each([
    ["0.0.0.0", 0, "10.0.0.1", "000a000001"],
    ["10.0.0.0", 8, "10.0.0.1", "080a0a000001"],
    ["10.254.0.0", 15, "10.0.0.1", "0f0afe0a000001"],
    ["10.17.0.0", 16, "10.0.0.1", "100a110a000001"],
    ["10.27.129.0", 24, "10.0.0.1", "180a1b810a000001"],
    ["10.229.0.128", 25, "10.0.0.1", "190ae500800a000001"],
    ["10.198.122.47", 32, "10.0.0.1", "200ac67a2f0a000001"],
  ])("the classless route %s/%s by %s (RFC 3442)", (prefix, length, router, bytes) => {
    expect(hex(classlessRoute(IpAddress.parse(prefix), length, IpAddress.parse(router)))).toBe(bytes);
  });
});

describe("names", () => {
  test("are labels with their lengths, and a zero", () => {
    expect(hex(domainNameBytes("testbox.test.oxide.computer"))).toBe(
      hex(Buffer.from("\x07testbox\x04test\x05oxide\x08computer\0", "latin1")),
    );
  });

  test.each([
    ["a", true],
    ["a".repeat(63), true],
    ["a".repeat(64), false],
    ["", false],
    ["a..b", false],
    ["with space", false],
    [
      Array.from({ length: 4 }, () => "a".repeat(63))
        .join(".")
        .slice(0, 253),
      true,
    ],
    [Array.from({ length: 4 }, () => "a".repeat(63)).join("."), false],
  ])("%j can be one: %s", (name, is) => {
    expect(isDomainName(name)).toBe(is);
  });
});

describe("a DHCPv6 message", () => {
  const option = (code: number, ...data: readonly Uint8Array[]): Buffer => {
    const body = Buffer.concat(data);
    const head = Buffer.alloc(4);
    head.writeUInt16BE(code, 0);
    head.writeUInt16BE(body.length, 2);
    return Buffer.concat([head, body]);
  };
  const message = (...options: readonly Uint8Array[]): Buffer =>
    Buffer.concat([Buffer.from([1, 0xab, 0xcd, 0xef]), ...options]);
  const association = (...options: readonly Uint8Array[]): Buffer => option(3, Buffer.alloc(12, 7), ...options);

  test("is read with what the server looks at", () => {
    const address = Buffer.concat([IpAddress.parse("fd00::5").bytes, Buffer.alloc(8)]);
    const read = parseDhcpv6(
      message(
        option(1, Buffer.from("0001", "hex")),
        option(8, Buffer.from([0, 0])),
        option(14),
        option(6, Buffer.from("0017001800270063", "hex")),
        association(option(5, address)),
      ),
    );
    expect(read).toMatchObject({
      ...{ type: 1, transaction: 0xabcdef, hasElapsedTime: true, hasRapidCommit: true },
      requested: [23, 24, 39, 99],
      iaid: Buffer.alloc(4, 7),
    });
    expect(read?.addresses.map((bytes) => IpAddress.of(bytes).text)).toEqual(["fd00::5"]);
  });

  test.each([
    ["shorter than its header", Buffer.from([1, 0, 0])],
    ["with a part of an option's header", message(Buffer.from([0, 1, 0]))],
    ["with an option longer than the message", message(Buffer.from([0, 1, 0, 5, 1]))],
    ["that requests half an option", message(option(6, Buffer.from([0, 23, 0])))],
    ["whose association lacks its fixed part", message(option(3, Buffer.alloc(11)))],
    ["whose address lacks its fixed part", message(association(option(5, Buffer.alloc(23))))],
    ["whose association has an option cut short", message(association(Buffer.from([0, 5, 0, 24])))],
  ])("%s is none", (_, bytes) => {
    expect(parseDhcpv6(bytes)).toBeUndefined();
  });

  test("may nest options eight deep, and no deeper", () => {
    const nested = (depth: number): Buffer =>
      depth === 1 ? option(13, Buffer.alloc(2)) : association(nested(depth - 1));
    expect(parseDhcpv6(message(nested(8)))).toBeDefined();
    expect(parseDhcpv6(message(nested(9)))).toBeUndefined();
  });

  test("with nothing but a type and a number is one without anything", () => {
    expect(parseDhcpv6(message())).toMatchObject({
      clientId: undefined,
      requested: [],
      addresses: [],
      iaid: undefined,
    });
  });
});
