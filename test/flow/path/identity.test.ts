import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { likeness, packetIdentity } from "../../../src/flow/path/identity.ts";
import {
  build,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  packet,
  type Packet,
  padding,
  parse,
  payload,
  tcp,
} from "../../../src/packet/index.ts";
import { geneve, inside, link, vxlan } from "./overlay-packets.ts";

const seen = (sent: Packet): Packet => parse(build(sent));
const plain = seen(packet(link(1, 2), ...inside()));
const same = (a: Packet, b: Packet): boolean => packetIdentity(seen(a)) === packetIdentity(seen(b));

describe("packetIdentity", () => {
  test.for<[string, Packet]>([
    ["a router", packet(link(3, 4), ...inside({ ttl: 63 }))],
    ["a NAT", packet(link(3, 4), ...inside({ ttl: 63, src: "192.0.2.1", srcPort: 61_000 }))],
    ["Geneve", geneve(1001, packet(link(3, 4), ...inside({ ttl: 63 })))],
    ["VXLAN", vxlan(7, packet(link(3, 4), ...inside()))],
    ["VXLAN in Geneve", geneve(1, vxlan(7, packet(link(3, 4), ...inside())))],
    ["IPv4 in IPv6", packet(link(3, 4), ipv6({ src: "fd00::1", dst: "fd00::2" }), ...inside())],
    ["the filling of short frames", packet(link(3, 4), ...inside(), padding(11))],
  ])("survives %s", ([, other]) => {
    expect(same(plain, other)).toBe(true);
    expect(likeness(plain, seen(other))).toBeGreaterThan(0);
  });

  test("is that of the payload", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const [left, right] = [a, b].map((text) => packet(link(1, 2), ...inside({ text })));
        expect(left !== undefined && right !== undefined && same(left, right)).toBe(a === b);
      }),
      { seed: 20261127 },
    );
  });

  test("tells echo requests apart by their sequence, replies from requests, but not by the identifier that a NAT changes", () => {
    const echo = (message: "echo-request" | "echo-reply", sequence: number, identifier = 1): Packet =>
      packet(
        link(1, 2),
        ipv4({ src: "10.1.0.1", dst: "10.2.0.1" }),
        icmp({ message, identifier, sequence }),
        payload("x"),
      );
    expect(same(echo("echo-request", 1), echo("echo-request", 2))).toBe(false);
    expect(same(echo("echo-request", 1), echo("echo-reply", 1))).toBe(false);
    expect(same(echo("echo-request", 1), echo("echo-request", 1, 99))).toBe(true);
  });

  test("tells TCP segments apart by sequence, acknowledgment and flags", () => {
    const segment = (fields: Partial<Parameters<typeof tcp>[0]>): Packet =>
      packet(link(1, 2), ipv4({ src: "10.1.0.1", dst: "10.2.0.1" }), tcp({ srcPort: 1, dstPort: 2, ...fields }));
    expect(same(segment({ sequence: 1 }), segment({ sequence: 2 }))).toBe(false);
    expect(same(segment({ flags: ["SYN"] }), segment({ flags: ["SYN", "ACK"] }))).toBe(false);
    expect(same(segment({ sequence: 1 }), segment({ sequence: 1, srcPort: 61_000, window: 1 }))).toBe(true);
  });

  test("of an error it is that of the packet quoted, which a NAT translates as well", () => {
    const error = (src: string, text: string): Packet => {
      const quoted = build(packet(...inside({ src, text })));
      return packet(
        link(1, 2),
        ipv4({ src: "10.2.0.254", dst: src }),
        icmp({ message: "time-exceeded", code: 0 }),
        payload(quoted),
      );
    };
    expect(same(error("10.1.0.1", "kestrel"), error("192.0.2.1", "kestrel"))).toBe(true);
    expect(same(error("10.1.0.1", "kestrel"), error("10.1.0.1", "another"))).toBe(false);
  });

  test("without addresses it is the whole packet, apart from the MACs", () => {
    const hello = (from: number, text: string): Packet => packet(link(from, 2), payload(text));
    expect(same(hello(1, "a"), hello(3, "a"))).toBe(true);
    expect(same(hello(1, "a"), hello(1, "b"))).toBe(false);
  });

  test("packets that carry the same between other hosts are not alike", () => {
    const [one, other] = ["1", "2"].map((host) =>
      seen(
        packet(
          link(1, 2),
          ipv6({ src: `fd00::${host}`, dst: `fd00:${host}::1` }),
          icmpv6({ message: "echo-request", identifier: Number(host), sequence: 1 }),
          payload("same"),
        ),
      ),
    );
    expect(one !== undefined && other !== undefined ? likeness(one, other) : undefined).toBe(0);
  });
});
