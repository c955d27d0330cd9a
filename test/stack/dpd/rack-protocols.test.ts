import { describe, expect, test } from "vitest";
import {
  arp,
  ddm,
  destinationOptions,
  ethernet,
  fragment,
  geneve,
  hopByHop,
  ipv4,
  ipv6,
  type Layer,
  payload,
  udp,
  vlan,
  zeroMac,
} from "../../../src/packet/index.ts";
import type { KeyPart } from "../../../src/p4/switch/state/key.ts";
import { datagram, executions, fromSwitch, peerMac, portMac, rackSwitch, toSwitch } from "./rack-fixture.ts";
import { frame, type RackSwitch } from "./rack-switch.ts";

const guest = { sled: "fd00:1122:3344:101::1", vni: 7777, mac: "a8:40:25:f0:00:01" };
const sctp = 132;
const outside = "2001:db8::8";
const floating = "2001:db8:1::7";

describe.each(executions)("the rack's switch (%s)", (execution) => {
  /** Port 1 is an uplink, and a guest answers to UDP port 1000 of an address; its sled is behind port 2. */
  const make = (): RackSwitch => {
    const rack = rackSwitch(execution);
    rack.uplink(1);
    rack.nat(floating, [1000, 1000], guest);
    rack.route("fd00:1122:3344:101::/64", { port: 2, nextHop: "fe80::2" });
    rack.route("fd00:1122:3344:102::/64", ...[3, 4].map((port) => ({ port, nextHop: `fe80::${port}` })));
    for (const port of [2, 3, 4]) rack.neighbor(`fe80::${port}`, peerMac(port));
    return rack;
  };
  const to: Layer = ipv6({ src: outside, dst: floating });
  const whole = fragment({ identification: 7 });
  const first = fragment({ identification: 7, moreFragments: true });
  const later = fragment({ identification: 7, fragmentOffset: 185 });

  test.each([
    ["a packet in one fragment", [whole]],
    ["a first fragment", [first]],
    ["a first fragment behind hop-by-hop options", [hopByHop(), first]],
    ["a first fragment behind two extension headers", [hopByHop(), destinationOptions(), first]],
    ["a first fragment in front of a DDM header", [first, ddm({ acknowledgment: false, elements: [] })]],
  ] as const)("finds the ports in %s, and passes all of it on", (_, before) => {
    const rack = make();
    expect(rack.send(1, toSwitch(1), to, ...before, ...datagram(9, 1000))).toEqual([
      frame(
        2,
        fromSwitch(2),
        ipv6({ src: "::", dst: guest.sled, hopLimit: 254 }),
        udp({ srcPort: 6081, dstPort: 6081, checksum: 0 }),
        geneve({ vni: 7777, options: [{ option: "external" }] }),
        ethernet({ dst: guest.mac, src: zeroMac }),
        to,
        ...before,
        ...datagram(9, 1000),
      ),
    ]);
  });

  test("takes no ports from a later fragment", () => {
    const rack = make();
    // What lies where ports would be is payload.
    const content = payload("\x00\x09\x03\xe8 and what follows");
    expect(rack.send(1, toSwitch(1), to, { ...later, nextHeader: 17 }, content)).toEqual([]);
    expect(rack.drops(0x11)).toBe(1);
    // On the underlay it is routed by its addresses.
    const inside = ipv6({ src: "fd00:1122:3344:101::1", dst: "fd00:1122:3344:102::1", hopLimit: 9 });
    const ports = new Set<number>();
    for (const tail of ["aaaa", "bbbb", "cccc", "dddd", "eeee"]) {
      const [sent] = rack.send(2, toSwitch(2), inside, { ...later, nextHeader: 17 }, payload(tail));
      if (sent === undefined) throw new Error("a fragment was not passed on");
      ports.add(sent.port);
    }
    expect(ports.size).toBe(1);
  });

  test("drops SCTP wherever it is found, and says so", () => {
    const rack = make();
    const content = payload("\x03\xe8\x03\xe8\x00\x00\x00\x00\x00\x00\x00\x00");
    const cases: readonly (readonly Layer[])[] = [
      [ipv4({ src: "8.8.8.8", dst: "203.0.113.7", protocol: sctp }), content],
      [{ ...ipv4({ src: "8.8.8.8", dst: "203.0.113.7", protocol: sctp }), fragmentOffset: 185 }, content],
      [ipv6({ src: outside, dst: floating, nextHeader: sctp }), content],
      [to, hopByHop({ nextHeader: sctp }), content],
      [to, { ...first, nextHeader: sctp }, content],
      [to, { ...later, nextHeader: sctp }, content],
    ];
    for (const [at, layers] of cases.entries()) {
      expect(rack.send(1, toSwitch(1), ...layers)).toEqual([]);
      expect(rack.drops(0x1b)).toBe(at + 1);
    }
    // A guest's SCTP is refused as what it is: nothing that the switch translates.
    rack.loopback("fd00:99::1");
    const around = [
      toSwitch(2),
      ipv6({ src: guest.sled, dst: "fd00:99::1" }),
      udp({ srcPort: 6081, dstPort: 6081, checksum: 0 }),
      geneve({ vni: 7777, options: [{ option: "external" }] }),
      ethernet({ dst: zeroMac, src: guest.mac }),
    ];
    expect(rack.send(2, ...around, ipv6({ src: floating, dst: outside, nextHeader: sctp }), content)).toEqual([]);
    expect([rack.drops(0x04), rack.drops(0x1b)]).toEqual([1, cases.length]);
  });

  describe("proxy ARP", () => {
    const guestMac = "a8:40:25:f0:00:07";
    const proxying = (): RackSwitch => {
      const rack = make();
      const range: KeyPart = { kind: "range", start: 0xcb007105n, end: 0xcb007109n };
      rack.control
        .table("ingress.pxarp.proxy_arp")
        .add([range], "ingress.pxarp.proxy_arp_reply", [0xa84025f00007n], 1, 0);
      return rack;
    };
    const asking = (targetIp: string, senderIp = "203.0.113.1") =>
      arp({ operation: "request", senderMac: peerMac(1), senderIp, targetIp });
    const everyone = ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: peerMac(1) });

    test.each([
      ["", []],
      [" behind a tag", [vlan({ id: 7 })]],
    ] as const)("answers for the addresses of a range, on the port asked%s", (_, tag) => {
      const rack = proxying();
      for (const address of ["203.0.113.5", "203.0.113.9"]) {
        expect(rack.send(1, everyone, ...tag, asking(address))).toEqual([
          frame(
            1,
            fromSwitch(1),
            ...tag,
            arp({
              operation: "reply",
              senderMac: guestMac,
              senderIp: address,
              targetMac: peerMac(1),
              targetIp: "203.0.113.1",
            }),
          ),
        ]);
      }
    });

    test("leaves other addresses, replies and announcements to the processor, or drops them as before", () => {
      const rack = proxying();
      rack.uplink(5);
      const reply = arp({
        operation: "reply",
        senderMac: peerMac(1),
        senderIp: "203.0.113.1",
        targetMac: portMac(1),
        targetIp: "203.0.113.5",
      });
      const others = [asking("203.0.113.4"), asking("203.0.113.10"), reply, asking("203.0.113.5", "203.0.113.5")];
      // By a port that is no uplink they go to the processor.
      for (const layer of others) {
        expect(rack.send(2, everyone, layer).map(({ port }) => port)).toEqual([0]);
        expect(rack.send(1, everyone, layer)).toEqual([]);
      }
      expect(rack.drops(0x11)).toBe(others.length);
    });
  });
});
