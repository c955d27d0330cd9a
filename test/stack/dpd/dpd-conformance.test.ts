import { describe, expect, test, vi } from "vitest";
import type { Intent } from "../../../src/stack/dpd/engine/intent.ts";
import { tables } from "../../../src/stack/dpd/engine/tables.ts";
import { apiMac, type Call, part, startDpd, tableText, type TestedDpd } from "./dpd-fixture.ts";

/** The list of the specification, section 8: A1 to A11. Each test begins with a switch that has just started. */

vi.setConfig({ testTimeout: 240_000 });

const hop = (number: number, tag = "test"): Readonly<Record<string, unknown>> => ({
  tag,
  port_id: "rear0",
  link_id: 0,
  tgt_ip: `fe80::${number.toString(16)}`,
  vlan_id: null,
});
const cidr = "fd00:1::/64";
const route = `/route/ipv6/${part(cidr)}`;
const set = (number: number, replace = false): [string, unknown] => [
  "/route/ipv6",
  { cidr, target: hop(number), replace },
];

async function hops(call: Call, path = route): Promise<unknown> {
  const { status, value } = await call("GET", path);
  return status === 404 ? [] : (value as readonly { tgt_ip: string }[]).map(({ tgt_ip }) => tgt_ip);
}

describe("A1: routes are set, replaced and added", () => {
  test("with the statuses of the reference", async () => {
    await using tested = await startDpd();
    const { call } = tested;
    const status = async (...request: Parameters<Call>): Promise<number> => (await call(...request)).status;
    expect(await status("PUT", ...set(1))).toBe(204);
    expect(await status("PUT", ...set(1))).toBe(204);
    expect(await status("PUT", ...set(2))).toBe(409);
    expect(await hops(call)).toEqual(["fe80::1"]);
    expect(await status("PUT", ...set(2, true))).toBe(204);
    expect(await hops(call)).toEqual(["fe80::2"]);
    expect(await status("DELETE", route)).toBe(204);
    expect(await status("DELETE", route)).toBe(404);
    expect(await status("PUT", ...set(3, true)), "replace creates what is missing").toBe(204);
    expect(await status("POST", ...set(4))).toBe(204);
    expect(await status("POST", ...set(4)), "a duplicate changes nothing").toBe(204);
    expect(await hops(call)).toEqual(["fe80::3", "fe80::4"]);
    expect(await status("PUT", ...set(3)), "one of several is not the only one").toBe(409);
    expect(await status("PUT", ...set(4, true))).toBe(204);
    expect(await hops(call)).toEqual(["fe80::4"]);
  });

  test("an IPv4 route's targets say which family they have", async () => {
    await using tested = await startDpd();
    const { call } = tested;
    const v4 = { ...hop(1), tgt_ip: "10.0.0.9", vlan_id: 7 };
    expect((await call("POST", "/route/ipv4", { cidr: "10.1.2.3/8", target: { V4: v4 } })).status).toBe(204);
    expect((await call("POST", "/route/ipv4", { cidr: "10.0.0.0/8", target: { V6: hop(2) } })).status).toBe(204);
    expect((await call("GET", `/route/ipv4/${part("10.0.0.0/8")}`)).value).toEqual([{ V4: v4 }, { V6: hop(2) }]);
    expect((await call("POST", "/route/ipv4", { cidr: "10.0.0.0/8", target: { V4: hop(2) } })).status).toBe(400);
    expect((await call("POST", "/route/ipv4", { cidr: "10.0.0.0/8", target: v4 })).status).toBe(400);
  });

  test("more than 32 targets are refused", async () => {
    await using tested = await startDpd();
    for (let number = 1; number <= 32; number++) expect((await tested.call("POST", ...set(number))).status).toBe(204);
    const answer = await tested.call("POST", ...set(33));
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("32 targets") as string });
  });
});

