import fc from "fast-check";
import { portIds } from "./dpd-fixture.ts";
import type { Step } from "./naive-rack.ts";

/** Prefixes of random routes, some within others. */
export const prefixes = ["fd10::/16", "fd10:1::/32", "fd10:1:2::/48", "::/0", "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"];
/** Next hops of random routes. */
export const hops6 = ["fe80::a1", "fe80::a2", "fe80::a3", "fe80::a4"];
export const hops4 = ["172.16.0.161", "172.16.0.162"];

const tag = fc.constantFrom("one", "two");
const portId = fc.constantFrom(...portIds);
const address = fc.constantFrom("192.168.0.1", "192.168.0.2", "fd20::1", "fd20::2", "fd20::3");
const neighbor = fc.constantFrom("fe80::b1", "fe80::b2", "172.16.1.1", "172.16.1.2");
const external = fc.constantFrom("203.0.113.1", "203.0.113.2", "2001:db8::1");
const subnet = fc.constantFrom("203.0.113.128/28", "203.0.113.0/24", "2001:db8:1::/64");
const mac = fc.constantFrom("02:00:00:00:0b:01", "02:00:00:00:0b:02", "00:00:00:00:00:00");
const vni = fc.integer({ min: 1, max: 2 });
const layer4Port = fc.integer({ min: 0, max: 12 });

const route = fc.constantFrom(...prefixes).chain((prefix) =>
  fc.record({
    kind: fc.constantFrom("set", "add", "add", "add", "replace", "removeTarget", "removeTarget"),
    prefix: fc.constant(prefix),
    target: fc.record({
      tag,
      portId,
      hop: fc.constantFrom(...hops6, ...(prefix.includes(":") ? [] : hops4)),
    }),
  }),
) as fc.Arbitrary<Step>;

/** Steps that change routes, which is all that needs an order of operations. */
export const routeStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: route },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("removeRoute" as const), prefix: fc.constantFrom(...prefixes) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const), tag }) },
);

/** Settings of a whole port. */
export const settingsStep = fc.record({
  kind: fc.constant("settings" as const),
  portId,
  addrs: fc.uniqueArray(address, { maxLength: 3 }),
  tag,
});

/** Any step. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: routeStep },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("neighbor" as const), ip: neighbor, mac, tag }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("removeNeighbor" as const), ip: neighbor }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("address" as const, "removeAddress" as const),
      portId,
      addr: address,
      tag,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("loopback" as const, "removeLoopback" as const), addr: address, tag }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("nat" as const), external, low: layer4Port, high: layer4Port, vni }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("removeNat" as const), external, low: layer4Port }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("attach" as const), subnet, vni }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("detach" as const), subnet }) },
  // Packets of the tests come in at rear0.
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("uplink" as const),
      portId: fc.constantFrom("rear1", "qsfp0"),
      value: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("removeLink" as const, "createLink" as const), portId }),
  },
  { weight: 1, arbitrary: settingsStep },
);
