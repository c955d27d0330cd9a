import { describe, expect, test } from "vitest";
import {
  build,
  ddm,
  destinationOptions,
  ethernet,
  geneve,
  type GeneveOption,
  hopByHop,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  packet,
  payload,
  sidecar,
  udp,
  vlan,
  zeroMac,
} from "../../../src/packet/index.ts";
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
import { frame, type RackSwitch } from "./rack-switch.ts";

const guestMac = "a8:40:25:f0:00:01";
const guest = { sled: "fd00:1122:3344:101::1", vni: 7777, mac: guestMac };
const tunnelEnd = "fd00:99::1";
const external: GeneveOption = { option: "external" };
const segmentSize: GeneveOption = { option: "maximum-segment-size", size: 1400 };
const multicast: GeneveOption = { option: "multicast", replication: "both" };

const applications: readonly (readonly [name: string, v4: readonly Layer[], v6: readonly Layer[]])[] = [
  ["UDP", datagram(9, 1000), datagram(9, 1000)],
  ["TCP", segment(9, 1000), segment(9, 1000)],
  [
    "ICMP",
    [icmp({ message: "echo-request", identifier: 1000, sequence: 1 }), payload("hello")],
    [icmpv6({ message: "echo-request", identifier: 1000, sequence: 1 }), payload("hello")],
  ],
];
const families = applications.flatMap(([name, v4, v6]) => [
  [`${name} over IPv4`, ipv4({ src: "8.8.8.8", dst: "203.0.113.7" }), v4] as const,
  [`${name} over IPv6`, ipv6({ src: "2001:db8::8", dst: "2001:db8:1::7" }), v6] as const,
]);

/** What is around a packet for the guest when it leaves by port 2: one hop has been taken. */
const aroundGuest: readonly Layer[] = [
  fromSwitch(2),
  ipv6({ src: "::", dst: guest.sled, hopLimit: 254 }),
  udp({ srcPort: 6081, dstPort: 6081, checksum: 0 }),
  geneve({ vni: 7777, options: [external] }),
];

/** What is around a packet that a guest sends to the outside. */
function fromGuest(options: readonly GeneveOption[], vni = 99): readonly Layer[] {
  return [
    toSwitch(2),
    ipv6({ src: guest.sled, dst: tunnelEnd }),
    udp({ srcPort: 51_000, dstPort: 6081, checksum: 0 }),
    geneve({ vni, options }),
    ethernet({ dst: zeroMac, src: guestMac }),
  ];
}

