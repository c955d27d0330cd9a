import { expect, test } from "vitest";
import { multipathSettingsSchema } from "../../../src/stack/multipath/configuration.ts";
import { defaultMultipathSettings } from "../../../src/stack/multipath/engine/settings.ts";
import { probeAddressOf } from "../../../src/stack/multipath/probe-address.ts";

test("settings that are left out have their usual values; what cannot be is refused, all of it at once", () => {
  expect(multipathSettingsSchema.parse({})).toEqual(defaultMultipathSettings);
  expect(multipathSettingsSchema.parse({ probeIntervalMs: 20 })).toMatchObject({ probeIntervalMs: 20 });
  const refused = multipathSettingsSchema.safeParse({ probeTimeoutMs: 16_700, minShareChange: 0, jitter: 1 });
  expect(refused.error?.issues.map(({ path, code }) => `${path.join(".")} ${code}`).sort()).toEqual([
    " unrecognized_keys",
    "minShareChange too_small",
    "probeTimeoutMs too_big",
  ]);
});

test("the address that answers probes is ::1 of a /64, and none of other prefixes", () => {
  expect(probeAddressOf("fd00:1122:3344:102::/64")).toBe("fd00:1122:3344:102::1");
  expect(probeAddressOf("fd00:1122:3344:100::/56")).toBeUndefined();
  expect(probeAddressOf("10.0.0.0/24")).toBeUndefined();
  expect(() => probeAddressOf("fd00::")).toThrow(/expected address/);
});
