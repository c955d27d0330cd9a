import { describe, expect, test } from "vitest";
import { icmp, ipv4, ipv6, type Layer, parseAddress, sidecar, vlan } from "../../../src/packet/index.ts";
import {
  datagram,
  executions,
  fromSwitch,
  peerMac,
  rackSwitch,
  segment,
  sidecarData,
  toSwitch,
} from "./rack-fixture.ts";
import { frame, type RackSwitch, type Target } from "./rack-switch.ts";

const to4 = (dst: string, ttl = 64): Layer => ipv4({ src: "10.10.10.10", dst, ttl });
const to6 = (dst: string, hopLimit = 64): Layer => ipv6({ src: "fd00:1::1", dst, hopLimit });

describe.each(executions)("the rack's switch (%s)", (execution) => {
  const make = (): RackSwitch => rackSwitch(execution);

  test("P1 routes IPv4 and IPv6: the neighbour's MAC, the port's own, one hop less", () => {
    const rack = make();
    rack.route("10.1.0.0/16", { port: 2, nextHop: "10.0.0.2" });
    rack.route("fd00:2::/64", { port: 2, nextHop: "fe80::2" });
    rack.neighbor("10.0.0.2", peerMac(2));
    rack.neighbor("fe80::2", peerMac(2));
    for (const application of [datagram(), segment()]) {
      expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ...application)).toEqual([
        frame(2, fromSwitch(2), to4("10.1.2.3", 63), ...application),
      ]);
      expect(rack.send(1, toSwitch(1), to6("fd00:2::5"), ...application)).toEqual([
        frame(2, fromSwitch(2), to6("fd00:2::5", 63), ...application),
      ]);
    }
  });

  test("P2 adds the tag of the target, and takes off the one that a frame came with", () => {
    const rack = make();
    rack.route("10.1.0.0/16", { port: 2, nextHop: "10.0.0.2", vlan: 101 });
    rack.route("10.2.0.0/16", { port: 2, nextHop: "10.0.0.2" });
    rack.route("fd00:2::/64", { port: 2, nextHop: "fe80::2", vlan: 102 });
    rack.neighbor("10.0.0.2", peerMac(2));
    rack.neighbor("fe80::2", peerMac(2));
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ...datagram())).toEqual([
      frame(2, fromSwitch(2), vlan({ id: 101 }), to4("10.1.2.3", 63), ...datagram()),
    ]);
    expect(rack.send(1, toSwitch(1), vlan({ id: 7, priority: 3 }), to4("10.1.2.3"), ...datagram())).toEqual([
      frame(2, fromSwitch(2), vlan({ id: 101 }), to4("10.1.2.3", 63), ...datagram()),
    ]);
    expect(rack.send(1, toSwitch(1), vlan({ id: 7 }), to4("10.2.2.3"), ...datagram())).toEqual([
      frame(2, fromSwitch(2), to4("10.2.2.3", 63), ...datagram()),
    ]);
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5"), ...datagram())).toEqual([
      frame(2, fromSwitch(2), vlan({ id: 102 }), to6("fd00:2::5", 63), ...datagram()),
    ]);
  });

  test("P3, P4, P5 asks for an ICMP message where a route was deleted or never was, and follows a replaced one", () => {
    const rack = make();
    rack.neighbor("fe80::2", peerMac(2));
    rack.neighbor("fe80::3", peerMac(3));
    const unreachable4 = sidecar({ code: "icmp-needed", ingress: 1, data: sidecarData(3, 0) });
    const unreachable6 = sidecar({ code: "icmp-needed", ingress: 1, data: sidecarData(1, 0) });
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ...datagram())).toEqual([
      frame(0, toSwitch(1), unreachable4, to4("10.1.2.3"), ...datagram()),
    ]);
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5"), ...datagram())).toEqual([
      frame(0, toSwitch(1), unreachable6, to6("fd00:2::5"), ...datagram()),
    ]);
    const remove = rack.route("fd00:2::/64", { port: 2, nextHop: "fe80::2" });
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5"), ...datagram())).toEqual([
      frame(2, fromSwitch(2), to6("fd00:2::5", 63), ...datagram()),
    ]);
    remove();
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5"), ...datagram())).toEqual([
      frame(0, toSwitch(1), unreachable6, to6("fd00:2::5"), ...datagram()),
    ]);
    rack.route("fd00:2::/64", { port: 3, nextHop: "fe80::3" });
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5"), ...datagram())).toEqual([
      frame(3, fromSwitch(3), to6("fd00:2::5", 63), ...datagram()),
    ]);
  });

  test("P6 takes the longest prefix, among shorter ones and others that come near", () => {
    const rack = make();
    const prefixes: readonly (readonly [string, number])[] = [
      ["10.0.0.0/8", 11],
      ["10.1.0.0/16", 12],
      ["10.1.2.0/24", 13],
      ["10.1.2.3/32", 14],
      ["10.1.3.0/24", 15],
      ["0.0.0.0/0", 16],
      ["fd00::/16", 11],
      ["fd00:1::/32", 12],
      ["fd00:1:2::/48", 13],
      ["fd00:1:2:3::4/128", 14],
      ["fd00:1:3::/48", 15],
      ["::/0", 16],
    ];
    for (const [prefix, port] of prefixes) {
      rack.route(prefix, { port, nextHop: prefix.includes(":") ? `fe80::${port}` : `192.168.0.${port}` });
    }
    for (let port = 11; port <= 16; port++) {
      rack.neighbor(`fe80::${port}`, peerMac(port));
      rack.neighbor(`192.168.0.${port}`, peerMac(port));
    }
    const chosen: readonly (readonly [string, number])[] = [
      ["10.9.9.9", 11],
      ["10.1.9.9", 12],
      ["10.1.2.9", 13],
      ["10.1.2.3", 14],
      ["10.1.3.9", 15],
      ["11.1.2.3", 16],
      ["fd00:9::9", 11],
      ["fd00:1:9::9", 12],
      ["fd00:1:2:9::9", 13],
      ["fd00:1:2:3::4", 14],
      ["fd00:1:3::9", 15],
      ["fd01::9", 16],
    ];
    for (const [dst, port] of chosen) {
      const network = dst.includes(":") ? to6 : to4;
      expect(rack.send(1, toSwitch(1), network(dst), ...datagram())).toEqual([
        frame(port, fromSwitch(port), network(dst, 63), ...datagram()),
      ]);
    }
  });

  test("P7 chooses among 1 to 32 targets by six bits of a CRC-8 over addresses and ports", { timeout: 60_000 }, () => {
    const rack = make();
    const targets = Array.from({ length: 32 }, (_, at): Target => ({ port: 1 + at, nextHop: `fe80::${at}` }));
    for (const { port, nextHop } of targets) rack.neighbor(nextHop, peerMac(port));
    for (let count = 1; count <= 32; count++) {
      // Every other set of targets is behind a tag.
      const tagged = targets.slice(0, count).map((target) => (count % 2 === 0 ? { ...target, vlan: 200 } : target));
      const tag = count % 2 === 0 ? [vlan({ id: 200 })] : [];
      const remove = [rack.route("203.0.113.0/24", ...tagged), rack.route("fd00:2::/64", ...tagged)];
      for (let flow = 0; flow < 8; flow++) {
        const [src, dst] = [`fd00:1::${flow + 1}`, `fd00:2::${flow * 3 + 1}`];
        const slot6 = (crc8(dst, src, 4444, 3333 + flow) & 0x3f) % count;
        expect(rack.send(40, toSwitch(40), ipv6({ src, dst }), ...datagram(3333 + flow, 4444))).toEqual([
          frame(
            1 + slot6,
            fromSwitch(1 + slot6),
            ...tag,
            ipv6({ src, dst, hopLimit: 63 }),
            ...datagram(3333 + flow, 4444),
          ),
        ]);
        const dst4 = `203.0.113.${flow * 5 + 1}`;
        const slot4 = (crc8(dst4, "10.10.10.10", 4444, 3333 + flow) & 0x3f) % count;
        expect(rack.send(40, toSwitch(40), to4(dst4), ...segment(3333 + flow, 4444))).toEqual([
          frame(1 + slot4, fromSwitch(1 + slot4), ...tag, to4(dst4, 63), ...segment(3333 + flow, 4444)),
        ]);
      }
      for (const undo of remove) undo();
    }
  });

  test.each([
    [2, 1],
    [3, 2],
    [4, 3],
    [8, 3],
    [16, 3],
    [32, 3],
  ])("P7 of %i targets takes slot %i for the flow that is known from elsewhere", (count, slot) => {
    const rack = make();
    const targets = Array.from({ length: count }, (_, at): Target => ({ port: 1 + at, nextHop: `192.168.0.${at}` }));
    for (const { port, nextHop } of targets) rack.neighbor(nextHop, peerMac(port));
    rack.route("203.0.113.0/24", ...targets);
    expect(crc8("203.0.113.12", "10.10.10.10", 4444, 3333)).toBe(0xa3);
    const sent = rack.send(40, toSwitch(40), to4("203.0.113.12"), ...datagram(3333, 4444));
    expect(sent.map(({ port }) => port)).toEqual([1 + slot]);
  });

  test("P8 sends IPv4 to an IPv6 next hop", () => {
    const rack = make();
    rack.route("10.1.0.0/16", { port: 2, nextHop: "fe80::2" });
    rack.route("10.2.0.0/16", { port: 3, nextHop: "fe80::3", vlan: 9 });
    rack.neighbor("fe80::2", peerMac(2));
    rack.neighbor("fe80::3", peerMac(3));
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ...datagram())).toEqual([
      frame(2, fromSwitch(2), to4("10.1.2.3", 63), ...datagram()),
    ]);
    expect(rack.send(1, toSwitch(1), to4("10.2.2.3"), ...datagram())).toEqual([
      frame(3, fromSwitch(3), vlan({ id: 9 }), to4("10.2.2.3", 63), ...datagram()),
    ]);
  });

  test("P11 routes a ping for others like anything else", () => {
    const rack = make();
    const ping = icmp({ message: "echo-request", identifier: 1, sequence: 2 });
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ping)).toEqual([
      frame(
        0,
        toSwitch(1),
        sidecar({ code: "icmp-needed", ingress: 1, data: sidecarData(3, 0) }),
        to4("10.1.2.3"),
        ping,
      ),
    ]);
    rack.route("10.1.0.0/16", { port: 2, nextHop: "10.0.0.2" });
    rack.neighbor("10.0.0.2", peerMac(2));
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ping)).toEqual([
      frame(2, fromSwitch(2), to4("10.1.2.3", 63), ping),
    ]);
  });

  test("P14 hands over what it has no neighbour for: port and next hop in the header, MACs as they came, one hop less", () => {
    const rack = make();
    rack.route("10.1.0.0/16", { port: 2, nextHop: "10.0.0.2" });
    rack.route("10.2.0.0/16", { port: 3, nextHop: "fe80::3" });
    rack.route("fd00:2::/64", { port: 2, nextHop: "fe80::2", vlan: 5 });
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3"), ...datagram())).toEqual([
      frame(
        0,
        toSwitch(1),
        sidecar({ code: "arp-needed", ingress: 1, egress: 2, data: sidecarData(10, 0, 0, 2) }),
        to4("10.1.2.3", 63),
        ...datagram(),
      ),
    ]);
    for (const [network, dst, port] of [
      [to4, "10.2.2.3", 3],
      [to6, "fd00:2::5", 2],
    ] as const) {
      const data = parseAddress(`fe80::${port}`);
      expect(rack.send(1, toSwitch(1), network(dst), ...datagram())).toEqual([
        frame(
          0,
          toSwitch(1),
          sidecar({ code: "neighbor-needed", ingress: 1, egress: port, data }),
          network(dst, 63),
          ...datagram(),
        ),
      ]);
    }
  });

  test("P15 asks for a message about the last hop, and drops what should have ended before", () => {
    const rack = make();
    rack.route("10.1.0.0/16", { port: 2, nextHop: "10.0.0.2" });
    rack.route("fd00:2::/64", { port: 2, nextHop: "fe80::2" });
    rack.neighbor("10.0.0.2", peerMac(2));
    rack.neighbor("fe80::2", peerMac(2));
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3", 1), ...datagram())).toEqual([
      frame(
        0,
        toSwitch(1),
        sidecar({ code: "icmp-needed", ingress: 1, data: sidecarData(11, 0) }),
        to4("10.1.2.3", 1),
        ...datagram(),
      ),
    ]);
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5", 1), ...datagram())).toEqual([
      frame(
        0,
        toSwitch(1),
        sidecar({ code: "icmp-needed", ingress: 1, data: sidecarData(3, 0) }),
        to6("fd00:2::5", 1),
        ...datagram(),
      ),
    ]);
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3", 2), ...datagram())).toEqual([
      frame(2, fromSwitch(2), to4("10.1.2.3", 1), ...datagram()),
    ]);
    expect(rack.send(1, toSwitch(1), to4("10.1.2.3", 0), ...datagram())).toEqual([]);
    expect(rack.send(1, toSwitch(1), to6("fd00:2::5", 0), ...datagram())).toEqual([]);
    expect([rack.drops(0x0b), rack.drops(0x0d)]).toEqual([1, 1]);
  });

  test("keeps IPv4 options, and counts them into the checksum", () => {
    const rack = make();
    rack.route("10.1.0.0/16", { port: 2, nextHop: "10.0.0.2" });
    rack.neighbor("10.0.0.2", peerMac(2));
    const withOptions = (ttl: number): Layer =>
      ipv4({ src: "10.10.10.10", dst: "10.1.2.3", ttl, options: [{ option: "router-alert", value: 0 }] });
    expect(rack.send(1, toSwitch(1), withOptions(64), ...datagram())).toEqual([
      frame(2, fromSwitch(2), withOptions(63), ...datagram()),
    ]);
  });
});

/** CRC-8 (polynomial 0x07, initial value 0), bit by bit. */
function crc8(dst: string, src: string, dstPort: number, srcPort: number): number {
  const ports = [dstPort >> 8, dstPort & 0xff, srcPort >> 8, srcPort & 0xff];
  return [...parseAddress(dst), ...parseAddress(src), ...ports].reduce((crc, byte) => {
    let register = crc ^ byte;
    for (let bit = 0; bit < 8; bit++) register = ((register << 1) ^ (register >= 0x80 ? 0x107 : 0)) & 0xff;
    return register;
  }, 0);
}
