import { expect, test } from "vitest";
import { HandPeers } from "./hand-peer.ts";

function lost({ engine }: HandPeers): number {
  return engine.router.links.get("rear0")?.counters.peerExpirations ?? 0;
}

/** A neighbour that was heard at 0, and nothing of it since. */
function withPeer(): HandPeers {
  const peers = new HandPeers();
  peers.peer("rear0", "fe80::2", "s1");
  return peers;
}

test("a peer that answers nothing is lost five seconds after it was heard", () => {
  const peers = withPeer();
  peers.run(4999);
  expect(lost(peers)).toBe(0);
  peers.run(1);
  expect(lost(peers)).toBe(1);
});

test("a router whose machine stood still asks before it takes anybody for lost", () => {
  const peers = withPeer();
  peers.now += 60_000;
  peers.give({ kind: "wake" });
  expect(lost(peers)).toBe(0);
  peers.advertise("rear0", "fe80::2", "s1");
  peers.run(4999);
  expect(lost(peers)).toBe(0);
  peers.now += 60_000;
  peers.run(4999);
  expect(lost(peers)).toBe(1);
});

test("what was heard on one link is no reason to take another for silent before that was read too", () => {
  const peers = withPeer();
  peers.peer("rear1", "fe80::3", "s2");
  peers.run(4500);
  peers.now += 10_000;
  peers.advertise("rear1", "fe80::3", "s2");
  peers.advertise("rear0", "fe80::2", "s1");
  peers.give({ kind: "wake" });
  expect(lost(peers)).toBe(0);
});
