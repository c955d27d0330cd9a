import { describe, expect, test } from "vitest";
import {
  build,
  destinationOptions,
  ethernet,
  type Ethernet,
  fragment,
  hopByHop,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  linkLocalOfMac,
  packet,
  padding,
  payload,
  sidecar,
  udp,
  verifyChecksums,
  vlan,
} from "../../../src/packet/index.ts";
import { EngineFixture, options, peerMac, portMac } from "./engine-fixture.ts";

const toPort: Ethernet = ethernet({ dst: portMac(1), src: peerMac(1) });
const host6 = "fd00:1122:3344:101::1";
const far6 = "fd00:1122:3344:202::1";
const host4 = "192.0.2.7";
const far4 = "198.51.100.9";
const datagram = [udp({ srcPort: 33_000, dstPort: 33_434 }), payload("probe")];
type Frame = readonly [Ethernet, ...Layer[]];
const icmpData = (type: number, code: number): Uint8Array => Uint8Array.of(...new Uint8Array(14), type, code);
const ask = (fixture: EngineFixture, type: number, code: number, layers: Frame, ingress = 1) =>
  fixture.punt("icmp-needed", { ingress, data: icmpData(type, code) }, layers);

describe("an ICMP error", () => {
  test("says time exceeded to the source and is routed as any packet", () => {
    const fixture = new EngineFixture();
    const about = [ipv6({ src: host6, dst: far6, hopLimit: 1 }), ...datagram];
    const answer = [
      ethernet({ dst: portMac(1), src: peerMac(1) }),
      ipv6({ src: options.icmpSource.ipv6, dst: host6 }),
      icmpv6({ message: "time-exceeded", code: 0 }),
      payload(build(packet(...about))),
    ];
    expect(ask(fixture, 3, 0, [toPort, ...about])).toEqual([{ toSwitch: answer }]);
    expect(verifyChecksums(packet(...answer))).toEqual([]);
    expect(fixture.counted).toEqual({ fromSwitch: 1, icmpSent: 1, toSwitch: 1 });
  });

  test("says how long a packet may be that is too long for the wire of its port", () => {
    const fixture = new EngineFixture();
    const tooLong = (type: number, code: number, mtu: number, about: readonly Layer[]) => {
      const data = icmpData(type, code);
      data.set([mtu >> 8, mtu & 0xff], 12);
      return fixture.punt("icmp-needed", { ingress: 1, data }, [toPort, ...about]);
    };
    const about6 = [ipv6({ src: host6, dst: far6, hopLimit: 9 }), ...datagram];
    expect(tooLong(2, 0, 1500, about6)).toEqual([
      {
        toSwitch: [
          ethernet({ dst: portMac(1), src: peerMac(1) }),
          ipv6({ src: options.icmpSource.ipv6, dst: host6 }),
          icmpv6({ message: "packet-too-big", mtu: 1500 }),
          payload(build(packet(...about6))),
        ],
      },
    ]);
    const about4 = [ipv4({ src: host4, dst: far4, ttl: 9, dontFragment: true }), ...datagram];
    expect(tooLong(3, 4, 9000, about4)).toMatchObject([
      { toSwitch: [{}, {}, { message: "destination-unreachable", code: 4, nextHopMtu: 9000 }, {}] },
    ]);
  });

  test("is that of IPv4 about a packet of IPv4, without what filled the frame up", () => {
    const fixture = new EngineFixture();
    const about = [ipv4({ src: host4, dst: far4, ttl: 1 }), ...datagram];
    for (const [type, code, message] of [
      [11, 0, "time-exceeded"],
      [3, 0, "destination-unreachable"],
    ] as const) {
      expect(ask(fixture, type, code, [toPort, ...about, padding(13)])).toEqual([
        {
          toSwitch: [
            ethernet({ dst: portMac(1), src: peerMac(1) }),
            ipv4({ src: options.icmpSource.ipv4, dst: host4, dscp: 48 }),
            icmp({ message, code }),
            payload(build(packet(...about))),
          ],
        },
      ]);
    }
  });

  test.each([
    [6, 1280],
    [4, 576],
  ])("of IPv%d quotes as much as fits into %d bytes", (family, most) => {
    const fixture = new EngineFixture();
    const content = payload("long".repeat(1000));
    const about =
      family === 6
        ? [ipv6({ src: host6, dst: far6 }), ...datagram, content]
        : [ipv4({ src: host4, dst: far4 }), content];
    const [done] = ask(fixture, family === 6 ? 1 : 3, 0, [toPort, ...about]);
    const answer = done !== undefined && "toSwitch" in done ? build(packet(...done.toSwitch)) : Buffer.alloc(0);
    expect(answer.length).toBe(14 + most);
  });

  test("to a link-local source goes back by the port, with that port's own address, and its tag", () => {
    const fixture = new EngineFixture();
    const source = linkLocalOfMac(peerMac(1));
    for (const tags of [[], [vlan({ id: 7 })]]) {
      const about = [ipv6({ src: source, dst: far6 }), ...datagram];
      expect(ask(fixture, 1, 0, [toPort, ...tags, ...about])).toEqual([
        {
          toSwitch: [
            ethernet({ dst: peerMac(1), src: portMac(1) }),
            sidecar({ code: "from-userspace", egress: 1 }),
            ...tags,
            ipv6({ src: linkLocalOfMac(portMac(1)), dst: source }),
            icmpv6({ message: "destination-unreachable", code: 0 }),
            payload(build(packet(...about))),
          ],
        },
      ]);
    }
  });

  const v6 = (fields: object = {}): Layer => ipv6({ src: host6, dst: far6, ...fields });
  const v4 = (fields: object = {}): Layer => ipv4({ src: host4, dst: far4, ...fields });
  const forbidden: readonly (readonly [string, string, Frame])[] = [
    ["an ICMPv6 error", "icmpAboutError", [toPort, v6(), icmpv6({ message: "time-exceeded", code: 0 }), payload("x")]],
    [
      "an ICMPv6 error of an unknown type",
      "icmpAboutError",
      [toPort, v6(), icmpv6({ message: "other", type: 100, code: 0 })],
    ],
    [
      "an ICMPv6 error behind other headers",
      "icmpAboutError",
      [
        toPort,
        v6(),
        hopByHop(),
        destinationOptions(),
        fragment({ identification: 1, moreFragments: true }),
        icmpv6({ message: "packet-too-big", mtu: 1280 }),
      ],
    ],
    [
      "a redirect",
      "icmpAboutError",
      [toPort, v6(), icmpv6({ message: "redirect", target: host6, destination: far6, options: [] })],
    ],
    ["an ICMP error", "icmpAboutError", [toPort, v4(), icmp({ message: "destination-unreachable", code: 1 })]],
    ["ICMP of an unknown type", "icmpAboutError", [toPort, v4(), icmp({ message: "other", type: 77, code: 1 })]],
    ["a group", "icmpAboutMulticast", [toPort, v6({ dst: "ff05::1" }), ...datagram]],
    ["a group of IPv4", "icmpAboutMulticast", [toPort, v4({ dst: "224.0.1.1" }), ...datagram]],
    ["everyone", "icmpAboutMulticast", [toPort, v4({ dst: "255.255.255.255" }), ...datagram]],
    [
      "a frame for everyone",
      "icmpAboutMulticast",
      [ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: peerMac(1) }), v4(), ...datagram],
    ],
    ["no source", "icmpNoSource", [toPort, v6({ src: "::" }), ...datagram]],
    ["itself as its source", "icmpNoSource", [toPort, v6({ src: "::1" }), ...datagram]],
    ["a group as its source", "icmpNoSource", [toPort, v6({ src: "ff02::1" }), ...datagram]],
    ["no source in IPv4", "icmpNoSource", [toPort, v4({ src: "0.0.0.0" }), ...datagram]],
    ["itself as its source in IPv4", "icmpNoSource", [toPort, v4({ src: "127.0.0.1" }), ...datagram]],
    ["a later fragment", "icmpLaterFragment", [toPort, v4({ fragmentOffset: 10 }), payload("x")]],
    [
      "a later fragment of IPv6",
      "icmpLaterFragment",
      [toPort, v6(), fragment({ identification: 1, fragmentOffset: 9 }), payload("x")],
    ],
    ["neither IPv4 nor IPv6", "icmpUnreadable", [toPort, payload("x")]],
    ["more bytes than there are", "icmpUnreadable", [toPort, v4({ totalLength: 100 }), ...datagram]],
    ["more bytes than there are in IPv6", "icmpUnreadable", [toPort, v6({ payloadLength: 100 }), ...datagram]],
  ];
  test.each(forbidden)("is not sent about a packet of or with %s", (_what, counter, layers) => {
    const fixture = new EngineFixture();
    const family = layers.some(({ layer }) => layer === "ipv4") ? 4 : 6;
    expect(ask(fixture, family === 4 ? 11 : 3, 0, layers)).toEqual([]);
    expect(fixture.counted).toEqual({ fromSwitch: 1, [counter]: 1 });
  });

  const allowed: readonly (readonly [string, Frame])[] = [
    ["an echo request", [toPort, v6(), icmpv6({ message: "echo-request", identifier: 1, sequence: 1 })]],
    ["an echo of IPv4", [toPort, v4(), icmp({ message: "echo-request", identifier: 1, sequence: 1 })]],
    ["a first fragment", [toPort, v6(), fragment({ identification: 1, moreFragments: true }), ...datagram]],
    ["no next header", [toPort, v6({ nextHeader: 59 })]],
  ];
  test.each(allowed)("is sent about %s", (_what, layers) => {
    const fixture = new EngineFixture();
    expect(ask(fixture, layers.some(({ layer }) => layer === "ipv4") ? 11 : 3, 0, layers)).toHaveLength(1);
  });

  test("is none that the switch does not ask for", () => {
    const fixture = new EngineFixture();
    expect(ask(fixture, 129, 0, [toPort, v6(), ...datagram])).toEqual([]);
    expect(ask(fixture, 2, 0, [toPort, v6(), ...datagram])).toEqual([]);
    expect(ask(fixture, 8, 0, [toPort, v4(), ...datagram])).toEqual([]);
    expect(fixture.counted).toEqual({ fromSwitch: 3, icmpUnknownError: 3 });
  });

  test("is sent as often as the rate allows", () => {
    const fixture = new EngineFixture();
    const once = (): number => ask(fixture, 3, 0, [toPort, v6(), ...datagram]).length;
    const many = (count: number): number => Array.from({ length: count }, once).reduce((sum, sent) => sum + sent, 0);
    expect(many(8)).toBe(5);
    fixture.advance(99);
    expect(once()).toBe(0);
    fixture.advance(1);
    expect(many(2)).toBe(1);
    fixture.advance(10_000);
    expect(many(8)).toBe(5);
    expect(fixture.engine.counters.icmpRateLimited).toBe(8);
  });
});
