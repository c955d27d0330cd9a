import { describe, expect, test } from "vitest";
import {
  arp,
  build,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  lldp,
  lldpMac,
  multicastMacOfIpv6,
  packet,
  payload,
  sidecar,
  vlan,
  zeroMac,
} from "../../../src/packet/index.ts";
import { datagram, executions, fromSwitch, peerMac, portMac, rackSwitch, toSwitch } from "./rack-fixture.ts";
import { frame, frameOf, type RackSwitch } from "./rack-switch.ts";

const peer4 = "192.168.1.9";
const port4 = "192.168.1.1";
const port6 = "fe80::aa40:25ff:fe00:1";
const peer6 = "fe80::aa40:25ff:fe01:1";

describe.each(executions)("the rack's switch (%s)", (execution) => {
  /** Port 1 has addresses, port 2 others. */
  const make = (uplink: boolean): RackSwitch => {
    const rack = rackSwitch(execution);
    rack.portAddress(1, port4);
    rack.portAddress(1, port6);
    rack.portAddress(2, "192.168.2.1");
    rack.portAddress(2, "fd00:2::1");
    if (uplink) rack.uplink(1);
    return rack;
  };
  const toUserspace = sidecar({ code: "to-userspace", ingress: 1, egress: 1 });

  test("P9 drops ff01::/16, hands over ff02::/16 with whatever hop limit", () => {
    const rack = make(false);
    const to = (dst: string, hopLimit: number): readonly Layer[] => [
      ethernet({ dst: multicastMacOfIpv6(dst), src: peerMac(1) }),
      ipv6({ src: peer6, dst, hopLimit }),
      ...datagram(3549, 3549),
    ];
    expect(rack.send(1, ...to("ff01::1", 64))).toEqual([]);
    expect(rack.drops(0x09)).toBe(1);
    for (const hopLimit of [1, 64]) {
      const [eth, ...rest] = to("ff02::dd", hopLimit);
      expect(rack.send(1, ...to("ff02::dd", hopLimit))).toEqual([
        frame(0, ...(eth === undefined ? [] : [eth]), toUserspace, ...rest),
      ]);
    }
    expect(rack.send(1, ...to("ff02::dd", 0))).toEqual([]);
  });

  test("P9 sends what the processor gives it out of the port that it says, as it is", () => {
    const rack = make(false);
    const rest = [ipv6({ src: port6, dst: "ff02::dd", hopLimit: 1 }), ...datagram(3549, 3549)];
    const eth = ethernet({ dst: multicastMacOfIpv6("ff02::dd"), src: portMac(3) });
    for (const tag of [[], [vlan({ id: 5 })]]) {
      const header = sidecar({ code: "from-userspace", egress: 3 });
      expect(rack.send(0, eth, header, ...tag, ...rest)).toEqual([frame(3, eth, ...tag, ...rest)]);
    }
  });

  test("takes a sidecar header from its processor only, and with a port that can be", () => {
    const rack = make(false);
    for (const egress of [0, 511, 512, 0xffff]) {
      const wrong = sidecar({ code: "from-userspace", egress });
      expect(rack.send(0, toSwitch(1), wrong, ipv4({ src: peer4, dst: port4 }), ...datagram())).toEqual([]);
    }
    expect(rack.drops(0x1c)).toBe(4);
    const header = sidecar({ code: "from-userspace", egress: 3 });
    expect(rack.send(1, toSwitch(1), header, ipv4({ src: peer4, dst: port4 }), ...datagram())).toEqual([]);
    expect(rack.drops(0x1c)).toBe(5);
  });

  describe.each([
    ["", false],
    [" on an uplink", true],
  ] as const)("with a port of its own%s", (_, uplink) => {
    test.each([
      ["", []],
      [" behind a tag", [vlan({ id: 7, priority: 3, dropEligible: true })]],
    ] as const)("P10 answers a ping by the port it came by%s", (_tagged, tag) => {
      const rack = make(uplink);
      const echo = { identifier: 0x1234, sequence: 7 } as const;
      const data = payload("ping pong");
      const request4 = [ipv4({ src: peer4, dst: port4, ttl: 3 }), icmp({ message: "echo-request", ...echo }), data];
      expect(rack.send(1, toSwitch(1), ...tag, ...request4)).toEqual([
        frame(
          1,
          fromSwitch(1),
          ...tag,
          ipv4({ src: port4, dst: peer4, ttl: 255 }),
          icmp({ message: "echo-reply", ...echo }),
          data,
        ),
      ]);
      const request6 = [
        ipv6({ src: peer6, dst: port6, hopLimit: 3 }),
        icmpv6({ message: "echo-request", ...echo }),
        data,
      ];
      expect(rack.send(1, toSwitch(1), ...tag, ...request6)).toEqual([
        frame(
          1,
          fromSwitch(1),
          ...tag,
          ipv6({ src: port6, dst: peer6, hopLimit: 255 }),
          icmpv6({ message: "echo-reply", ...echo }),
          data,
        ),
      ]);
    });

    test("P12 hands over what is for the port's address, ARP and LLDP", () => {
      const rack = make(uplink);
      const request = arp({ operation: "request", senderMac: peerMac(1), senderIp: peer4, targetIp: port4 });
      const reply = arp({
        operation: "reply",
        senderMac: peerMac(1),
        senderIp: peer4,
        targetMac: portMac(1),
        targetIp: port4,
      });
      const neighbor = lldp({
        tlvs: [
          { tlv: "chassis-id", subtype: "chassis-component", id: "customer" },
          { tlv: "port-id", subtype: "interface-name", id: "eth0" },
          { tlv: "time-to-live", seconds: 120 },
        ],
      });
      const echoReply = icmp({ message: "echo-reply", identifier: 1, sequence: 1 });
      const solicitation = icmpv6({ message: "neighbor-solicitation", target: port6, options: [] });
      const cases: readonly (readonly Layer[])[] = [
        [toSwitch(1), ipv4({ src: peer4, dst: port4 }), ...datagram()],
        [toSwitch(1), ipv4({ src: peer4, dst: port4, ttl: 1 }), ...datagram()],
        [toSwitch(1), ipv4({ src: peer4, dst: port4 }), echoReply],
        [toSwitch(1), ipv6({ src: peer6, dst: port6, hopLimit: 1 }), ...datagram()],
        [toSwitch(1), ipv6({ src: peer6, dst: port6, hopLimit: 255 }), solicitation],
        [ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: peerMac(1) }), request],
        [toSwitch(1), reply],
        [ethernet({ dst: lldpMac, src: peerMac(1) }), neighbor],
        [ethernet({ dst: lldpMac, src: peerMac(1) }), vlan({ id: 7 }), neighbor],
        [toSwitch(1), vlan({ id: 7 }), ipv4({ src: peer4, dst: port4 }), ...datagram()],
      ];
      for (const [eth, ...rest] of cases) {
        if (eth === undefined) throw new Error("a case has layers");
        expect(rack.send(1, eth, ...rest)).toEqual([frame(0, eth, toUserspace, ...rest)]);
      }
    });

    test("P13 drops what is for the address of another port", () => {
      const rack = make(uplink);
      const request = arp({ operation: "request", senderMac: peerMac(1), senderIp: peer4, targetIp: "192.168.2.1" });
      expect(rack.send(1, toSwitch(1), ipv4({ src: peer4, dst: "192.168.2.1" }), ...datagram())).toEqual([]);
      expect(rack.send(1, toSwitch(1), request)).toEqual([]);
      expect(rack.send(1, toSwitch(1), ipv6({ src: peer6, dst: "fd00:2::1" }), ...datagram())).toEqual([]);
      expect([rack.drops(0x01), rack.drops(0x02)]).toEqual([2, 1]);
    });
  });

  test("P13 drops what comes by an uplink and is for nobody that it knows", () => {
    const rack = make(true);
    rack.route("0.0.0.0/0", { port: 3, nextHop: "10.0.0.3" });
    rack.neighbor("10.0.0.3", peerMac(3));
    expect(rack.send(1, toSwitch(1), ipv4({ src: peer4, dst: "10.9.9.9" }), ...datagram())).toEqual([]);
    expect(rack.send(1, toSwitch(1), ipv6({ src: peer6, dst: "fd00:9::1" }), ...datagram())).toEqual([]);
    expect(rack.drops(0x11)).toBe(2);
  });

  test("P20 counts what it drops by the reason", () => {
    const rack = make(false);
    rack.route("10.1.0.0/16", { port: 3, nextHop: "10.0.0.3" });
    rack.route("fd00:1::/64", { port: 3, nextHop: "fe80::3" });
    rack.neighbor("10.0.0.3", zeroMac);
    rack.neighbor("fe80::3", zeroMac);
    const cases: readonly (readonly [reason: number, what: string, layers: readonly Layer[]])[] = [
      [0x01, "an IPv4 address of another port", [ipv4({ src: peer4, dst: "192.168.2.1" }), ...datagram()]],
      [0x02, "an IPv6 address of another port", [ipv6({ src: peer6, dst: "fd00:2::1" }), ...datagram()]],
      [
        0x03,
        "a ping with a code",
        [ipv4({ src: peer4, dst: port4 }), icmp({ message: "echo-request", code: 1, identifier: 1, sequence: 1 })],
      ],
      [
        0x03,
        "an IPv6 ping with a code",
        [ipv6({ src: peer6, dst: port6 }), icmpv6({ message: "echo-request", code: 1, identifier: 1, sequence: 1 })],
      ],
      [0x05, "an IPv4 neighbour that is a black hole", [ipv4({ src: peer4, dst: "10.1.0.1" }), ...datagram()]],
      [0x07, "an IPv6 neighbour that is a black hole", [ipv6({ src: peer6, dst: "fd00:1::1" }), ...datagram()]],
      [0x09, "multicast within one interface", [ipv6({ src: peer6, dst: "ff01::1" }), ...datagram()]],
      [0x0a, "a wrong checksum", [ipv4({ src: peer4, dst: "10.1.0.1", checksum: 0x1234 }), ...datagram()]],
      [
        0x0a,
        "a wrong checksum behind options",
        [
          ipv4({ src: peer4, dst: "10.1.0.1", checksum: 0x1234, options: [{ option: "router-alert", value: 0 }] }),
          ...datagram(),
        ],
      ],
      [0x0b, "an IPv4 packet without hops left", [ipv4({ src: peer4, dst: "10.1.0.1", ttl: 0 }), ...datagram()]],
      [0x0d, "an IPv6 packet without hops left", [ipv6({ src: peer6, dst: "fd00:1::1", hopLimit: 0 }), ...datagram()]],
      [0x13, "IPv4 multicast", [ipv4({ src: peer4, dst: "224.1.1.1" }), ...datagram()]],
      [0x13, "IPv6 multicast beyond the link", [ipv6({ src: peer6, dst: "ff05::1" }), ...datagram()]],
    ];
    for (const [reason, what, layers] of cases) {
      const before = Array.from({ length: 32 }, (_, code) => rack.drops(code));
      expect(rack.send(1, toSwitch(1), ...layers), what).toEqual([]);
      const after = Array.from({ length: 32 }, (_, code) => rack.drops(code));
      expect(after, what).toEqual(before.map((count, code) => count + (code === reason ? 1 : 0)));
    }
  });

  test("drops frames that are cut off anywhere, and those of protocols that it does not know", () => {
    const rack = make(false);
    rack.route("10.1.0.0/16", { port: 3, nextHop: "10.0.0.3" });
    rack.neighbor("10.0.0.3", peerMac(3));
    const whole = build(packet(toSwitch(1), vlan({ id: 7 }), ipv4({ src: peer4, dst: "10.1.0.1" }), ...datagram()));
    const headers = whole.length - "hello".length;
    for (let length = 0; length < headers; length++) {
      expect(rack.sendBytes(1, whole.subarray(0, length)), `${length} bytes`).toEqual([]);
    }
    expect(rack.drops(0x1c)).toBe(headers);
    expect(rack.sendBytes(1, whole).map(({ port }) => port)).toEqual([3]);
    expect(rack.send(1, ethernet({ dst: portMac(1), src: peerMac(1), etherType: 0x1234 }), payload("?"))).toEqual([]);
    expect(rack.drops(0x1c)).toBe(headers + 1);
  });

  test("hands over ARP for others, and gives every byte of it", () => {
    const rack = make(false);
    const request = arp({ operation: "request", senderMac: peerMac(1), senderIp: peer4, targetIp: "192.168.1.77" });
    const padded = Buffer.concat([build(packet(toSwitch(1), toUserspace, request)), Buffer.from("trailer")]);
    const given = Buffer.concat([build(packet(toSwitch(1), request)), Buffer.from("trailer")]);
    expect(rack.sendBytes(1, given)).toEqual([frameOf(0, padded)]);
  });
});
