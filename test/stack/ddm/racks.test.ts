import { expect, test } from "vitest";
import { tunnelKey } from "../../../src/stack/ddm/engine/route-key.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import type { RouterOptions } from "./simulated-router.ts";
import { importedTunnels } from "./simulated-trio.ts";

const rackPrefix = (rack: string): string => `fd00:1122:3344:${rack === "A" ? "100" : "200"}::/56`;
const sledPrefix = (rack: string, sled: number): string => `fd00:1122:3344:${rack === "A" ? 1 : 2}0${sled}::/64`;

/** Racks A and B of two sleds and two switches; every switch is wired to its sleds and to both switches of the other rack. */
function twoRacks(options: Partial<RouterOptions> = {}, summarised = true): SimulatedNetwork {
  const network = new SimulatedNetwork();
  for (const rack of ["A", "B"]) {
    const own = summarised ? { rackPrefix: rackPrefix(rack) } : {};
    for (const at of [1, 2]) {
      network.router(`${rack}${at}`, { kind: "transit", ...own, ...options });
      network.router(`${rack}s${at}`, { kind: "server", ...options }, [
        sledPrefix(rack, at),
        `fdb0:a840:${rack === "A" ? "a" : "b"}:${at}::/64`,
      ]);
    }
    for (const sled of [1, 2]) for (const at of [1, 2]) network.wire(`${rack}s${sled}`, `${rack}${at}`);
  }
  for (const a of ["A1", "A2"]) for (const b of ["B1", "B2"]) network.wire(a, b);
  return network;
}

function hops(network: SimulatedNetwork, router: string): Record<string, number> {
  return Object.fromEntries([...network.fib(router)].map(([destination, nextHops]) => [destination, nextHops.length]));
}

test("D28: a remote rack is one /56 by two ways; its parts, and all bootstrap prefixes, stay inside", () => {
  const network = twoRacks();
  network.run(5000);
  expect(hops(network, "As1")).toEqual({
    [sledPrefix("A", 2)]: 2,
    "fdb0:a840:a:2::/64": 2,
    [rackPrefix("B")]: 2,
  });
  expect(hops(network, "A1")).toEqual({
    [sledPrefix("A", 1)]: 1,
    [sledPrefix("A", 2)]: 1,
    "fdb0:a840:a:1::/64": 1,
    "fdb0:a840:a:2::/64": 1,
    [rackPrefix("B")]: 2,
  });
});

test("D23: with one switch down routes have one next hop, and two again when it is back", () => {
  const network = twoRacks();
  network.run(5000);
  network.stop("A1");
  network.until("one way", () => network.fib("As1").get(sledPrefix("A", 2))?.length === 1, 7000);
  expect(hops(network, "As1")[rackPrefix("B")]).toBe(1);
  expect(hops(network, "Bs1")[rackPrefix("A")]).toBe(2);
  expect(hops(network, "B1")[rackPrefix("A")]).toBe(1);
  network.start("A1");
  network.until("two ways", () => network.fib("As1").get(sledPrefix("A", 2))?.length === 2, 3000);
});

test("a switch that has lost all its sleds no longer draws the rack's traffic", () => {
  const network = twoRacks();
  network.run(5000);
  for (const sled of ["As1", "As2"]) network.unplug(sled, "A1");
  network.run(1000);
  expect(hops(network, "B1")[rackPrefix("A")]).toBe(1);
});

test("Q1: in two racks without summaries paths are bounded, and a withdrawal leaves nothing", () => {
  const network = twoRacks({}, false);
  network.run(10_000);
  const paths = ["A1", "A2", "B1", "B2"].flatMap((name) =>
    Array.from(network.engine(name).router.rib.entries()).flatMap(({ learned }) => [...learned.values()].flat()),
  );
  expect(Math.max(...paths.map(({ routers }) => routers.length))).toBeLessThanOrEqual(4);
  expect(hops(network, "As1")[sledPrefix("B", 1)]).toBe(2);
  const quiet = network.pushed.length;
  network.run(10_000);
  expect(network.pushed).toHaveLength(quiet);
  network.withdraw("Bs1", sledPrefix("B", 1));
  network.until("gone", () => everyone(network).every((name) => !knows(network, name, sledPrefix("B", 1))), 1000);
});

