import { expect, test } from "vitest";
import { type PlacedAddress, rackPrefixFaults } from "../../../src/stack/nexus/rack-prefixes.ts";

const placed = (rack: string | undefined, address: string): PlacedAddress => ({ rack, address, path: [address] });

const rack0 = [placed("rack0", "fd00:1122:3344:101::1"), placed("rack0", "fd00:1122:3344:1f0::1")];
const discovery = placed(undefined, "fd00:1122:3344:1::1");

test("a rack with a /56 of its own joins", () => {
  expect(rackPrefixFaults([...rack0, placed("rack1", "fd00:1122:3344:201::1"), discovery])).toEqual([]);
});

test("a rack that would join with another's /56 is refused, with all its addresses", () => {
  const joining = [placed("rack1", "fd00:1122:3344:102::1"), placed("rack1", "fd00:1122:3344:1f1::1")];
  const message = "expected an address outside of fd00:1122:3344:100::/56, which is that of rack0";
  expect(rackPrefixFaults([...rack0, ...joining])).toEqual(joining.map(({ path }) => ({ path, message })));
});

test("nobody has the /56 of service discovery, a rack only one /56, and a node a /64", () => {
  const messages = (...addresses: readonly PlacedAddress[]) =>
    rackPrefixFaults(addresses).map(({ message }) => message);
  expect(messages(...rack0, placed(undefined, "fd00:1122:3344:103::1"))).toEqual([
    "expected an address outside of fd00:1122:3344:100::/56, which is that of rack0",
  ]);
  expect(messages(...rack0, placed("rack0", "fd00:1122:3344:201::1"))).toEqual([
    "expected an address in fd00:1122:3344:100::/56, which is that of rack0",
  ]);
  expect(messages(...rack0, placed("rack0", "fd00:1122:3344:101::2"))).toEqual([
    "expected a /64 of its own, found fd00:1122:3344:101::/64 a second time",
  ]);
});
