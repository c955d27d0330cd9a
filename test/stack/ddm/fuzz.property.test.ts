import fc from "fast-check";
import { expect, test } from "vitest";
import { authenticatorOf } from "../../../src/stack/ddm/authenticator.ts";
import { decodeDiscovery, encodeDiscovery } from "../../../src/stack/ddm/engine/discovery-message.ts";
import { HandPeers, push } from "./hand-peer.ts";

test("discovery messages are the bytes of the reference", () => {
  const solicitation = { version: 2, solicit: true, advertise: false, kind: "server", hostname: "s1" } as const;
  expect(Buffer.from(encodeDiscovery(solicitation)).toString("hex")).toBe("020100027331");
  const advertisement = {
    ...solicitation,
    solicit: false,
    advertise: true,
    kind: "transit",
    hostname: "oxz_switch",
  } as const;
  expect(Buffer.from(encodeDiscovery(advertisement)).toString("hex")).toBe("0202010a6f787a5f737769746368");
  expect(decodeDiscovery(Buffer.from("020100027331", "hex"))).toEqual({ ...solicitation, seal: undefined });
});

test("every message is read as it was written", () => {
  const message = fc.record({
    version: fc.integer({ min: 0, max: 255 }),
    solicit: fc.boolean(),
    advertise: fc.boolean(),
    kind: fc.constantFrom("server" as const, "transit" as const),
    hostname: fc.string({ maxLength: 200 }),
  });
  fc.assert(
    fc.property(message, (written) => {
      fc.pre(written.solicit || written.advertise);
      expect(decodeDiscovery(encodeDiscovery(written))).toMatchObject(written);
    }),
  );
});

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 1500 }),
  // Names of any bytes, UTF-8 or not.
  fc
    .tuple(fc.constantFrom(1, 2), fc.uint8Array({ minLength: 1, maxLength: 255, size: "max" }))
    .map(([flags, name]) => Uint8Array.of(2, flags, 0, name.length, ...name)),
  fc
    .tuple(fc.constantFrom("020100027331", "0202010a6f787a5f737769746368", "0202000173"), fc.nat(40), fc.nat(255))
    .map(([hex, at, value]) => {
      const bytes = Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(at % 9)]);
      bytes[at % bytes.length] = value;
      return new Uint8Array(bytes);
    }),
);

test.for([
  ["as they are", undefined],
  ["signed", authenticatorOf(new Map([["rack", Buffer.from("secret of rack A")]]))],
] as const)("discovery messages of any bytes, %s, are counted and do no harm", ([, authenticator]) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(someBytes, fc.boolean()), { maxLength: 20 }), (datagrams) => {
      const peers = new HandPeers({ authenticator });
      peers.up("rear0");
      for (const [bytes, group] of datagrams) {
        peers.give({ kind: "datagram", link: "rear0", from: "fe80::bad", group, bytes });
      }
      if (authenticator !== undefined) expect(peers.engine.router.links.get("rear0")?.session).toBeUndefined();
      const { malformedDiscovery, strangersRefused, solicitationsReceived, advertisementsReceived } =
        peers.counters("rear0");
      expect(
        malformedDiscovery + strangersRefused + solicitationsReceived + advertisementsReceived,
      ).toBeGreaterThanOrEqual(datagrams.length);
    }),
  );
});

const json = fc.json({ maxDepth: 4 });
const nearlyUpdate = fc.record({
  underlay: fc.option(
    fc.record({
      announce: fc.array(
        fc.record(
          {
            destination: fc.oneof(
              fc.constantFrom("fd00:1::/64", "1.2.3.0/24", "x", "fd00::/129", "::/0"),
              fc.string(),
              fc.record({ addr: fc.string(), len: fc.integer() }),
            ),
            path: fc.oneof(fc.array(fc.string(), { maxLength: 80 }), fc.string()),
          },
          { requiredKeys: [] },
        ),
      ),
      withdraw: fc.oneof(fc.constant([]), fc.jsonValue()),
    }),
  ),
  tunnel: fc.oneof(fc.constant(null), fc.jsonValue()),
});
const someBody = fc.oneof(
  fc.string(),
  json,
  nearlyUpdate.map((update) => JSON.stringify(update)),
);

test("bodies of any kind are answered with a status, and what is malformed changes nothing", () => {
  fc.assert(
    fc.property(fc.array(someBody, { maxLength: 20 }), (bodies) => {
      const peers = new HandPeers();
      peers.peer("rear0", "fe80::a", "s1");
      for (const body of bodies) {
        const before = [...peers.engine.router.rib.keys()];
        const { status } = peers.exchange("rear0", "fe80::a", "push", body, 3);
        expect([204, 400]).toContain(status);
        if (status === 400) expect([...peers.engine.router.rib.keys()]).toEqual(before);
      }
      expect(peers.logs.filter((line) => line.includes("ignored")).length).toBe(
        peers.counters("rear0").malformedBodies,
      );
      expect(peers.exchange("rear0", "fe80::a", "push", push([["fd00:8::/64", "s1"]]), 3).status).toBe(204);
      expect(peers.engine.router.rib.get("fd00:8::/64")).toBeDefined();
    }),
  );
});

test("answers of any kind to a pull change nothing, and it is asked for again", () => {
  fc.assert(
    fc.property(someBody, fc.integer({ min: 0, max: 999 }), (body, status) => {
      const peers = new HandPeers();
      peers.up("rear0");
      peers.advertise("rear0", "fe80::a", "s1");
      peers.answer(peers.requests.pop(), status, body);
      const session = peers.engine.router.links.get("rear0")?.session;
      if (session?.pulled === true) return;
      peers.run(250);
      expect(peers.requests.map(({ method }) => method)).toEqual(["GET"]);
    }),
  );
});
