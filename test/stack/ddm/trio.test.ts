import { expect, test } from "vitest";
import { tunnelKey } from "../../../src/stack/ddm/engine/route-key.ts";
import { imported, importedTunnels, peers, trio } from "./simulated-trio.ts";

const all = ["s1", "s2", "t1"] as const;
const origin = { overlayPrefix: "203.0.113.0/24", boundaryAddress: "fd00:1701::1", vni: 47, metric: 0 };
const tunnel = tunnelKey(origin) ?? "";

function converged(): ReturnType<typeof trio> {
  const network = trio();
  network.originate("s1", "fd00:1::/64");
  network.originate("s2", "fd00:2::/64");
  network.run(3000);
  expect(imported(network, ...all)).toEqual([1, 1, 2]);
  return network;
}

test("D1: every router finds its neighbours, within a solicit interval", () => {
  const network = trio();
  const took = network.until("peers", () => String(peers(network, ...all)) === "1,1,2", 2000);
  expect(took).toBeLessThan(500);
});

test("D2, D3: what servers originate reaches the others, with its path and next hop", () => {
  const network = trio();
  network.run(2500);
  network.originate("s1", "fd00:1::/64");
  expect(network.until("one", () => String(imported(network, ...all)) === "0,1,1", 500)).toBeLessThan(100);
  network.originate("s2", "fd00:2::/64");
  network.until("both", () => String(imported(network, ...all)) === "1,1,2", 500);
  const [learned] = network.engine("s2").router.rib.get("fd00:1::/64")?.learned.values() ?? [];
  expect(learned?.map(({ routers }) => routers)).toEqual([["s1", "t1"]]);
  expect([...network.fib("s2").keys()]).toEqual(["fd00:1::/64"]);
  expect([...network.fib("t1").keys()].sort()).toEqual(["fd00:1::/64", "fd00:2::/64"]);
});

test("D4, D5: a transit router that ends is lost within seven seconds, and is back soon after it starts", () => {
  const network = converged();
  network.stop("t1");
  const lost = network.until("nothing", () => String(imported(network, "s1", "s2")) === "0,0", 7000);
  expect(lost).toBeGreaterThan(2900);
  expect(network.fib("s1").size).toBe(0);
  network.start("t1");
  network.until("all", () => String(imported(network, ...all)) === "1,1,2", 2500);
});

test("D6, D7: a server that ends takes its prefix along, and offers it again by itself", () => {
  const network = converged();
  network.stop("s1");
  network.until("gone", () => String(imported(network, "s2", "t1")) === "0,1", 7000);
  network.start("s1");
  network.until("all", () => String(imported(network, ...all)) === "1,1,2", 2500);
});

test("D8: to originate again changes nothing", () => {
  const network = converged();
  const sent = network.pushed.length;
  network.originate("s1", "fd00:1::/64");
  network.run(500);
  expect(imported(network, ...all)).toEqual([1, 1, 2]);
  expect(network.pushed).toHaveLength(sent);
});

test("D9: a peer that was given up comes back", () => {
  const network = converged();
  const link = network.engine("t1").router.links.get("if0");
  network.input("t1", { kind: "expire", address: link?.session?.identity.address ?? "" });
  expect(imported(network, "t1")).toEqual([1]);
  network.until("all", () => String(imported(network, ...all)) === "1,1,2", 2500);
  expect(link?.counters.peerExpirations).toBe(1);
});

test("D10, D11: a prefix is withdrawn and originated again", () => {
  const network = converged();
  network.withdraw("s2", "fd00:2::/64");
  network.until("withdrawn", () => String(imported(network, ...all)) === "0,1,1", 500);
  expect(network.fib("s1").size).toBe(0);
  network.originate("s2", "fd00:2::/64");
  network.until("back", () => String(imported(network, ...all)) === "1,1,2", 500);
});

test("D12: duplicates count once", () => {
  const network = trio();
  network.originate("s2", "fd00:2::/64", "fd00:3::/64", "fd00:4::/64", "fd00:3::/64");
  network.run(3000);
  expect(imported(network, "s1")).toEqual([3]);
  expect(network.fib("s1").size).toBe(3);
});

test("D13 to D16: tunnel origins reach servers, also after a restart, and are withdrawn", () => {
  const network = converged();
  network.originate("t1", tunnel);
  network.until("told", () => String(importedTunnels(network, "t1", "s1", "s2")) === "0,1,1", 500);
  network.originate("t1", tunnel);
  network.run(5000);
  expect(importedTunnels(network, "t1", "s1", "s2")).toEqual([0, 1, 1]);
  network.stop("s1");
  network.run(1000);
  network.start("s1");
  network.until("told again", () => String(importedTunnels(network, "s1")) === "1", 2500);
  network.withdraw("t1", tunnel);
  network.until("withdrawn", () => String(importedTunnels(network, "t1", "s1", "s2")) === "0,0,0", 500);
  expect(network.fib("s1").size).toBe(1);
});

test("Q6: a transit router passes tunnel origins on, not only in answers to pulls", () => {
  const network = converged();
  network.originate("s1", tunnel);
  network.until("told", () => String(importedTunnels(network, "s2", "t1")) === "1,1", 500);
});

test("D22: with its carrier a link loses its routes at once, and has them again soon after", () => {
  const network = converged();
  network.unplug("s1", "t1");
  network.run(network.programmingMs);
  expect(network.fib("s1").size).toBe(0);
  expect(network.until("withdrawn", () => network.fib("s2").size === 0, 1000)).toBeLessThan(100);
  network.unplug("s1", "t1", false);
  expect(network.until("back", () => network.fib("s2").size === 1 && network.fib("s1").size === 1, 1000)).toBeLessThan(
    1000,
  );
});

test("D24: a neighbour with a new address keeps its routes, by the new next hop", () => {
  const network = converged();
  network.renumber("s1", "t1", "fe80::abcd");
  network.until(
    "renumbered",
    () => network.fib("t1").get("fd00:1::/64")?.[0]?.address === "fe80::abcd" && network.fib("s1").size === 1,
    2500,
  );
  network.run(10_000);
  expect(imported(network, ...all)).toEqual([1, 1, 2]);
  expect(network.engine("t1").router.links.get("if0")?.counters.peerAddressChanges).toBe(1);
});

test("a thousand prefixes of one sled reach the others within three seconds", () => {
  const network = converged();
  const keys = Array.from({ length: 1000 }, (_, at) => `fd01:0:0:${at.toString(16)}::/64`);
  network.originate("s1", ...keys);
  network.until("all", () => network.fib("s2").size === 1001, 3000);
  network.withdraw("s1", ...keys);
  network.until("none", () => network.fib("s2").size === 1, 3000);
});

test("Q11: equal link-local addresses on different links are different neighbours", () => {
  const network = converged();
  network.renumber("s1", "t1", "fe80::5");
  network.renumber("s2", "t1", "fe80::5");
  network.run(12_000);
  expect(imported(network, ...all)).toEqual([1, 1, 2]);
  network.unplug("s1", "t1");
  expect(network.fib("t1").get("fd00:2::/64")).toEqual([{ link: "if1", address: "fe80::5" }]);
});
