import { describe, expect, test } from "vitest";
import {
  build,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  packet,
  payload,
  sidecar,
  udp,
} from "../../../src/packet/index.ts";
import { type Done, EngineFixture, nextHopData, options, peerMac, portMac } from "./engine-fixture.ts";

const hop = "fe80::aa40:25ff:fe01:2";
const received = ethernet({ dst: portMac(1), src: peerMac(1) });
const mac = peerMac(2);

function datagram(content: string): readonly Layer[] {
  return [
    ipv6({ src: "fd00:1::1", dst: "fd00:2::1", hopLimit: 63 }),
    udp({ srcPort: 1, dstPort: 2 }),
    payload(content),
  ];
}

function need(fixture: EngineFixture, content: string, address = hop, egress = 2): readonly Done[] {
  const code = address.includes(":") ? "neighbor-needed" : "arp-needed";
  const data = nextHopData(address);
  return fixture.punt(code, { ingress: 1, egress, data }, [received, ...datagram(content)]);
}

function resent(content: string): Done {
  return {
    toSwitch: [
      ethernet({ dst: mac, src: portMac(2) }),
      sidecar({ code: "from-userspace", egress: 2 }),
      ...datagram(content),
    ],
  };
}

function unreachable(content: string): Done {
  return {
    toSwitch: [
      ethernet({ dst: portMac(1), src: peerMac(1) }),
      ipv6({ src: options.icmpSource.ipv6, dst: "fd00:1::1" }),
      icmpv6({ message: "destination-unreachable", code: 3 }),
      payload(build(packet(...datagram(content)))),
    ],
  };
}

