import { expect, test } from "vitest";
import {
  build,
  dhcpv6,
  ethernet,
  icmp,
  icmpv6,
  internetChecksum,
  ipv4,
  ipv6,
  packet,
  parse,
  payload,
  tcp,
  udp,
} from "../../../src/packet/index.ts";
import { parseDhcpv6 } from "../../../src/stack/opte/engine/vpc/dhcpv6-request.ts";
import { configurationOf, fromBoundary, g1, gatewayMac, guestFrame, segment, Sled } from "./fixture.ts";

/*
 * What went wrong in the reference once (specification, section 6.2), by the number of its issue. What the conformance
 * scenarios show already is not here: #231, #257 and #396 are I17, #348 is I30, #380 is F02, #805 is P02, #985 the eviction
 * in table.test.ts, omicron#2857 is I25.
 */

const web = "1.1.1.1";

function online(external: Parameters<Sled["port"]["setExternalIps"]>[0] = {}): Sled {
  const sled = Sled.standard(g1);
  sled.route("0.0.0.0/0", "ig");
  if (external.ipv4 !== undefined) sled.port.setExternalIps(external);
  return sled;
}

test("#369, #736: an ICMP error tells the guest about its own packet, not about the external address", () => {
  const sled = online({ ipv4: { ephemeral: "10.60.1.20" } });
  sled.out(guestFrame(g1, g1.ip, web, udp({ srcPort: 5, dstPort: 33_434 })));
  const quoted = build(packet(ipv4({ src: "10.60.1.20", dst: web, ttl: 1 }), udp({ srcPort: 5, dstPort: 33_434 })));
  const error = icmp({ message: "time-exceeded", code: 0 });
  expect(sled.in(fromBoundary(g1, "9.9.9.9", "10.60.1.20", error, payload(quoted)))).toBe("modified");
  const inner = Uint8Array.from(sled.last().find("payload")?.data ?? []);
  expect(parse(inner, "ipv4").find("ipv4")).toMatchObject({ src: g1.ip, dst: web });
  expect(internetChecksum(inner.subarray(0, 20))).toBe(0);
  // And the other way: what the guest says about a packet it got.
  const about = build(packet(ipv4({ src: web, dst: g1.ip }), udp({ srcPort: 7, dstPort: 8 })));
  const unreachable = icmp({ message: "destination-unreachable", code: 3 });
  expect(sled.out(guestFrame(g1, g1.ip, web, unreachable, payload(about)))).toBe("modified");
  const sent = Uint8Array.from(sled.last().find("payload")?.data ?? []);
  expect(parse(sent, "ipv4").find("ipv4")).toMatchObject({ src: web, dst: "10.60.1.20" });
  sled.out(guestFrame(g1, g1.ip, web, unreachable, payload(about)));
  expect(sled.port.port.path).toBe(2);
});

test("#727, #734: ICMP that is no echo finds no SNAT and is dropped, not an error", () => {
  const sled = online();
  const message = icmp({ message: "destination-unreachable", code: 3 });
  expect(sled.out(guestFrame(g1, g1.ip, web, message, payload(new Uint8Array(28))))).toBe("drop");
  expect(sled.opte.walk).toMatchObject({ dropLayer: "nat", dropReason: "action" });
  expect(sled.port.port.stats.out).toMatchObject({ drop_layer: 1, process_err: 0 });
});

test("#318: an exhausted pool fails new flows, keeps the old ones, and is counted", () => {
  const sled = Sled.standard(g1, {
    ...configurationOf(g1),
    ipv4: { ...configurationOf(g1).ipv4, snat: { address: "10.77.77.13", first: 10, last: 11 } },
  });
  sled.route("0.0.0.0/0", "ig");
  const query = (port: number): string => sled.out(guestFrame(g1, g1.ip, web, udp({ srcPort: port, dstPort: 53 })));
  expect([query(1), query(2), query(3), query(1)]).toEqual(["modified", "modified", "error", "modified"]);
  expect(sled.port.port.stats).toMatchObject({ snat_exhausted: 1, out: { process_err: 1 } });
  sled.opte.expire(sled.now + 60_000);
  expect(query(3)).toBe("modified");
});

test("#444: a closed connection's ports may be used again at once", () => {
  const sled = Sled.standard(g1);
  const peer = "172.30.0.6";
  sled.out(segment(g1, g1.ip, 44490, peer, 80));
  sled.out(segment(g1, g1.ip, 44490, peer, 80, ["FIN", "ACK"]));
  sled.out(segment(g1, g1.ip, 44490, peer, 80, ["RST"]));
  expect(sled.port.port.store.tcp.size + sled.port.port.store.uftOut.size).toBe(0);
  expect(sled.out(segment(g1, g1.ip, 44490, peer, 80))).toBe("modified");
  expect(sled.out(segment(g1, g1.ip, 44490, peer, 80, ["ACK"]))).toBe("modified");
  expect(sled.port.port.store.tcp.size).toBe(1);
});