describe.each(executions)("the rack's switch (%s)", (execution) => {
  /** Port 1 is an uplink, the guest is behind port 2, port 3 leads to another sled. */
  const make = (): RackSwitch => {
    const rack = rackSwitch(execution);
    rack.uplink(1);
    rack.loopback(tunnelEnd);
    rack.route("fd00:1122:3344:101::/64", { port: 2, nextHop: "fe80::2" });
    rack.neighbor("fe80::2", peerMac(2));
    rack.neighbor("fe80::1", peerMac(1));
    rack.neighbor("fe80::3", peerMac(3));
    return rack;
  };
  const defaultRoutes = (rack: RackSwitch, port: number): void => {
    rack.route("0.0.0.0/0", { port, nextHop: `fe80::${port}` });
    rack.route("::/0", { port, nextHop: `fe80::${port}` });
  };

  test.each(families)("P16 wraps what comes for a guest's ports in Geneve: %s", (_, network, application) => {
    const rack = make();
    rack.nat("203.0.113.7", [1000, 1999], guest);
    rack.nat("2001:db8:1::7", [1000, 1999], guest);
    const inner = [ethernet({ dst: guestMac, src: zeroMac }), network, ...application];
    expect(rack.send(1, toSwitch(1), network, ...application)).toEqual([frame(2, ...aroundGuest, ...inner)]);
    // The tag of the customer's wire stays outside.
    expect(rack.send(1, toSwitch(1), vlan({ id: 4 }), network, ...application)).toEqual([
      frame(2, ...aroundGuest, ...inner),
    ]);
  });

  test("P16 is byte for byte what the specification says", () => {
    const rack = make();
    rack.nat("203.0.113.7", [1000, 1999], guest);
    const customer = build(packet(toSwitch(1), ipv4({ src: "8.8.8.8", dst: "203.0.113.7" }), ...datagram(9, 1000)));
    const total = 20 + 8 + 5;
    const [sent] = rack.sendBytes(1, customer);
    expect(sent?.bytes).toBe(
      [
        "a84025010002 a84025000002 86dd",
        `60000000 ${hex16(total + 34)} 11 fe`,
        "00000000000000000000000000000000 fd001122334401010000000000000001",
        `17c1 17c1 ${hex16(total + 34)} 0000`,
        "01 00 6558 001e61 00  0129 00 00",
        "a84025f00001 000000000000 0800",
        customer.subarray(14).toString("hex"),
      ]
        .join("")
        .replaceAll(" ", ""),
    );
  });

  test("P16 knows the bounds of a range, and leaves to nobody what no guest has", () => {
    const rack = make();
    rack.nat("203.0.113.7", [1000, 1999], guest);
    rack.nat("203.0.113.7", [3000, 3000], { ...guest, vni: 8888 });
    const network = ipv4({ src: "8.8.8.8", dst: "203.0.113.7" });
    const ports = (port: number): readonly number[] =>
      rack.send(1, toSwitch(1), network, ...datagram(9, port)).map((sent) => sent.port);
    expect([999, 1000, 1999, 2000, 2999, 3000, 3001].map(ports)).toEqual([[], [2], [2], [], [], [2], []]);
    expect(rack.drops(0x11)).toBe(4);
    // Neither an error message nor a later fragment has a port.
    const error = icmp({ message: "destination-unreachable", code: 1 });
    expect(rack.send(1, toSwitch(1), network, error, payload("hello"))).toEqual([]);
    expect(rack.send(1, toSwitch(1), { ...network, fragmentOffset: 185 }, ...datagram(9, 1000))).toEqual([]);
    expect(rack.drops(0x11)).toBe(6);
  });

  test.each(families)("P17 unwraps what a guest sends to the outside: %s", (_, network, application) => {
    const rack = make();
    defaultRoutes(rack, 1);
    const hop = network.layer === "ipv4" ? { ...network, ttl: 63 } : { ...network, hopLimit: 63 };
    expect(rack.send(2, ...fromGuest([]), network, ...application)).toEqual([
      frame(1, fromSwitch(1), hop, ...application),
    ]);
    expect(rack.send(2, ...fromGuest([segmentSize]), network, ...application)).toEqual([
      frame(1, fromSwitch(1), hop, ...application),
    ]);
  });

  test.each(families)("P17 lets nothing of it leave to the rack: %s", (_, network, application) => {
    const rack = make();
    defaultRoutes(rack, 3);
    expect(rack.send(2, ...fromGuest([]), network, ...application)).toEqual([]);
    expect(rack.drops(0x12)).toBe(1);
  });

  test("P17 takes TCP, UDP and ICMP only, and a network that is not the switch's own", () => {
    const rack = make();
    defaultRoutes(rack, 1);
    const network = ipv4({ src: "10.0.0.1", dst: "8.8.8.8", protocol: 47 });
    expect(rack.send(2, ...fromGuest([]), network, payload("hello"))).toEqual([]);
    expect(rack.drops(0x04)).toBe(1);
    const [eth, ...rest] = [...fromGuest([], 0), ipv4({ src: "10.0.0.1", dst: "8.8.8.8" }), ...datagram()];
    if (eth === undefined) throw new Error("a packet has layers");
    expect(rack.send(2, eth, ...rest)).toEqual([
      frame(0, eth, sidecar({ code: "to-userspace", ingress: 2, egress: 2 }), ...rest),
    ]);
  });

  test("P17 hands over what it unwrapped and has no neighbour for", () => {
    const rack = make();
    rack.route("0.0.0.0/0", { port: 1, nextHop: "192.168.1.9" });
    const network = ipv4({ src: "10.0.0.1", dst: "8.8.8.8" });
    expect(rack.send(2, ...fromGuest([]), network, ...datagram())).toEqual([
      frame(
        0,
        toSwitch(2),
        sidecar({ code: "arp-needed", ingress: 2, egress: 1, data: sidecarData(192, 168, 1, 9) }),
        { ...network, ttl: 63 },
        ...datagram(),
      ),
    ]);
  });

  test.each(families)("P18 brings attached subnets their packets, and takes theirs: %s", (_, network, application) => {
    const rack = make();
    defaultRoutes(rack, 1);
    rack.attachedSubnet("203.0.113.0/28", guest);
    rack.attachedSubnet("2001:db8:1::/64", guest);
    expect(rack.send(1, toSwitch(1), network, ...application)).toEqual([
      frame(2, ...aroundGuest, ethernet({ dst: guestMac, src: zeroMac }), network, ...application),
    ]);
    const back =
      network.layer === "ipv4"
        ? { ...network, src: network.dst, dst: network.src }
        : { ...network, src: network.dst, dst: network.src };
    const hop = back.layer === "ipv4" ? { ...back, ttl: 63 } : { ...back, hopLimit: 63 };
    expect(rack.send(2, ...fromGuest([]), back, ...application)).toEqual([
      frame(1, fromSwitch(1), hop, ...application),
    ]);
  });

  test("P18 is for the whole subnet, and before NAT", () => {
    const rack = make();
    rack.attachedSubnet("203.0.113.0/28", guest);
    rack.nat("203.0.113.7", [0, 65_535], { ...guest, vni: 1 });
    const vnis = ["203.0.113.0", "203.0.113.7", "203.0.113.15"].map((dst) =>
      rack
        .send(1, toSwitch(1), ipv4({ src: "8.8.8.8", dst, protocol: 47 }), payload("hello"))
        .map(({ fields }) => /vni +(\d+)/.exec(fields)?.[1]),
    );
    expect(vnis).toEqual([["7777"], ["7777"], ["7777"]]);
    expect(rack.send(1, toSwitch(1), ipv4({ src: "8.8.8.8", dst: "203.0.113.16" }), ...datagram())).toEqual([]);
  });

  const inner = [ethernet({ dst: guestMac, src: zeroMac }), ipv4({ src: "10.0.0.1", dst: "10.0.0.2" }), ...datagram()];
  const transit = (hopLimit: number, ...options: readonly GeneveOption[]): readonly Layer[] => [
    ipv6({ src: "fd00:1122:3344:102::1", dst: guest.sled, hopLimit }),
    udp({ srcPort: 51_000, dstPort: 6081, checksum: 0 }),
    geneve({ vni: 7777, options }),
    ...inner,
  ];

  test.each([
    ["none", []],
    ["one", [external]],
    ["two", [external, segmentSize]],
    ["three", [external, multicast, segmentSize]],
  ] as const)("P19, S3 passes Geneve of others on as it is, with %s of its options", (_, options) => {
    const rack = make();
    expect(rack.send(3, toSwitch(3), ...transit(64, ...options))).toEqual([
      frame(2, fromSwitch(2), ...transit(63, ...options)),
    ]);
  });

  test("P19 puts options into the order of their types", () => {
    const rack = make();
    expect(rack.send(3, toSwitch(3), ...transit(64, segmentSize, multicast, external))).toEqual([
      frame(2, fromSwitch(2), ...transit(63, external, multicast, segmentSize)),
    ]);
  });

  test("P19 drops options that it does not know, that are malformed, or that go beyond the header", () => {
    const rack = make();
    const unknown: readonly GeneveOption[] = [
      { option: "unknown", class: 0x0129, type: 3, data: new Uint8Array(0) },
      { option: "unknown", class: 0x0101, type: 0, data: new Uint8Array(4) },
    ];
    for (const option of unknown) expect(rack.send(3, toSwitch(3), ...transit(64, option))).toEqual([]);
    const malformed: readonly GeneveOption[] = [
      { option: "unknown", class: 0x0129, type: 0, data: new Uint8Array(4) },
      { option: "unknown", class: 0x0129, type: 1, data: new Uint8Array(0) },
    ];
    for (const option of malformed) expect(rack.send(3, toSwitch(3), ...transit(64, option))).toEqual([]);
    expect(rack.send(3, toSwitch(3), ...transit(64, external, external))).toEqual([]);
    // The option says two words more than the header has.
    const bytes = build(packet(toSwitch(3), ...transit(64, external)));
    bytes.writeUInt8(2, 14 + 40 + 8 + 8 + 3);
    expect(rack.sendBytes(3, bytes)).toEqual([]);
    expect([0x18, 0x19, 0x1a].map((reason) => rack.drops(reason))).toEqual([1, 3, 2]);
  });

  test("S1 sends what is inside Geneve to the boundary address out of an uplink", () => {
    const rack = make();
    defaultRoutes(rack, 1);
    const network = ipv4({ src: "10.0.0.1", dst: "8.8.8.8" });
    expect(rack.send(2, ...fromGuest([external]), network, ...datagram())).toEqual([
      frame(1, fromSwitch(1), { ...network, ttl: 63 }, ...datagram()),
    ]);
  });

  test("S2 has the lengths, ports, network and option of Geneve right", () => {
    const rack = make();
    rack.nat("203.0.113.7", [1000, 1999], guest);
    const [sent] = rack.send(1, toSwitch(1), ipv4({ src: "8.8.8.8", dst: "203.0.113.7" }), ...datagram(9, 1000));
    const bytes = Buffer.from(sent?.bytes ?? "", "hex");
    const length = 20 + 8 + 5;
    expect({
      payloadLength: bytes.readUInt16BE(14 + 4),
      udp: [54, 56, 58, 60].map((at) => bytes.readUInt16BE(at)),
      vni: bytes.readUIntBE(66, 3),
      option: bytes.subarray(70, 74).toString("hex"),
      size: bytes.length,
    }).toEqual({
      payloadLength: 14 + length + 8 + 8 + 4,
      udp: [6081, 6081, 14 + length + 8 + 8 + 4, 0],
      vni: 7777,
      option: "01290000",
      size: 14 + 40 + 8 + 8 + 4 + 14 + length,
    });
  });

  describe("of delay-driven multipath", () => {
    const stamps = ddm({
      elements: [
        { id: 1, timestamp: 0x123456 },
        { id: 2, timestamp: 0xfffffe },
      ],
    });
    const full = ddm({ elements: Array.from({ length: 15 }, (_, id) => ({ id, timestamp: id * 1000 })) });

    test.each([
      ["no", ddm({})],
      ["two", stamps],
      ["fifteen", full],
    ] as const)("passes the header on unharmed, with %s elements", (_, extension) => {
      const rack = make();
      const to = (hopLimit: number): Layer => ipv6({ src: "fd00:1122:3344:102::1", dst: guest.sled, hopLimit });
      expect(rack.send(3, toSwitch(3), to(64), extension, ...datagram())).toEqual([
        frame(2, fromSwitch(2), to(63), extension, ...datagram()),
      ]);
      const acknowledgment = ddm({ ...extension, acknowledgment: true, nextHeader: 59 });
      expect(rack.send(3, toSwitch(3), to(64), acknowledgment)).toEqual([
        frame(2, fromSwitch(2), to(63), acknowledgment),
      ]);
    });

    test("finds behind it what it looks for: ports, an echo, Geneve", () => {
      const rack = make();
      rack.nat("2001:db8:1::7", [1000, 1999], guest);
      rack.portAddress(2, "fe80::aa");
      defaultRoutes(rack, 1);
      const network = ipv6({ src: "2001:db8::8", dst: "2001:db8:1::7" });
      expect(rack.send(1, toSwitch(1), network, stamps, ...datagram(9, 1000))).toEqual([
        frame(2, ...aroundGuest, ethernet({ dst: guestMac, src: zeroMac }), network, stamps, ...datagram(9, 1000)),
      ]);
      const echo = { identifier: 1, sequence: 2 } as const;
      expect(
        rack.send(
          2,
          toSwitch(2),
          ipv6({ src: "fe80::bb", dst: "fe80::aa" }),
          stamps,
          icmpv6({ message: "echo-request", ...echo }),
        ),
      ).toEqual([
        frame(
          2,
          fromSwitch(2),
          ipv6({ src: "fe80::aa", dst: "fe80::bb", hopLimit: 255 }),
          stamps,
          icmpv6({ message: "echo-reply", ...echo }),
        ),
      ]);
      const [eth, outer, ...rest] = [...fromGuest([]), ipv4({ src: "10.0.0.1", dst: "8.8.8.8" }), ...datagram()];
      if (eth === undefined || outer === undefined) throw new Error("a packet has layers");
      const inside = (hopLimit: number): Layer => ipv6({ src: "2001:db8:2::1", dst: "2001:db8::8", hopLimit });
      expect(rack.send(2, ...fromGuest([]), inside(64), destinationOptions(), stamps, ...datagram())).toEqual([
        frame(1, fromSwitch(1), inside(63), destinationOptions(), stamps, ...datagram()),
      ]);
      expect(rack.send(2, eth, outer, stamps, ...rest)).toEqual([
        frame(1, fromSwitch(1), ipv4({ src: "10.0.0.1", dst: "8.8.8.8", ttl: 63 }), ...datagram()),
      ]);
    });

    test("is found behind other extension headers, which stay as they are too", () => {
      const rack = make();
      rack.nat("2001:db8:1::7", [1000, 1999], guest);
      const network = ipv6({ src: "2001:db8::8", dst: "2001:db8:1::7" });
      const extensions = [hopByHop({ options: [{ option: "router-alert", value: 0 }] }), destinationOptions()];
      for (const before of [extensions.slice(0, 1), extensions.slice(1), extensions]) {
        expect(rack.send(1, toSwitch(1), network, ...before, stamps, ...datagram(9, 1000))).toEqual([
          frame(
            2,
            ...aroundGuest,
            ethernet({ dst: guestMac, src: zeroMac }),
            network,
            ...before,
            stamps,
            ...datagram(9, 1000),
          ),
        ]);
      }
      // Options larger than the switch looks through are passed on all the same.
      const large = hopByHop({ options: [{ option: "pad-n", data: new Uint8Array(100) }] });
      const to = (hopLimit: number): Layer => ipv6({ src: "fd00:1122:3344:102::1", dst: guest.sled, hopLimit });
      expect(rack.send(3, toSwitch(3), to(64), large, stamps, ...datagram())).toEqual([
        frame(2, fromSwitch(2), to(63), large, stamps, ...datagram()),
      ]);
    });

    test("drops a header whose length cannot be", () => {
      const rack = make();
      const bytes = build(packet(toSwitch(3), ipv6({ src: "fd00::1", dst: guest.sled }), stamps, ...datagram()));
      for (const length of [0, 2, 12, 64, 255]) {
        bytes.writeUInt8(length, 14 + 40 + 1);
        expect(rack.sendBytes(3, bytes), `length ${length}`).toEqual([]);
      }
      expect(rack.drops(0x1c)).toBe(5);
    });
  });
});

function hex16(value: number): string {
  return value.toString(16).padStart(4, "0");
}