describe("a frame whose next hop has no MAC address yet", () => {
  test("waits while the kernel asks once, and is sent out of its port with both MAC addresses and no other change", () => {
    const fixture = new EngineFixture();
    expect(need(fixture, "one")).toEqual([{ resolve: hop, port: 2 }]);
    expect(need(fixture, "two")).toEqual([]);
    expect(fixture.found(2, hop, mac)).toEqual([resent("one"), resent("two")]);
    expect(fixture.counted).toEqual({
      fromSwitch: 2,
      toSwitch: 2,
      neighbourQueued: 2,
      neighbourResent: 2,
      resolutionsStarted: 1,
      resolutionsSucceeded: 1,
    });
    expect(fixture.engine.deadline).toBeDefined();
    fixture.advance(5000);
    expect(fixture.engine.deadline).toBeUndefined();
  });

  test("waits for ARP in the same way, whatever it carries", () => {
    const fixture = new EngineFixture();
    expect(need(fixture, "one", "192.0.2.2")).toEqual([{ resolve: "192.0.2.2", port: 2 }]);
    expect(fixture.found(2, "192.0.2.2", mac)).toEqual([resent("one")]);
  });

  test("is sent at once where the kernel knows what the switch does not yet", () => {
    const fixture = new EngineFixture();
    fixture.found(2, hop, mac);
    expect(need(fixture, "one")).toEqual([resent("one")]);
    fixture.lost(2, hop);
    expect(need(fixture, "two")).toEqual([{ resolve: hop, port: 2 }]);
  });

  test("is not sent for an answer from another port or of another address", () => {
    const fixture = new EngineFixture();
    need(fixture, "one");
    expect(fixture.found(1, hop, mac)).toEqual([]);
    expect(fixture.found(2, "fe80::1", mac)).toEqual([]);
    expect(fixture.found(2, hop, mac)).toHaveLength(1);
  });

  test("gives way to later ones beyond the bound", () => {
    const fixture = new EngineFixture();
    for (const content of ["one", "two", "three", "four", "five"]) need(fixture, content);
    expect(fixture.found(2, hop, mac)).toEqual(["three", "four", "five"].map(resent));
    expect(fixture.engine.counters.neighbourOverflow).toBe(2);
  });

  test("is dropped when too many next hops or bytes wait", () => {
    const fixture = new EngineFixture();
    need(fixture, "a", "fe80::a");
    need(fixture, "b", "fe80::b");
    expect(need(fixture, "c", "fe80::c")).toEqual([]);
    expect(fixture.engine.counters.neighbourTableFull).toBe(1);
    need(fixture, "x".repeat(8000), "fe80::a");
    need(fixture, "x".repeat(8000), "fe80::a");
    need(fixture, "x".repeat(8000), "fe80::b");
    expect(fixture.engine.counters.neighbourTableFull).toBe(2);
    fixture.found(2, "fe80::a", mac);
    expect(need(fixture, "c", "fe80::c")).toEqual([{ resolve: "fe80::c", port: 2 }]);
  });

  test("is answered when the next hop does not answer, which is remembered for a while", () => {
    const fixture = new EngineFixture();
    need(fixture, "one");
    need(fixture, "two");
    expect(fixture.lost(2, hop)).toEqual([unreachable("one"), unreachable("two")]);
    expect(need(fixture, "three")).toEqual([unreachable("three")]);
    fixture.now += 999;
    expect(need(fixture, "four")).toEqual([unreachable("four")]);
    fixture.now += 1;
    expect(need(fixture, "five")).toEqual([{ resolve: hop, port: 2 }]);
    expect(fixture.found(2, hop, mac)).toEqual([resent("five")]);
    expect(fixture.engine.counters).toMatchObject({
      neighbourUnreachable: 4,
      resolutionsStarted: 2,
      resolutionsFailed: 1,
      resolutionsSucceeded: 1,
    });
  });

  test("is answered when the kernel says nothing at all", () => {
    const fixture = new EngineFixture();
    need(fixture, "one");
    expect(fixture.engine.deadline).toBe(5000);
    expect(fixture.advance(4999)).toEqual([]);
    expect(fixture.advance(1)).toEqual([unreachable("one")]);
    expect(fixture.engine.deadline).toBe(6000);
    expect(fixture.advance(1000)).toEqual([]);
    expect(fixture.engine.deadline).toBeUndefined();
  });

  test("is sent when a next hop answers after all", () => {
    const fixture = new EngineFixture();
    need(fixture, "one");
    fixture.lost(2, hop);
    expect(fixture.found(2, hop, mac)).toEqual([]);
    expect(need(fixture, "two")).toEqual([resent("two")]);
  });

  test("of IPv4 is told that the host is unreachable", () => {
    const fixture = new EngineFixture();
    const about = [ipv4({ src: "192.0.2.1", dst: "198.51.100.1" }), payload("x")];
    fixture.punt("arp-needed", { ingress: 1, egress: 2, data: nextHopData("192.0.2.2") }, [received, ...about]);
    expect(fixture.lost(2, "192.0.2.2")).toEqual([
      {
        toSwitch: [
          ethernet({ dst: portMac(1), src: peerMac(1) }),
          ipv4({ src: options.icmpSource.ipv4, dst: "192.0.2.1", dscp: 48 }),
          icmp({ message: "destination-unreachable", code: 1 }),
          payload(build(packet(...about))),
        ],
      },
    ]);
  });

  test("is answered at once while its port has no carrier, or loses it, or goes", () => {
    const fixture = new EngineFixture();
    need(fixture, "one");
    expect(
      fixture.after(() => {
        fixture.port(2, false);
      }),
    ).toEqual([unreachable("one")]);
    expect(need(fixture, "two")).toEqual([unreachable("two")]);
    fixture.port(2, true);
    expect(need(fixture, "three")).toEqual([{ resolve: hop, port: 2 }]);
    expect(
      fixture.after(() => {
        fixture.engine.removePort(2, fixture.now);
      }),
    ).toEqual([unreachable("three")]);
    expect(need(fixture, "four")).toEqual([]);
    expect(fixture.engine.counters.unknownPort).toBe(1);
  });

  test("is dropped when its next hop can be nobody", () => {
    const fixture = new EngineFixture();
    for (const address of ["::", "ff02::1", "0.0.0.0", "224.0.0.1"]) expect(need(fixture, "x", address)).toEqual([]);
    expect(fixture.counted).toEqual({ fromSwitch: 4, neighbourInvalid: 4 });
  });
});