test("many routes at a time: each gets its owner's targets, and what cannot be does not hold up the rest", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  await call("POST", "/route/ipv6", { cidr, target: hop(1, "other") });
  const many = (routes: readonly unknown[]) => call("PATCH", "/route/ipv6", { tag: "test", routes });
  const [second, third] = ["fd00:2::/64", "fd00:3::/64"];
  const first = await many([
    { cidr, targets: [hop(2), hop(3)] },
    { cidr: second, targets: [{ ...hop(4), port_id: "rear9" }] },
    { cidr: second, targets: [hop(4, "other")] },
    { cidr: third, targets: [hop(5)] },
  ]);
  expect(first).toMatchObject({
    status: 200,
    value: {
      failures: [
        { cidr: second, message: expect.stringContaining("rear9") as string },
        { cidr: second, message: "a target's tag: expected test, found other" },
      ],
    },
  });
  expect(await hops(call)).toEqual(["fe80::1", "fe80::2", "fe80::3"]);
  expect(await hops(call, `/route/ipv6/${part(third)}`)).toEqual(["fe80::5"]);
  expect(
    (
      await many([
        { cidr, targets: [hop(3)] },
        { cidr: third, targets: [] },
      ])
    ).value,
  ).toEqual({ failures: [] });
  expect(await hops(call)).toEqual(["fe80::1", "fe80::3"]);
  expect(await hops(call, `/route/ipv6/${part(third)}`)).toEqual([]);
  expect((await many([{ cidr: "fd00::/129", targets: [] }])).status).toBe(400);
});

test("A2: targets are deleted one by one, and with the last the route", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  for (const number of [1, 2, 3, 4]) await call("POST", ...set(number));
  for (const [gone, left] of [
    [2, ["fe80::1", "fe80::3", "fe80::4"]],
    [1, ["fe80::3", "fe80::4"]],
    [4, ["fe80::3"]],
    [3, []],
  ] as const) {
    expect((await call("DELETE", `${route}/rear0/0/${part(`fe80::${gone}`)}`)).status).toBe(204);
    expect(await hops(call)).toEqual(left);
  }
  expect((await call("DELETE", `${route}/rear0/0/${part("fe80::3")}`)).status).toBe(404);
  expect(tested.switch.device.control.table("ingress.router.v6_route.rtr").size).toBe(0);
});

describe("the table of targets", () => {
  const slots = tables["ingress.router.v6_route.rtr"].capacity;
  /** Take slots by routes of so many targets each, until so many are left. */
  const take = (intent: Intent, each: number, left: number): void => {
    for (let number = 0; (number + 1) * each <= slots - left; number++) {
      for (let at = 0; at < each; at++) {
        const nextHop = `fe80::${at + 1}`;
        intent.routes[6].add(`fd01:${number.toString(16)}::/32`, { ...engineTarget, nextHop });
      }
    }
  };
  const engineTarget = { tag: "fill", portId: "rear0", linkId: 0, port: 1, vlan: undefined };
  /** Change the intent by more than is quickly done step by step: while the switch is away. */
  const prepare = async ({ dpd, switch: served }: TestedDpd, act: (intent: Intent) => void): Promise<void> => {
    await served.end();
    await dpd.control.change(act);
    await served.begin();
    await dpd.control.driver.synced;
  };

  test("A3: a route shrinks when every slot is taken", async () => {
    await using tested = await startDpd();
    const { call } = tested;
    for (const number of [1, 2, 3, 4]) await call("POST", ...set(number));
    await prepare(tested, (intent) => {
      take(intent, 3, 4);
    });
    expect(tested.switch.device.control.table("ingress.router.v6_route.rtr").size).toBe(slots);
    expect((await call("POST", ...set(5))).status).toBe(507);
    expect((await call("DELETE", `${route}/rear0/0/${part("fe80::2")}`)).status).toBe(204);
    expect(await hops(call)).toEqual(["fe80::1", "fe80::3", "fe80::4"]);
    expect((await call("PUT", ...set(9, true))).status).toBe(204);
    expect(await hops(call)).toEqual(["fe80::9"]);
  });

  test("A4: a route grows when no two free slots are neighbours", async () => {
    await using tested = await startDpd();
    const { call } = tested;
    await prepare(tested, (intent) => {
      take(intent, 4, 0);
      // One slot of every other route.
      for (let number = 0; number < 20; number += 2) {
        intent.routes[6].removeTarget(`fd01:${number.toString(16)}::/32`, "rear0", 0, "fe80::1");
      }
    });
    for (let number = 1; number <= 10; number++) expect((await call("POST", ...set(number))).status).toBe(204);
    expect(await hops(call)).toHaveLength(10);
    expect((await call("POST", ...set(11))).status).toBe(507);
    expect(tested.switch.device.control.table("ingress.router.v6_route.rtr").size).toBe(slots);
  });
});

