import { describe, expect, test } from "vitest";
import { describeChanges, withoutNextHops } from "../../../src/flow/run/baseline.ts";
import { type GuestSnapshot, understandSnapshot } from "../../../src/guest/index.ts";

const agent = "tini -- node agent.js";
const before: GuestSnapshot = {
  processes: [agent],
  links: ["net0 flags 0x1003 mtu 1500 02:00:00:00:00:01"],
  addresses: ["10.0.0.1"],
  tentative: [],
  routes: ["10.0.0.0/24 dev net0 metric 0"],
};

function changes(after: Partial<GuestSnapshot>): readonly string[] {
  return describeChanges(new Map([["h1", before]]), new Map([["h1", { ...before, ...after }]]));
}

describe("what a flow has changed in a node", () => {
  test("is nothing when everything is as before", () => {
    expect(changes({})).toEqual([]);
  });

  test("is named, whether it came or went", () => {
    expect(changes({ processes: [agent, "sleep 100"], routes: [] })).toEqual([
      'h1: process "sleep 100" was left behind',
      'h1: route "10.0.0.0/24 dev net0 metric 0" is gone',
    ]);
  });

  test("is told for each of several that look the same", () => {
    expect(changes({ processes: [agent, agent, agent] })).toHaveLength(2);
  });

  test("is everything when the node does not answer", () => {
    expect(describeChanges(new Map([["h1", before]]), new Map())).toEqual(["h1: it does not answer"]);
  });
});

test("the way that a routing daemon takes to a prefix is its own business, the prefix is not", () => {
  const routes = (via: string) => withoutNextHops({ ...before, routes: [`fd00:2::/64 ${via} metric 1024`] }).routes;
  expect(routes("via fe80::1 dev net0")).toEqual(routes("via fe80::2 dev net1"));
  expect(routes("via fe80::1 dev net0")).toEqual(["fd00:2::/64 metric 1024"]);
});

test("a snapshot is understood from what the kernel says", () => {
  const snapshot = understandSnapshot({
    commandLines: ["sleep\x00100\x00", "node\x00agent.js\x00"],
    links: [["net0", "0x1003\n", "1500\n", "02:00:00:00:00:01\n"]],
    ipv4Addresses: [
      "Main:",
      "     |-- 10.0.1.0",
      "        /24 link UNICAST",
      "     |-- 10.0.1.1",
      "        /32 host LOCAL",
      "Local:",
      "     |-- 10.0.1.1",
      "        /32 host LOCAL",
      "",
    ].join("\n"),
    ipv6Addresses: [
      "fd000001000000000000000000000001 02 40 00 80     net0",
      "fe800000000000000000000000000001 02 40 20 c0     net0",
      "",
    ].join("\n"),
    ipv4Routes: [
      "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
      "net0\t0002000A\tFE01000A\t0003\t0\t7\t0\t00FFFFFF\t0\t0\t0",
      "",
    ].join("\n"),
    ipv6Routes:
      "fd000002000000000000000000000000 40 00000000000000000000000000000000 00 fd0000010000000000000000000000fe 00000400 00000009 0000000a 00000003     net0\n",
  });
  expect(snapshot).toEqual({
    processes: ["node agent.js", "sleep 100"],
    links: ["net0 flags 0x1003 mtu 1500 02:00:00:00:00:01"],
    addresses: ["10.0.1.1", "net0 fd00:1::1/64", "net0 fe80::1/64"],
    tentative: ["net0 fe80::1/64"],
    routes: ["10.0.2.0/24 via 10.0.1.254 dev net0 metric 0", "fd00:2::/64 via fd00:1::fe dev net0 metric 1024"],
  });
});
