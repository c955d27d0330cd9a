import { expect, test } from "vitest";
import { authenticatorOf } from "../../../src/stack/ddm/authenticator.ts";
import type { KeyName, MessageAuthenticator } from "../../../src/stack/ddm/engine/authentication.ts";
import { signDiscovery } from "../../../src/stack/ddm/engine/discovery-message.ts";
import { HandPeers, push } from "./hand-peer.ts";
import { SimulatedNetwork } from "./simulated-network.ts";
import { imported, peers, trio } from "./simulated-trio.ts";

function keys(rack: string, interRack?: string): MessageAuthenticator {
  const map = new Map<KeyName, Uint8Array>([["rack", Buffer.from(rack)]]);
  if (interRack !== undefined) map.set("inter-rack", Buffer.from(interRack));
  return authenticatorOf(map);
}

const rackA = keys("secret of rack A", "secret of the site");

/** The signed trio with one exchange of prefixes done. */
function signedTrio(): ReturnType<typeof trio> {
  const network = trio({ authenticator: rackA });
  network.originate("s1", "fd00:1::/64");
  network.originate("s2", "fd00:2::/64");
  network.run(4000);
  return network;
}

test("routers that share the rack's key peer and exchange, and stay together", () => {
  const network = signedTrio();
  expect(imported(network, "s1", "s2", "t1")).toEqual([1, 1, 2]);
  network.run(60_000);
  network.withdraw("s1", "fd00:1::/64");
  network.run(500);
  expect(imported(network, "s1", "s2", "t1")).toEqual([1, 0, 1]);
  expect(network.engine("t1").router.links.get("if0")?.counters.peerExpirations).toBe(0);
});

test("a router that starts anew is peered with again", () => {
  const network = signedTrio();
  network.stop("s1");
  network.run(1000);
  network.start("s1");
  network.run(4000);
  expect(imported(network, "s1", "s2", "t1")).toEqual([1, 1, 2]);
});

test.for(["s1", "t1"])("%s that starts anew, and says so by its signature, leaves what it told in force", (name) => {
  const network = signedTrio();
  network.kill(name);
  network.run(2500);
  network.start(name);
  for (let passed = 0; passed < 10_000; passed += 1) {
    network.run(1);
    const routes = [network.fib("s1").get("fd00:2::/64"), network.fib("s2").get("fd00:1::/64")];
    expect(routes.map((hops) => hops?.length)).toEqual([1, 1]);
    expect(network.fib("t1").size).toBe(2);
  }
  expect(imported(network, "s1", "s2", "t1")).toEqual([1, 1, 2]);
  const established = (link: string): number =>
    network.engine(name === "t1" ? "s1" : "t1").router.links.get(link)?.counters.peerEstablished ?? 0;
  expect(established("if0")).toBe(2);
});

test.for([
  ["does not sign", undefined],
  ["has another key", keys("secret of rack B", "secret of the site")],
] as const)("a router that %s is refused", ([, authenticator]) => {
  const network = new SimulatedNetwork();
  network.router("t1", { kind: "transit", authenticator: rackA });
  network.router("s1", { kind: "server", authenticator }, ["fd00:1::/64"]);
  network.wire("s1", "t1");
  network.run(10_000);
  expect(peers(network, "t1")).toEqual([0]);
  expect(imported(network, "t1")).toEqual([0]);
  expect(network.engine("t1").router.links.get("if0")?.counters.strangersRefused).toBeGreaterThan(0);
  expect(network.logs.some((line) => line.startsWith("t1: if0"))).toBe(true);
});

test("switches of different racks share another key than the routers of a rack", () => {
  const network = new SimulatedNetwork();
  network.router("A1", { kind: "transit", authenticator: keys("secret of rack A", "secret of the site") });
  network.router("B1", { kind: "transit", authenticator: keys("secret of rack B", "secret of the site") });
  network.router("C1", { kind: "transit", authenticator: keys("secret of rack A") });
  network.wire("A1", "B1");
  network.wire("A1", "C1");
  network.run(3000);
  expect(peers(network, "A1", "B1", "C1")).toEqual([1, 1, 0]);
});