test("A5: a reset takes what its tag owns, and nothing else", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  const begin = tableText(tested.switch);
  await call("POST", "/route/ipv6", { cidr, target: hop(1, "one") });
  await call("POST", "/route/ipv6", { cidr, target: hop(2, "two") });
  await call("POST", "/ndp", { tag: "one", ip: "fe80::1", mac: apiMac("02:00:00:00:00:01") });
  await call("POST", "/arp", { tag: "two", ip: "10.0.0.1", mac: apiMac("02:00:00:00:00:01") });
  await call("POST", "/ports/rear0/links/0/ipv6", { tag: "one", addr: "fd00:5::1" });
  await call("POST", "/loopback/ipv4", { tag: "two", addr: "10.0.0.5" });
  await call("PUT", "/nat/ipv4/203.0.113.1/1/2", {
    internal_ip: "fd00::1",
    inner_mac: apiMac("02:00:00:00:00:02"),
    vni: 7,
  });
  const all = tableText(tested.switch);
  expect((await call("DELETE", "/all-settings/three")).status).toBe(204);
  expect(tableText(tested.switch)).toEqual(all);
  expect((await call("DELETE", "/all-settings/one")).status).toBe(204);
  expect(await hops(call)).toEqual(["fe80::2"]);
  expect((await call("GET", "/ndp")).value).toEqual({ items: [], next_page: null });
  expect((await call("GET", "/arp")).value).toMatchObject({ items: [{ ip: "10.0.0.1" }] });
  expect((await call("DELETE", "/all-settings")).status).toBe(204);
  expect(tableText(tested.switch)).toEqual(begin);
});

test.for([
  ["ipv4", "10.0.0.1", "10.0.0.2"],
  ["ipv6", "fd00::1", "fd00::2"],
] as const)(
  "A6: %s addresses are added, listed and deleted; a duplicate is refused on any link",
  async ([family, one, two]) => {
    await using tested = await startDpd();
    const { call } = tested;
    const begin = tableText(tested.switch);
    const path = (port: string): string => `/ports/${port}/links/0/${family}`;
    const listed = async (port: string): Promise<unknown> => {
      const { items } = (await call("GET", path(port))).value as { items: readonly { addr: string; tag: string }[] };
      return items.flatMap(({ addr, tag }) => (tag === "dpd" ? [] : [addr]));
    };
    expect((await call("POST", path("rear0"), { tag: "t", addr: two })).status).toBe(204);
    expect((await call("POST", path("rear0"), { tag: "t", addr: one })).status).toBe(204);
    expect((await call("POST", path("rear0"), { tag: "t", addr: one })).status).toBe(409);
    expect((await call("POST", path("rear1"), { tag: "t", addr: one })).status).toBe(409);
    expect((await call("POST", `/loopback/${family}`, { tag: "t", addr: one })).status).toBe(409);
    expect(await listed("rear0")).toEqual([one, two]);
    expect((await call("DELETE", `${path("rear1")}/${part(one)}`)).status).toBe(404);
    expect((await call("DELETE", `${path("rear0")}/${part(one)}`)).status).toBe(204);
    expect(await listed("rear0")).toEqual([two]);
    expect((await call("DELETE", path("rear0"))).status).toBe(204);
    expect(tableText(tested.switch)).toEqual(begin);
  },
);

test("A7: what an unknown port or link is asked for is missing", async () => {
  await using tested = await startDpd();
  for (const [method, path, body] of [
    ["GET", "/ports/rear9/links", undefined],
    ["GET", "/ports/nothing/links/0", undefined],
    ["GET", "/ports/rear0/links/1", undefined],
    ["POST", "/ports/rear9/links/0/ipv4", { tag: "t", addr: "10.0.0.1" }],
    ["DELETE", "/ports/rear9/links/0", undefined],
    ["PUT", "/ports/rear9/links/0/uplink", true],
    ["PUT", "/route/ipv6", { cidr, target: { ...hop(1), port_id: "rear9" } }],
    ["GET", "/port/rear9/settings", undefined],
    ["GET", "/table/nothing/dump", undefined],
    ["GET", "/counters/p4/nothing", undefined],
    ["DELETE", "/arp/10.0.0.1", undefined],
  ] as const) {
    expect([path, (await tested.call(method, path, body)).status]).toEqual([path, 404]);
  }
});

