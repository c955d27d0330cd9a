import { expect, test } from "vitest";
import { frrProtocols, learntRoutes } from "../../../src/stack/mgd/engine/learnt-route.ts";
import type { Route } from "../../../src/netdev/routes.ts";

const interfaces = [
  { index: 5, name: "tfportqsfp0_0", carrier: true },
  { index: 6, name: "tfportqsfp1_0", carrier: true },
  { index: 7, name: "tfportrear0_0", carrier: true },
];
const hop = (gateway: string | undefined, index: number) => ({ gateway, index, weight: 1 });
const route = (destination: string, hops: Route["hops"], change: Partial<Route> = {}): Route => ({
  ...{ destination, table: 254, protocol: frrProtocols.bgp, type: "unicast", metric: 20 },
  ...{ preferredSource: undefined, nexthopId: 11, hops, ...change },
});
const first = { port: "qsfp0", link: 0, nextHop: "192.0.2.2" };
const second = { port: "qsfp1", link: 0, nextHop: "192.0.2.6" };

test("routes of FRR by uplinks with a carrier are ways out of the rack", () => {
  const routes = [
    route("203.0.113.0/24", [hop("192.0.2.6", 6), hop("192.0.2.2", 5)]),
    route("2001:db8::/32", [hop("fe80::2", 5)], { metric: 1024 }),
    route("2001:db8::/32", [hop("fe80::6", 6)], { metric: 1024 }),
    // Somebody else's, by a sled, without a next hop, and one that drops.
    route("10.0.0.0/8", [hop("192.0.2.2", 5)], { protocol: 4 }),
    route("10.1.0.0/16", [hop("10.1.0.1", 7)]),
    route("192.0.2.0/30", [hop(undefined, 5)]),
    route("10.2.0.0/16", [hop("192.0.2.2", 5)], { type: "blackhole" }),
  ];
  expect(learntRoutes(routes, interfaces)).toEqual([
    {
      prefix: "2001:db8::/32",
      paths: [
        { port: "qsfp0", link: 0, nextHop: "fe80::2" },
        { port: "qsfp1", link: 0, nextHop: "fe80::6" },
      ],
    },
    { prefix: "203.0.113.0/24", paths: [first, second] },
  ]);
  const without = interfaces.map((each) => ({ ...each, carrier: each.index !== 5 }));
  expect(learntRoutes(routes.slice(0, 1), without)).toEqual([{ prefix: "203.0.113.0/24", paths: [second] }]);
});

test("of several routes to a prefix the one with the lowest metric is used", () => {
  const routes = [
    route("0.0.0.0/0", [hop("192.0.2.6", 6)], { metric: 30 }),
    route("0.0.0.0/0", [hop("192.0.2.2", 5)], { protocol: frrProtocols.static, metric: 20 }),
  ];
  for (const order of [routes, routes.toReversed()]) {
    expect(learntRoutes(order, interfaces)).toEqual([{ prefix: "0.0.0.0/0", paths: [first] }]);
  }
});