test("with the key of a rack alone nobody passes as a switch of another", () => {
  const t1 = new HandPeers({ authenticator: rackA });
  t1.up("qsfp0");
  const forger = keys("secret of rack A");
  t1.give({ kind: "datagram", link: "qsfp0", from: "fe80::a", group: false, bytes: advertisement(forger, "rack", 1) });
  expect(t1.engine.router.links.get("qsfp0")?.session).toBeUndefined();
  expect(t1.counters("qsfp0").strangersRefused).toBe(1);
});

function advertisement(by: MessageAuthenticator, key: KeyName, number: number, from = "fe80::a"): Uint8Array {
  return signDiscovery(
    {
      version: 2,
      solicit: false,
      advertise: true,
      kind: "transit",
      hostname: "x1",
      seal: { instance: 9, number, solicitor: 1 },
    },
    { from, to: "fe80::1" },
    [key],
    by,
  );
}

test("an advertisement that was recorded earlier, or for another address, is refused", () => {
  const site = keys("secret of rack B", "secret of the site");
  const t1 = new HandPeers({ authenticator: rackA });
  t1.up("qsfp0");
  const give = (bytes: Uint8Array, from: string): boolean => {
    t1.give({ kind: "datagram", link: "qsfp0", from, group: false, bytes });
    return t1.engine.router.links.get("qsfp0")?.session !== undefined;
  };
  expect(give(advertisement(site, "inter-rack", 7777), "fe80::a")).toBe(false);
  expect(give(advertisement(site, "inter-rack", 1, "fe80::b"), "fe80::a")).toBe(false);
  const genuine = advertisement(site, "inter-rack", 1);
  const spoiled = Uint8Array.from(genuine);
  spoiled[5] = (spoiled[5] ?? 0) ^ 1;
  expect(give(spoiled, "fe80::a")).toBe(false);
  expect(give(genuine, "fe80::a")).toBe(true);
  t1.run(60_000);
  expect(give(genuine, "fe80::a")).toBe(false);
});

test("a push without a signature, with a wrong one, or seen before changes nothing", () => {
  const network = signedTrio();
  const link = network.engine("t1").router.links.get("if0");
  const from = link?.session?.identity.address ?? "";
  const attempt = (headers: Readonly<Record<string, string>>, body: string): number | undefined => {
    const outputs = network
      .engine("t1")
      .handle(
        { kind: "exchange", link: "if0", id: 99, from, operation: "push", version: 2, headers, body },
        network.now,
      );
    return outputs.find((output) => output.kind === "reply")?.status;
  };
  const forged = push([["fd00:666::/64", "s1"]]);
  expect(attempt({}, forged)).toBe(403);
  network.originate("s1", "fd00:3::/64");
  network.run(500);
  const genuine = network.requests.findLast(({ method, to }) => method === "PUT" && to === link?.address);
  expect(genuine?.body).toContain("fd00:3::");
  expect(attempt(genuine?.headers ?? {}, forged)).toBe(403);
  network.withdraw("s1", "fd00:3::/64");
  network.run(500);
  expect(attempt(genuine?.headers ?? {}, genuine?.body ?? "")).toBe(403);
  expect(network.engine("t1").router.rib.get("fd00:3::/64")).toBeUndefined();
  expect(network.engine("t1").router.rib.get("fd00:666::/64")).toBeUndefined();
});

test("an answer to a pull that is not the peer's is not believed", () => {
  const t1 = new HandPeers({ authenticator: rackA });
  t1.up("qsfp0");
  const site = keys("secret of rack B", "secret of the site");
  t1.give({
    kind: "datagram",
    link: "qsfp0",
    from: "fe80::a",
    group: false,
    bytes: advertisement(site, "inter-rack", 1),
  });
  const pull = t1.requests.pop();
  t1.answer(pull, 200, '{"underlay":[{"destination":"fd00:1::/64","path":["x1"]}],"tunnel":null}', {
    ...pull?.headers,
    "ddm-router": "x1",
  });
  expect([...t1.engine.router.rib.keys()]).toEqual([]);
  expect(t1.counters("qsfp0").pullFail).toBe(1);
});
