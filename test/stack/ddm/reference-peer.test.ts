import { expect, test } from "vitest";
import { HandPeers, push } from "./hand-peer.ts";

const s1 = "fe80::a";
const s2 = "fe80::b";

function twoServers(): HandPeers {
  const peers = new HandPeers();
  peers.peer("rear0", s1, "s1");
  peers.peer("rear1", s2, "s2");
  peers.run(1500);
  peers.requests.length = 0;
  return peers;
}

function vectorsOf(body: string | undefined): { announce: unknown[]; withdraw: unknown[] } {
  const parsed = JSON.parse(body ?? "{}") as { underlay: { announce: unknown[]; withdraw: unknown[] } | null };
  return parsed.underlay ?? { announce: [], withdraw: [] };
}

test("the bodies of version 2 and 3 are those of the reference", () => {
  const peers = twoServers();
  expect(peers.exchange("rear0", s1, "push", push([["fd00:1::/64", "s1"]]), 3).status).toBe(204);
  expect(peers.requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    [
      "PUT",
      "/v2/push",
      '{"underlay":{"announce":[{"destination":{"addr":"fd00:1::","len":64},"path":["s1","t1"]}],"withdraw":[]},"tunnel":null}',
    ],
  ]);
  expect(peers.exchange("rear1", s2, "pull", "", 2).body).toBe(
    '{"underlay":[{"destination":{"addr":"fd00:1::","len":64},"path":["s1","t1"]}],"tunnel":null}',
  );
  expect(peers.exchange("rear1", s2, "pull", "", 3).body).toBe(
    '{"underlay":[{"destination":"fd00:1::/64","path":["s1","t1"]}],"tunnel":null}',
  );
  expect(peers.exchange("rear0", s1, "pull", "", 3).body).toBe('{"underlay":null,"tunnel":null}');
});

test("tunnel origins go out in both versions, without a path for the reference", () => {
  const peers = twoServers();
  const origin = { overlay_prefix: "203.0.113.0/24", boundary_addr: "fd00:99::1", vni: 99, metric: 5 };
  const v2 = { ...origin, overlay_prefix: { V4: { addr: "203.0.113.0", len: 24 } } };
  const body = JSON.stringify({ underlay: null, tunnel: { announce: [v2], withdraw: [] } });
  expect(peers.exchange("rear0", s1, "push", body, 2).status).toBe(204);
  expect(JSON.parse(peers.requests[0]?.body ?? "")).toEqual({
    underlay: null,
    tunnel: { announce: [v2], withdraw: [] },
  });
  expect(JSON.parse(peers.exchange("rear1", s2, "pull", "", 3).body)).toEqual({ underlay: null, tunnel: [origin] });
});

test("a peer of version 3 is spoken with in version 3; of version 4 not at all", () => {
  const peers = new HandPeers();
  peers.up("rear0");
  peers.advertise("rear0", s1, "s1", "server", 4);
  expect(peers.requests).toEqual([]);
  peers.advertise("rear0", s1, "s1", "server", 3);
  expect(peers.requests.map(({ path }) => path)).toEqual(["/v3/pull"]);
});

test("D25, Q3: nothing longer than 1023 bytes is pushed to a reference peer, and all of it arrives", () => {
  const peers = twoServers();
  const keys = Array.from({ length: 100 }, (_, at) => `fd00:1:0:${at.toString(16)}::/64`);
  peers.give({ kind: "originate", keys });
  const arrived: unknown[] = [];
  for (let next = peers.requests.find(({ link }) => link === "rear0"); next !== undefined;) {
    expect(Buffer.byteLength(next.body ?? "")).toBeLessThan(1024);
    arrived.push(...vectorsOf(next.body).announce);
    peers.requests.length = 0;
    peers.answer(next, 204);
    next = peers.requests.find(({ link }) => link === "rear0");
  }
  expect(arrived).toHaveLength(100);
  expect(new Set(arrived.map((vector) => JSON.stringify(vector))).size).toBe(100);
});

test.for([400, 413, 500, "refused"] as const)("D26, Q2: a push that was answered with %s is repeated", (fate) => {
  const peers = twoServers();
  peers.give({ kind: "originate", keys: ["fd00:9::/64"] });
  const [first] = peers.requests.filter(({ link }) => link === "rear0");
  if (fate === "refused") peers.fail(first);
  else peers.answer(first, fate, "{}");
  peers.requests.length = 0;
  peers.run(200);
  const [second] = peers.requests.filter(({ link }) => link === "rear0");
  expect(second?.body).toBe(first?.body);
  peers.answer(second, 204);
  peers.requests.length = 0;
  peers.run(1000);
  expect(peers.requests.filter(({ method }) => method === "PUT")).toEqual([]);
  expect(peers.counters("rear0").updateSendFail).toBe(1);
});

test("a push of unknown fate is undone completely: both what it said and what it replaced are withdrawn", () => {
  const peers = twoServers();
  peers.exchange("rear0", s1, "push", push([["fd00:1::/64", "a", "b", "s1"]]), 3);
  peers.answer(peers.requests.pop(), 204);
  peers.exchange("rear0", s1, "push", push([["fd00:1::/64", "c", "s1"]]), 3);
  peers.fail(peers.requests.pop());
  peers.exchange(
    "rear0",
    s1,
    "push",
    push(
      [],
      [
        ["fd00:1::/64", "c", "s1"],
        ["fd00:1::/64", "a", "b", "s1"],
      ],
    ),
    3,
  );
  peers.run(300);
  const { announce, withdraw } = vectorsOf(peers.requests.pop()?.body);
  expect(announce).toEqual([]);
  expect(withdraw).toHaveLength(2);
});

