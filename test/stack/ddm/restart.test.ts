import { expect, test } from "vitest";
import { SimulatedNetwork } from "./simulated-network.ts";

const limitMs = 10_000;

/** Two sleds with a cable to each of two switches, converged. */
function fabric(seed: string): SimulatedNetwork {
  const network = new SimulatedNetwork(seed);
  for (const sled of ["s1", "s2"]) network.router(sled, { kind: "server" }, [own(sled)]);
  for (const name of ["t1", "t2"]) {
    network.router(name, { kind: "transit" });
    for (const sled of ["s1", "s2"]) network.wire(sled, name);
  }
  network.until("both ways are known", () => hops(network, "s1") === 2 && hops(network, "s2") === 2, limitMs);
  return network;
}

function own(sled: string): string {
  return sled === "s1" ? "fd00:1::/64" : "fd00:2::/64";
}

/** How many ways a sled has to the other. */
function hops(network: SimulatedNetwork, sled: string): number {
  return network.fib(sled).get(own(sled === "s1" ? "s2" : "s1"))?.length ?? 0;
}

/** The least number of ways, by router, that its table has to a sled's prefix while time passes. */
function leastWhile(network: SimulatedNetwork, milliseconds: number): Readonly<Record<string, number>> {
  const least: Record<string, number> = {};
  for (let passed = 0; passed < milliseconds; passed += 1) {
    network.run(1);
    const note = (name: string, destination: string): void => {
      const ways = network.fib(name).get(destination)?.length ?? 0;
      least[name] = Math.min(least[name] ?? Number.POSITIVE_INFINITY, ways);
    };
    note("s1", own("s2"));
    note("s2", own("s1"));
    for (const name of ["t1", "t2"]) for (const sled of ["s1", "s2"]) note(name, own(sled));
  }
  return least;
}

const seeds = ["a", "b", "c", "d"];

test.for(seeds)("a killed daemon that is back breaks nothing, whichever it is (seed %s)", (seed) => {
  const network = fabric(seed);
  for (const name of ["t1", "s1"]) {
    network.kill(name);
    // Its peers find its machine there, and give it 20 s from its last advertisement.
    network.run(15_000);
    network.start(name);
    expect(leastWhile(network, 30_000)).toEqual({ s1: 2, s2: 2, t1: 1, t2: 1 });
  }
});

test.for(seeds)("D29: what went while the daemon was away goes once its neighbours have spoken (seed %s)", (seed) => {
  const network = fabric(seed);
  network.originate("s2", "fd00:20::/64");
  network.until("it is known", () => network.fib("s1").get("fd00:20::/64")?.length === 2, limitMs);
  network.kill("t1");
  network.kill("s1");
  network.withdraw("s2", "fd00:20::/64");
  network.run(2000);
  network.start("t1");
  network.start("s1");
  expect(network.fib("t1").has("fd00:20::/64")).toBe(true);
  // They wait for each other's word no longer than the grace time.
  network.until(
    "it is gone",
    () => !network.fib("t1").has("fd00:20::/64") && !network.fib("s1").has("fd00:20::/64"),
    30_000,
  );
  expect([hops(network, "s1"), hops(network, "s2")]).toEqual([2, 2]);
});

test("routes by a neighbour that is never heard again go after the grace time", () => {
  const network = fabric("grace");
  network.kill("t1");
  network.stop("s2");
  network.start("t1");
  network.run(19_000);
  expect(network.fib("t1").has(own("s2"))).toBe(true);
  network.run(2000);
  expect(network.fib("t1").has(own("s2"))).toBe(false);
  expect(network.fib("t1").has(own("s1"))).toBe(true);
});

test("a daemon that does not come back is given up after the grace time, and a machine after 5 to 7 s", () => {
  const network = fabric("gone");
  network.kill("t1");
  network.run(17_000);
  expect(hops(network, "s1")).toBe(2);
  network.run(4000);
  expect(hops(network, "s1")).toBe(1);
  network.stop("t2");
  expect(network.until("it is lost", () => hops(network, "s1") === 0, limitMs)).toBeLessThan(7500);
});

test("a daemon whose wire is cut while it is away is given up as any that is silent", () => {
  const network = fabric("cut");
  network.kill("t1");
  network.run(7000);
  network.cut("s1", "t1");
  expect(network.until("it is lost", () => hops(network, "s1") === 1, limitMs)).toBeLessThan(7500);
});

test("a prefix is told to others once it is in the forwarding table, and not before", () => {
  const network = fabric("slow");
  network.programmingMs = 700;
  network.originate("s2", "fd00:20::/64");
  const order: string[] = [];
  for (let passed = 0; passed < 5000; passed += 1) {
    network.run(1);
    for (const name of ["t1", "t2", "s1"]) {
      if (network.fib(name).has("fd00:20::/64") && !order.includes(name)) order.push(name);
    }
  }
  expect(order.slice(0, 2).toSorted()).toEqual(["t1", "t2"]);
  expect(order[2]).toBe("s1");
  expect(hops(network, "s1")).toBe(2);
});