test("a SYN on an established connection begins it anew: a hit and a miss", () => {
  const sled = Sled.standard(g1);
  const ack = segment(g1, g1.ip, 44490, "172.30.0.6", 80, ["ACK"]);
  sled.out(ack);
  sled.out(ack);
  sled.out(segment(g1, g1.ip, 44490, "172.30.0.6", 80));
  expect(sled.port.port.stats.out).toMatchObject({ uft_hit: 2, uft_miss: 2, modified: 3 });
  const [flow] = sled.port.port.store.tcp.values();
  expect(flow?.state).toBe(2);
});

test("#466: when the TCP entry expired, the transform that is left takes the connection up again", () => {
  const sled = Sled.standard(g1);
  sled.out(segment(g1, g1.ip, 44490, "172.30.0.6", 80));
  sled.now += 6000;
  sled.opte.expire(sled.now);
  expect([sled.port.port.store.tcp.size, sled.port.port.store.uftOut.size]).toEqual([0, 1]);
  expect(sled.out(segment(g1, g1.ip, 44490, "172.30.0.6", 80))).toBe("modified");
  expect(sled.port.port.stats.out).toMatchObject({ uft_hit: 1, uft_miss: 1 });
  expect(sled.port.port.store.tcp.size).toBe(1);
});

test("#359: a port without any external address drops what is for outside", () => {
  const { ipv4: family, ...rest } = configurationOf(g1);
  const { snat: _, ...bare } = family;
  const sled = Sled.standard(g1, { ...rest, ipv4: bare });
  sled.route("0.0.0.0/0", "ig");
  expect(sled.out(segment(g1, g1.ip, 1, web, 2))).toBe("drop");
  expect(sled.opte.walk).toMatchObject({ dropLayer: "nat", dropReason: "rule" });
});

test("#905: a router solicitation that is not sent to a group's MAC address is not answered", () => {
  const sled = Sled.standard(g1);
  const solicitation = icmpv6({ message: "router-solicitation", options: [] });
  const frame = packet(
    ethernet({ src: g1.mac, dst: gatewayMac }),
    ipv6({ src: g1.linkLocal, dst: "ff02::2", hopLimit: 255 }),
    solicitation,
  );
  expect(sled.out(frame)).toBe("drop");
});

test("#1036: DHCPv6 options nested deeper than eight are refused", () => {
  const nested = (depth: number): Uint8Array => {
    let option = new Uint8Array();
    for (let i = 0; i < depth; i++) {
      const outer = new Uint8Array(4 + 4 + option.length);
      outer.set([0, 4, (4 + option.length) >> 8, (4 + option.length) & 0xff]);
      outer.set(option, 8);
      option = outer;
    }
    return Uint8Array.from([1, 0, 0, 1, ...option]);
  };
  expect(parseDhcpv6(nested(7))).toBeDefined();
  expect(parseDhcpv6(nested(8))).toBeUndefined();
  const bytes = build(
    packet(dhcpv6({ message: "solicit", transactionId: 1, options: [{ option: "option-request", types: [23] }] })),
  );
  expect(parseDhcpv6(bytes)?.requested).toEqual([23]);
  expect(parseDhcpv6(Uint8Array.from([1, 0, 0, 1, 0, 6, 0, 1, 0]))).toBeUndefined();
});

test("external addresses changed softly: a flow keeps its address as long as the guest does", () => {
  const sled = online({ ipv4: { floating: ["10.60.1.2"] } });
  const ack = segment(g1, g1.ip, 44490, web, 80, ["ACK"]);
  const source = (): string | undefined => {
    sled.out(ack);
    return sled.last().find("ipv4")?.src;
  };
  expect(source()).toBe("10.60.1.2");
  const invalidated: (string | undefined)[] = [];
  sled.opte.probe = ({ probe, layer }) => {
    if (probe === "ft-entry-invalidated") invalidated.push(layer);
  };
  sled.port.setExternalIps({ ipv4: { floating: ["10.60.1.9"], ephemeral: "10.60.1.2" } });
  expect(source()).toBe("10.60.1.2");
  expect(invalidated).toEqual([]);
  sled.port.setExternalIps({ ipv4: { floating: ["10.60.1.9"] } });
  expect(source()).toBe("10.60.1.9");
  expect(invalidated).toEqual(["nat"]);
  expect(() => {
    sled.port.setExternalIps({ ipv4: { floating: ["fd00::1"] } });
  }).toThrow("expected IPv4 address");
  expect(source()).toBe("10.60.1.9");
});

test("a firewall flow admits answers, also without a rule for them", () => {
  const sled = Sled.standard(g1);
  sled.firewall();
  const answer = [udp({ srcPort: 6, dstPort: 5 })] as const;
  const inner = (): string => sled.in(fromBoundary(g1, web, g1.snat.address, ...answer));
  sled.route("0.0.0.0/0", "ig");
  expect(inner()).toBe("drop");
  sled.out(guestFrame(g1, g1.ip, web, udp({ srcPort: 5, dstPort: 6 })));
  expect(sled.last().all("udp")[1]?.srcPort).toBe(4096);
  expect(sled.in(fromBoundary(g1, web, g1.snat.address, udp({ srcPort: 6, dstPort: 4096 })))).toBe("modified");
  expect(sled.in(fromBoundary(g1, web, g1.snat.address, tcp({ srcPort: 6, dstPort: 4096, flags: ["SYN"] })))).toBe(
    "drop",
  );
});