test("changes during a push are put together, and those that cancel out are not sent", () => {
  const peers = twoServers();
  peers.give({ kind: "originate", keys: ["fd00:1::/64"] });
  const first = peers.requests.find(({ link }) => link === "rear0");
  peers.give({ kind: "originate", keys: ["fd00:2::/64", "fd00:3::/64"] });
  peers.give({ kind: "withdraw", keys: ["fd00:2::/64"] });
  peers.requests.length = 0;
  peers.answer(first, 204);
  expect(vectorsOf(peers.requests[0]?.body)).toEqual({
    announce: [{ destination: { addr: "fd00:3::", len: 64 }, path: ["t1"] }],
    withdraw: [],
  });
});

test("Q1: a vector that has been here is dropped", () => {
  const peers = twoServers();
  peers.exchange("rear0", s1, "push", push([["fd00:1::/64", "x", "t1", "s1"]]), 3);
  expect(peers.engine.router.rib.get("fd00:1::/64")).toBeUndefined();
  expect(peers.counters("rear0").loopsRefused).toBe(1);
});

test("Q9: a reference peer, which loses pushes, is pulled from again and again; what it no longer names is gone", () => {
  const peers = twoServers();
  peers.exchange(
    "rear0",
    s1,
    "push",
    push([
      ["fd00:1::/64", "s1"],
      ["fd00:2::/64", "s1"],
    ]),
    3,
  );
  for (let second = 0; second < 12; second += 1) {
    peers.run(1000);
    peers.advertise("rear0", s1, "s1");
  }
  const pull = peers.requests.findLast(({ method, link }) => method === "GET" && link === "rear0");
  peers.answer(pull, 200, '{"underlay":[{"destination":"fd00:2::/64","path":["s1"]}],"tunnel":null}');
  expect([...peers.engine.router.rib.keys()]).toEqual(["fd00:2::/64"]);
});

test("the answer to a pull does not undo what pushes said after it was asked for", () => {
  const peers = twoServers();
  peers.exchange("rear0", s1, "push", push([["fd00:1::/64", "s1"]]), 3);
  peers.give({ kind: "sync" });
  const pull = peers.requests.find(({ method, link }) => method === "GET" && link === "rear0");
  peers.exchange("rear0", s1, "push", push([["fd00:3::/64", "s1"]], [["fd00:1::/64", "s1"]]), 3);
  peers.answer(pull, 200, '{"underlay":[{"destination":"fd00:1::/64","path":["s1"]}],"tunnel":null}');
  expect([...peers.engine.router.rib.keys()]).toEqual(["fd00:3::/64"]);
});

test("a pull by a reference peer in the midst of a session means that it began anew: it is pulled from", () => {
  const peers = twoServers();
  peers.exchange("rear0", s1, "pull");
  expect(peers.requests.map(({ method, link }) => [method, link])).toEqual([["GET", "rear0"]]);
});

test("a second router on a link is not listened to while the first is there", () => {
  const peers = twoServers();
  peers.advertise("rear0", "fe80::f", "stranger");
  expect(peers.exchange("rear0", "fe80::f", "push", push([["fd00:6::/64", "stranger"]]), 3).status).toBe(503);
  expect(peers.engine.router.links.get("rear0")?.session?.identity.hostname).toBe("s1");
  expect(peers.engine.router.rib.get("fd00:6::/64")).toBeUndefined();
});

test("a route stays as long as one path of it is left", () => {
  const peers = twoServers();
  peers.exchange(
    "rear0",
    s1,
    "push",
    push([
      ["fd00:1::/64", "a", "s1"],
      ["fd00:1::/64", "b", "s1"],
    ]),
    3,
  );
  peers.exchange("rear0", s1, "push", push([], [["fd00:1::/64", "a", "s1"]]), 3);
  expect(peers.routes.get("fd00:1::/64")).toEqual([{ link: "rear0", address: s1 }]);
  peers.exchange("rear0", s1, "push", push([], [["fd00:1::/64", "b", "s1"]]), 3);
  expect(peers.routes.get("fd00:1::/64")).toEqual([]);
});

test("what is announced and withdrawn in one update is announced first", () => {
  const peers = twoServers();
  peers.exchange("rear0", s1, "push", push([["fd00:1::/64", "s1"]], [["fd00:1::/64", "s1"]]), 3);
  expect(peers.engine.router.rib.get("fd00:1::/64")).toBeUndefined();
});

test("a peer that takes longer pushes is sent longer ones", () => {
  const peers = new HandPeers();
  peers.up("rear0");
  peers.advertise("rear0", s1, "s1");
  const traits = { "ddm-router": "s1", "ddm-instance": "7", "ddm-body-limit": "1048576" };
  peers.answer(peers.requests.pop(), 200, "{}", traits);
  peers.run(1500);
  peers.give({ kind: "originate", keys: Array.from({ length: 1000 }, (_, at) => `fd00:1:0:${at.toString(16)}::/64`) });
  const pushes = peers.requests.filter(({ method }) => method === "PUT");
  expect(pushes).toHaveLength(1);
  expect(vectorsOf(pushes[0]?.body).announce).toHaveLength(1000);
});
