import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contains,
  formatPrefix,
  linkLocalOf,
  networkOf,
  parsePrefix,
  type Prefix,
} from "../../src/topology/addresses.ts";

const prefixes = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
);

function parsed([address, length]: [string, number]): Prefix {
  const prefix = parsePrefix(`${address}/${length}`);
  if (prefix === undefined) throw new Error(`${address}/${length} was refused`);
  return prefix;
}

describe("prefixes", () => {
  it("are canonical once parsed", () => {
    fc.assert(
      fc.property(prefixes, (source) => {
        const text = formatPrefix(parsed(source));
        expect(
          formatPrefix(
            parsed(text.split("/").map((part, index) => (index === 0 ? part : Number(part))) as [string, number]),
          ),
        ).toBe(text);
      }),
      { seed: 1 },
    );
  });

  it("contain what node's own BlockList says they contain", () => {
    fc.assert(
      fc.property(prefixes, fc.oneof(fc.ipV4(), fc.ipV6()), (source, other) => {
        const prefix = parsed(source);
        const family = (address: string): "ipv4" | "ipv6" => (address.includes(":") ? "ipv6" : "ipv4");
        for (const address of [other, prefix.address, networkOf(prefix).address]) {
          if (family(address) !== family(prefix.address)) {
            expect(contains(prefix, address)).toBe(false);
            continue;
          }
          const list = new BlockList();
          list.addSubnet(prefix.address, prefix.length, family(prefix.address));
          expect(contains(prefix, address)).toBe(list.check(address, family(address)));
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each([
    "10.0.0.1",
    "10.0.0.1/33",
    "fd00::1/129",
    "fd00::g/64",
    "fe80::1%eth0/64",
    "/24",
    "10.0.0.1/ 24",
    "1.2.3/8",
  ])("%s is none", (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });
});

it("makes link-local addresses as RFC 4291, appendix A, does", () => {
  expect(linkLocalOf("34:56:78:9a:bc:de")).toBe("fe80::3656:78ff:fe9a:bcde");
  expect(linkLocalOf("02:00:00:00:00:01")).toBe("fe80::ff:fe00:1");
});
