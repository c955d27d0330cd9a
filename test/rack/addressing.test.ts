import { expect, test } from "vitest";
import { hostAddress, rackPrefix, sledPrefix, switchPrefix } from "../../src/rack/addressing.ts";

test("a rack is a /56 of the site, its sleds and tunnel endpoints are /64s of that", () => {
  expect(rackPrefix(0)).toBe("fd00:1122:3344:100::/56");
  expect(rackPrefix(1)).toBe("fd00:1122:3344:200::/56");
  expect(sledPrefix(0, 0)).toBe("fd00:1122:3344:101::/64");
  expect(sledPrefix(1, 30)).toBe("fd00:1122:3344:21f::/64");
  expect(switchPrefix(0, 0)).toBe("fd00:1122:3344:1f0::/64");
  expect(switchPrefix(253, 1)).toBe("fd00:1122:3344:fef1::/64");
  expect(hostAddress(switchPrefix(0, 1))).toBe("fd00:1122:3344:1f1::1");
});