test.for([3, 4, 5, 7])(
  "D27: in a ring of %s transit routers paths are bounded, and a withdrawal leaves nothing",
  (size) => {
    const network = new SimulatedNetwork();
    const ring = Array.from({ length: size }, (_, at) => `t${at}`);
    for (const name of ring) network.router(name, { kind: "transit" });
    for (const [at, name] of ring.entries()) network.wire(name, ring[(at + 1) % size] ?? "");
    network.router("s", { kind: "server" }, ["fd00:1::/64"]);
    network.wire("s", "t0");
    network.run(10_000);
    for (const name of ring) {
      const learned = [...(network.engine(name).router.rib.get("fd00:1::/64")?.learned.values() ?? [])].flat();
      expect(learned.length).toBeLessThanOrEqual(3);
      for (const { routers } of learned) expect(new Set(routers).size).toBe(routers.length);
    }
    network.withdraw("s", "fd00:1::/64");
    network.until("gone", () => ring.every((name) => !knows(network, name, "fd00:1::/64")), 2000);
    network.run(network.programmingMs);
    expect(ring.map((name) => network.fib(name).size)).toEqual(ring.map(() => 0));
  },
);

test("in a ring of three every packet takes the shortest way, so none goes round", () => {
  const network = new SimulatedNetwork();
  for (const name of ["a", "b", "c"]) network.router(name, { kind: "transit" });
  for (const [one, other] of [
    ["a", "b"],
    ["b", "c"],
    ["c", "a"],
  ] as const)
    network.wire(one, other);
  network.originate("c", "fd00:c::/64");
  network.run(5000);
  for (const name of ["a", "b"]) expect(network.fib(name).get("fd00:c::/64")).toHaveLength(1);
});

const origin = tunnelKey({
  overlayPrefix: "203.0.113.0/24",
  boundaryAddress: "fd00:1122:3344:1f1::1",
  vni: 99,
  metric: 0,
});

test("tunnel origins stay in the rack, and the prefix of their endpoint with them", () => {
  const network = twoRacks();
  network.originate("A1", "fd00:1122:3344:1f1::/64", origin ?? "");
  network.run(5000);
  expect(importedTunnels(network, "As1", "As2", "Bs1", "B1")).toEqual([1, 1, 0, 0]);
  expect(hops(network, "B1")["fd00:1122:3344:1f1::/64"]).toBeUndefined();
});

test("they leave it together if that is wanted, and come back together", () => {
  const network = twoRacks({ boundaryAcrossRacks: true });
  network.run(5000);
  network.originate("A1", "fd00:1122:3344:1f1::/64", origin ?? "");
  network.run(1000);
  expect(importedTunnels(network, "As1", "Bs1", "B1")).toEqual([1, 1, 1]);
  expect(hops(network, "Bs1")["fd00:1122:3344:1f1::/64"]).toBe(2);
  network.withdraw("A1", origin ?? "");
  network.run(2000);
  expect(importedTunnels(network, ...everyone(network))).toEqual(everyone(network).map(() => 0));
  expect(hops(network, "Bs1")["fd00:1122:3344:1f1::/64"]).toBeUndefined();
});

test("prefixes of the site go from rack to rack, others that a sled originates do not", () => {
  const network = twoRacks({ sitePrefixes: ["fd00:1122:3344:ff00::/56"] });
  network.originate("As1", "fd00:1122:3344:ff01::/64", "fd00:7777::/64");
  network.run(5000);
  expect(hops(network, "Bs2")).toHaveProperty(["fd00:1122:3344:ff01::/64"], 2);
  expect(hops(network, "As2")).toHaveProperty(["fd00:7777::/64"], 2);
  expect(hops(network, "Bs2")).not.toHaveProperty(["fd00:7777::/64"]);
});

test("a third rack behind the second is reached, without detours for the others", () => {
  const network = twoRacks();
  for (const at of [1, 2]) network.router(`C${at}`, { kind: "transit", rackPrefix: "fd00:1122:3344:300::/56" });
  network.router("Cs1", { kind: "server" }, ["fd00:1122:3344:301::/64"]);
  for (const at of [1, 2]) {
    network.wire("Cs1", `C${at}`);
    for (const b of ["B1", "B2"]) network.wire(`C${at}`, b);
  }
  network.run(8000);
  expect(hops(network, "As1")["fd00:1122:3344:300::/56"]).toBe(2);
  expect(hops(network, "C1")[rackPrefix("A")]).toBe(2);
  expect(hops(network, "C1")[rackPrefix("B")]).toBe(2);
});

function everyone(network: SimulatedNetwork): readonly string[] {
  return ["A", "B"]
    .flatMap((rack) => [1, 2].flatMap((at) => [`${rack}${at}`, `${rack}s${at}`]))
    .filter((name) => network.runs(name));
}

function knows(network: SimulatedNetwork, name: string, key: string): boolean {
  const entry = network.engine(name).router.rib.get(key);
  return entry !== undefined && !entry.originated;
}
