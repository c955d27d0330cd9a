import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readAuthenticator } from "../../../src/stack/ddm/authenticator.ts";
import { bootstrapOfMac } from "../../../src/stack/ddm/bootstrap.ts";
import { ddmConfigurationSchema } from "../../../src/stack/ddm/configuration.ts";
import { durationText } from "../../../src/stack/ddm/duration-text.ts";
import { effectiveOrigins } from "../../../src/stack/ddm/engine/tunnel-selection.ts";
import { DdmStore } from "../../../src/stack/ddm/store.ts";

const directory = mkdtempSync(join(tmpdir(), "kestrel-ddm-files-"));
afterAll(() => {
  rmSync(directory, { recursive: true });
});

test("what is originated is there again after a power cycle", async () => {
  const store = new DdmStore(join(directory, "data"));
  expect(await store.load()).toEqual({ instance: 0, originated: [] });
  const state = { instance: 7, originated: ["fd00:1::/64", "tunnel 203.0.113.0/24 fd00:99::1 99 5"] };
  await Promise.all([store.save({ instance: 6, originated: [] }), store.save(state)]);
  expect(await new DdmStore(join(directory, "data")).load()).toEqual(state);
});

test("a file that cannot be understood is left alone, and named", async () => {
  const store = new DdmStore(directory);
  writeFileSync(join(directory, "ddm.json"), "{");
  await expect(store.load()).rejects.toThrow(/ddm\.json/);
  expect(readFileSync(join(directory, "ddm.json"), "utf8")).toBe("{");
});

test("a key that is too short is refused, and not told", async () => {
  const file = join(directory, "key");
  writeFileSync(file, "hunter2\n");
  await expect(readAuthenticator({ rackKey: file })).rejects.toThrow(/at least 16 bytes, found 7 bytes/);
  writeFileSync(file, "a secret that is long enough\n");
  const keys = await readAuthenticator({ rackKey: file });
  expect([keys.has("rack"), keys.has("inter-rack")]).toEqual([true, false]);
  expect(keys.verify("rack", Buffer.from("x"), keys.sign("rack", Buffer.from("x")))).toBe(true);
  expect(keys.verify("inter-rack", Buffer.from("x"), keys.sign("rack", Buffer.from("x")))).toBe(false);
});

test("a configuration needs little, and all faults are told at once", () => {
  const least = { kind: "server", routerId: "rack0-sled0", interfaces: ["net0", "net1"] };
  expect(ddmConfigurationSchema.parse(least)).toMatchObject({
    timers: { solicitInterval: 2000, expireThreshold: 5000, exchangeTimeout: 3000 },
    admin: { host: "::1", port: 8000 },
    dataDirectory: "/data/ddm",
  });
  const faulty = {
    ...least,
    rackPrefix: "fd00:1122:3344:100::/56",
    originate: ["fd00::/129"],
    surprise: 1,
    timers: { solicitInterval: 0 },
  };
  const faults = ddmConfigurationSchema.safeParse(faulty).error?.issues.map(({ path }) => path.join("."));
  expect(faults?.sort()).toEqual(["", "originate.0", "timers.solicitInterval"]);
  const outside = { overlayPrefix: "0.0.0.0/0", boundaryAddress: "fd00:99::1", vni: 99 };
  const rack = { ...least, rackPrefix: "fd00:1122:3344:100::/56", tunnelOrigins: [outside] };
  expect(ddmConfigurationSchema.safeParse(rack).error?.issues[0]?.message).toContain("inside the rack's");
});

test("a bootstrap prefix is made of the MAC address (RFD 63)", () => {
  expect(bootstrapOfMac("a8:40:25:10:00:01")).toEqual({
    prefix: "fdb0:a840:2510:1::/64",
    address: "fdb0:a840:2510:1::1",
  });
});

test("time spans are told as the reference does", () => {
  expect(durationText({ secs: 90, nanos: 250_000_000 })).toBe("1m 30s 250ms");
  expect(durationText({ secs: 11_525, nanos: 999 })).toBe("3h 12m 5s");
  expect(durationText({ secs: 0, nanos: 0 })).toBe("0ms");
});

test("of an overlay prefix's origins those with a metric win", () => {
  const origin = (overlayPrefix: string, boundaryAddress: string, metric: number) => ({
    overlayPrefix,
    boundaryAddress,
    vni: 99,
    metric,
  });
  const origins = [
    origin("a", "1", 0),
    origin("a", "2", 5),
    origin("a", "3", 1),
    origin("b", "4", 0),
    origin("b", "5", 0),
  ];
  expect([...effectiveOrigins(origins)].map(({ boundaryAddress }) => boundaryAddress)).toEqual(["2", "3", "4", "5"]);
});