test("A8: loopback addresses come and go as often as one likes", async () => {
  await using tested = await startDpd({ loopback: { ipv6: ["fd00:99::1"] } });
  const { call } = tested;
  for (const status of [204, 204]) {
    expect((await call("POST", "/loopback/ipv6", { tag: "t", addr: "fd00:98::1" })).status).toBe(status);
  }
  expect((await call("GET", "/loopback/ipv6")).value).toEqual([
    { tag: "t", addr: "fd00:98::1" },
    { tag: "dpd", addr: "fd00:99::1" },
  ]);
  for (const status of [204, 204]) {
    expect((await call("DELETE", `/loopback/ipv6/${part("fd00:98::1")}`)).status).toBe(status);
  }
  expect((await call("GET", "/loopback/ipv6")).value).toHaveLength(1);
});

test("A9: ranges of NAT do not overlap", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  const guest = { internal_ip: "fd00:1122:3344:101::1", inner_mac: apiMac("a8:40:25:f0:00:01"), vni: 99 };
  const put = async (range: string, body: unknown = guest): Promise<number> =>
    (await call("PUT", `/nat/ipv4/203.0.113.7/${range}`, body)).status;
  expect(await put("1000/1999")).toBe(204);
  expect(await put("1000/1999")).toBe(204);
  expect(await put("1000/1999", { ...guest, vni: 98 })).toBe(409);
  for (const range of ["0/1000", "1999/3000", "1200/1300", "0/65535", "1000/1998"]) expect(await put(range)).toBe(409);
  expect(await put("2000/1999")).toBe(400);
  expect(await put("2000/65536")).toBe(400);
  expect(await put("2000/65535")).toBe(204);
  expect(await put("0/999")).toBe(204);
  expect((await call("GET", "/nat/ipv4/203.0.113.7")).value).toMatchObject({
    items: [{ low: 0 }, { low: 1000, high: 1999, target: guest }, { low: 2000 }],
  });
  expect((await call("GET", "/nat/ipv4/203.0.113.7/1000")).value).toEqual(guest);
  expect((await call("GET", "/nat/ipv4/203.0.113.7/1001")).status).toBe(404);
  for (let times = 0; times < 2; times++) expect((await call("DELETE", "/nat/ipv4/203.0.113.7/1000")).status).toBe(204);
  expect((await call("GET", "/nat/ipv4")).value).toEqual({ items: ["203.0.113.7"], next_page: null });
});

test("A11: a link is deleted, made again and takes a MAC address", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  const begin = tableText(tested.switch);
  const body = { speed: "Speed100G", fec: null, autoneg: false, kr: false };
  expect((await call("POST", "/ports/rear0/links", body)).status, "the only lane is taken").toBe(503);
  await call("POST", "/ports/rear0/links/0/ipv6", { tag: "t", addr: "fd00:5::1" });
  expect((await call("DELETE", "/ports/rear0/links/0")).status).toBe(204);
  expect((await call("GET", "/ports/rear0/links")).value).toEqual([]);
  expect(await call("POST", "/ports/rear0/links", body)).toMatchObject({ status: 201, value: 0 });
  expect(tableText(tested.switch)).toEqual(begin);
  const other = apiMac("a8:40:25:77:00:01");
  expect((await call("PUT", "/ports/rear0/links/0/mac", other)).status).toBe(204);
  expect((await call("GET", "/ports/rear0/links/0/mac")).value).toEqual(other);
  expect((await call("GET", "/links/tfport_data")).value).toContainEqual({
    port_id: "rear0",
    link_id: 0,
    asic_id: 1,
    mac: other,
    link_local: "fe80::aa40:25ff:fe77:1",
    ipv6_enabled: true,
  });
  for (const wrong of ["01:00:00:00:00:01", "00:00:00:00:00:00"]) {
    expect((await call("PUT", "/ports/rear0/links/0/mac", apiMac(wrong))).status).toBe(400);
  }
});

test("a port's defaults are those of its kind", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  expect((await call("GET", "/ports/rear0/links/0")).value).toMatchObject({ uplink: false, ipv6_enabled: true });
  expect((await call("GET", "/ports/qsfp0/links/0")).value).toMatchObject({ uplink: true, ipv6_enabled: false });
  await call("DELETE", "/ports/qsfp0/links/0");
  await call("POST", "/ports/qsfp0/links", { speed: "Speed100G", autoneg: false, kr: false, allow_ddm_traffic: true });
  expect((await call("GET", "/ports/qsfp0/links/0")).value).toMatchObject({ uplink: true, ipv6_enabled: true });
});
