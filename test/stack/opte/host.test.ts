import { describe, expect, test } from "vitest";
import { icmp, parse, payload, tcp, udp, verifyChecksums } from "../../../src/packet/index.ts";
import type { SourceFilter } from "../../../src/stack/opte/engine/host/multicast.ts";
import { filterText } from "../../../src/stack/opte/engine/host/multicast.ts";
import { IpAddress, IpPrefix } from "../../../src/stack/opte/engine/parse/address.ts";
import { OpteError } from "../../../src/stack/opte/engine/port/opte-error.ts";
import { udpReply } from "../../../src/stack/opte/engine/vpc/agent-reply.ts";
import {
  configurationOf,
  defaultRules,
  fromPeer,
  g1,
  g2,
  guestFrame,
  segment,
  Sled,
  tunnelled,
  vni,
} from "./fixture.ts";
import { ethernet, ipv4 } from "../../../src/packet/index.ts";
import { parseFirewallRule } from "../../../src/stack/opte/engine/vpc/firewall-text.ts";
import { parseRouterTarget } from "../../../src/stack/opte/engine/layer/router-target.ts";

const datagram = udp({ srcPort: 5, dstPort: 6 });
const address = (text: string): IpAddress => IpAddress.parse(text);
const any: SourceFilter = { mode: "exclude", sources: [] };

/** A sled with both guests. */
function both(): Sled {
  const sled = Sled.standard(g1);
  const port = sled.opte.createPort(g2.name, { ...configurationOf(g2), underlayIp: g1.sled });
  port.addRouterEntry({
    destination: IpPrefix.parse("172.30.0.0/22"),
    target: parseRouterTarget("sub4=172.30.0.0/22"),
    class: "system",
  });
  port.setFirewallRules([...defaultRules, "dir=in action=allow priority=5 protocol=udp"].map(parseFirewallRule));
  port.port.start();
  return sled;
}

test("two ports of one sled talk without the underlay", () => {
  const sled = both();
  sled.out(guestFrame(g1, g1.ip, g2.ip, icmp({ message: "echo-request", identifier: 7, sequence: 1 })));
  expect(sled.sent.map(({ to }) => to)).toEqual(["g2"]);
  expect(sled.last().find("ethernet")).toMatchObject({ src: "a8:40:25:ff:77:77", dst: g2.mac });
  expect(sled.opte.stats).toMatchObject({ loopback: 1, loopback_drop: 0 });
  sled.opte.deletePort("g2");
  sled.v2p(g2.ip, g2.mac, g1.sled);
  sled.out(guestFrame(g1, g1.ip, g2.ip, icmp({ message: "echo-request", identifier: 7, sequence: 2 })));
  expect(sled.opte.stats).toMatchObject({ loopback: 2, loopback_drop: 1 });
});

test("what is no port's is left to the host's stack", () => {
  const sled = Sled.standard(g1);
  expect(sled.in(segment(g1, g1.ip, 1, g2.ip, 2))).toBe("not-ours");
  expect(sled.in(fromPeer(g2, g1, g2.ip, g1.ip, 1234, datagram))).toBe("not-ours");
  const inner = [ethernet({ src: g2.mac, dst: "a8:40:25:f0:00:99" }), ipv4({ src: g2.ip, dst: g1.ip }), datagram];
  expect(sled.in(tunnelled(g2.sled, g1.sled, vni, [], inner))).toBe("not-ours");
  expect(sled.sent).toEqual([]);
  expect(sled.opte.stats.in_not_ours).toBe(3);
});

test("names and MAC addresses of ports are their own", () => {
  const sled = Sled.standard(g1);
  const refusal = (create: () => unknown): unknown => {
    try {
      create();
    } catch (error) {
      return error instanceof OpteError ? `${error.code} ${error.errno}` : error;
    }
    return "accepted";
  };
  expect(refusal(() => sled.opte.createPort("g1", configurationOf(g2)))).toBe("PortExists EEXIST");
  expect(refusal(() => sled.opte.createPort("g3", configurationOf(g1)))).toBe("MacExists EEXIST");
  expect(refusal(() => sled.opte.createPort("g4", { ...configurationOf(g2), guestMac: "x", vni: -1 }))).toBe(
    "PortCreate EINVAL",
  );
  expect(refusal(() => sled.opte.port("g5"))).toBe("PortNotFound ENOENT");
  expect(
    refusal(() => {
      sled.route("224.0.0.0/4", "ig");
    }),
  ).toBe("InvalidRouterEntry EINVAL");
  expect(
    refusal(() => {
      sled.route("10.0.0.0/8", "ip6=fd00::1");
    }),
  ).toBe("InvalidRouterEntry EINVAL");
  expect(
    refusal(() => {
      sled.unroute("10.0.0.0/8", "ig");
    }),
  ).toBe("NotFound ENOENT");
});

test("a changed V2P mapping is used by the next packet of an open flow", () => {
  const sled = Sled.standard(g1);
  const syn = segment(g1, g1.ip, 44490, g2.ip, 80);
  sled.out(syn);
  sled.v2p(g2.ip, g2.mac, "fd00:0:f7:117::1");
  sled.out(syn);
  expect(sled.last().find("ipv6")?.dst).toBe("fd00:0:f7:117::1");
  expect(sled.port.port.stats.out).toMatchObject({ uft_miss: 2 });
  // The same mapping once more changes nothing.
  sled.v2p(g2.ip, g2.mac, "fd00:0:f7:117::1");
  sled.out(syn);
  expect(sled.port.port.stats.out).toMatchObject({ uft_miss: 2, uft_hit: 1 });
  sled.opte.v2p.delete(vni, address(g2.ip));
  expect(sled.out(syn)).toBe("drop");
});

test("peered VPCs reach each other, and their firewalls tell them apart", () => {
  const [one, two] = [Sled.standard(g1), Sled.standard(g2, { ...configurationOf(g2), vni: 2000 })];
  one.opte.v2p.delete(vni, address(g2.ip));
  one.v2p(g2.ip, g2.mac, g2.sled, 2000);
  const syn = segment(g1, g1.ip, 1, g2.ip, 2);
  expect(one.out(syn)).toBe("drop");
  for (const { opte } of [one, two]) opte.setPeering(vni, 2000, true);
  expect(one.out(syn)).toBe("modified");
  expect(one.last().find("geneve")?.vni).toBe(vni);
  two.firewall("dir=in action=allow priority=1 hosts=vni=2000");
  expect(two.in(one.lastBytes())).toBe("drop");
  two.firewall(`dir=in action=allow priority=1 hosts=vni=${vni}`);
  expect(two.in(one.lastBytes())).toBe("modified");
  one.opte.setPeering(vni, 2000, false);
  two.opte.setPeering(vni, 2000, false);
  expect(two.in(one.lastBytes())).toBe("not-ours");
  expect(one.out(syn)).toBe("drop");
});

describe("multicast", () => {
  const group = address("224.0.0.251");
  const underlay = address("ff04::e000:fb");
  const frame = guestFrame(g1, g1.ip, "224.0.0.251", datagram, payload("hi"));

  function subscribed(filter = any): Sled {
    const sled = both();
    sled.opte.setM2p(group, underlay);
    sled.opte.subscribe("g2", group, filter);
    sled.opte.subscribe("g1", group, any);
    return sled;
  }

  test("a packet goes to the other members of the sled and to each switch, with its replication", () => {
    const sled = subscribed();
    for (const [hop, replication] of [
      ["fd00:99::1", "external"],
      ["fd00:99::2", "underlay"],
    ] as const) {
      sled.opte.setForwarding(underlay, { address: address(hop), vni: 77, replication, filter: any });
    }
    expect(sled.out(frame)).toBe("modified");
    expect(sled.sent.map(({ to }) => to)).toEqual(["g2", "underlay", "underlay"]);
    expect(parse(sled.sent[0]?.bytes ?? new Uint8Array()).find("ethernet")?.dst).toBe("01:00:5e:00:00:fb");
    const options = sled.sent.slice(1).map(({ bytes }) => parse(bytes).find("geneve")?.options);
    expect(options).toEqual([
      [{ option: "multicast", replication: "external" }],
      [{ option: "multicast", replication: "underlay" }],
    ]);
    expect(sled.opte.stats).toMatchObject({ mcast_tx_local: 1, mcast_tx_external: 1, mcast_tx_underlay: 1 });
  });

  test("a packet from the underlay goes to members that want its source, and no further", () => {
    const sled = subscribed({ mode: "exclude", sources: [address(g1.ip)] });
    const sender = Sled.standard(g1);
    sender.opte.setM2p(group, underlay);
    sender.opte.setForwarding(underlay, {
      address: address("fd00:99::1"),
      vni: 77,
      replication: "both",
      filter: any,
    });
    sender.out(frame);
    sled.allow("dir=in action=allow priority=5 protocol=udp");
    sled.in(sender.lastBytes());
    expect(sled.sent.map(({ to }) => to)).toEqual(["g1"]);
    expect(sled.opte.stats).toMatchObject({ mcast_rx_local: 1, mcast_rx_source_filtered: 1 });
    sled.opte.unsubscribeAll(group);
    expect(sled.in(sender.lastBytes())).toBe("drop");
    expect(sled.opte.stats.mcast_rx_no_subscribers).toBe(1);
  });

  test("probes tell what is set for groups, and each way that a packet takes", () => {
    const sled = both();
    const seen: string[] = [];
    sled.opte.probe = ({ probe, port, detail }) => {
      if (probe.startsWith("mcast-")) seen.push([probe, port, detail].filter((part) => part !== undefined).join(" "));
    };
    const events = (): readonly string[] => seen.splice(0);
    sled.opte.setM2p(group, underlay);
    sled.opte.subscribe("g1", group, any);
    sled.opte.subscribe("g2", group, any);
    expect(events()).toEqual([
      "mcast-map-set 224.0.0.251 to ff04::e000:fb",
      "mcast-subscribe g1 ff04::e000:fb EXCLUDE() (any)",
      "mcast-subscribe g2 ff04::e000:fb EXCLUDE() (any)",
    ]);
    sled.out(frame);
    expect(events()).toEqual([
      "mcast-tx g1 ff04::e000:fb",
      "mcast-local-delivery g2 ff04::e000:fb",
      "mcast-no-fwd-entry g1 ff04::e000:fb",
    ]);
    sled.opte.subscribe("g2", group, { mode: "exclude", sources: [address(g1.ip)] });
    const hop = { vni: 77, replication: "both" } as const;
    const wanted = { mode: "include", sources: [address(g2.ip)] } as const;
    sled.opte.setForwarding(underlay, { ...hop, address: address("fd00:99::1"), filter: any });
    sled.opte.setForwarding(underlay, { ...hop, address: address("fd00:99::2"), filter: wanted });
    expect(events()).toEqual([
      "mcast-subscribe g2 ff04::e000:fb EXCLUDE(172.30.0.5)",
      "mcast-fwd-set ff04::e000:fb to fd00:99::1 both",
      "mcast-fwd-set ff04::e000:fb to fd00:99::2 both",
    ]);
    sled.out(frame);
    expect(events()).toEqual([
      "mcast-tx g1 ff04::e000:fb",
      "mcast-source-filtered g2 ff04::e000:fb",
      "mcast-underlay-fwd g1 ff04::e000:fb to fd00:99::1",
      "mcast-external-fwd g1 ff04::e000:fb to fd00:99::1",
      "mcast-fwd-source-filtered g1 ff04::e000:fb to fd00:99::2",
    ]);
    sled.in(sled.lastBytes());
    expect(events()).toEqual([
      "mcast-rx underlay ff04::e000:fb",
      "mcast-local-delivery g1 ff04::e000:fb",
      "mcast-source-filtered g2 ff04::e000:fb",
    ]);
    sled.opte.clearForwarding(underlay);
    sled.opte.unsubscribe("g1", group);
    sled.opte.unsubscribeAll(group);
    expect([sled.opte.clearM2p(group), sled.opte.clearM2p(group)]).toEqual([true, false]);
    expect(events()).toEqual([
      "mcast-fwd-clear ff04::e000:fb",
      "mcast-unsubscribe g1 ff04::e000:fb",
      "mcast-unsubscribe-all ff04::e000:fb",
      "mcast-map-clear 224.0.0.251",
    ]);
  });

  test("members whose port is gone are counted", () => {
    const sled = subscribed();
    sled.opte.multicast.subscribe(underlay, "gone", any);
    sled.out(frame);
    expect(sled.opte.stats).toMatchObject({ mcast_tx_local: 1, mcast_tx_stale_local: 1 });
    const sender = Sled.standard(g1);
    sender.opte.setM2p(group, underlay);
    sender.opte.setForwarding(underlay, {
      address: address("fd00:99::1"),
      vni: 77,
      replication: "both",
      filter: any,
    });
    sender.out(frame);
    sled.in(sender.lastBytes());
    expect(sled.opte.stats).toMatchObject({ mcast_rx_local: 2, mcast_rx_stale_local: 1 });
  });

  test("what cannot be is refused, what is not there may go", () => {
    const { opte } = both();
    const forward = (hop: string, network: number): void => {
      opte.setForwarding(underlay, { address: address(hop), vni: network, replication: "both", filter: any });
    };
    expect(() => {
      opte.subscribe("g1", group, any);
    }).toThrow("no underlay mapping for IPv4 multicast group");
    expect(() => {
      opte.subscribe("g1", address("10.0.0.1"), any);
    }).toThrow("IP address 10.0.0.1 is not a multicast address");
    expect(() => {
      opte.setM2p(group, address("ff02::1"));
    }).toThrow("ff04::/16");
    expect(() => {
      forward("fd00::1", 78);
    }).toThrow("multicast next hop VNI must be DEFAULT_MULTICAST_VNI (77), got: 78");
    expect(() => {
      forward("ff04::1", 77);
    }).toThrow("must be unicast (switch address), got multicast: ff04::1");
    const filter: SourceFilter = { mode: "include", sources: [address("224.0.0.1")] };
    expect(() => {
      opte.subscribe("g1", underlay, filter);
    }).toThrow("source filter address 224.0.0.1 is multicast");
    opte.subscribe("g1", underlay, any);
    opte.unsubscribe("g2", underlay);
    expect(filterText(any)).toBe("EXCLUDE() (any)");
    expect(filterText({ mode: "include", sources: [] })).toBe("INCLUDE() (none)");
  });
});

test("the agent answers for services; a flood fills its queue and nothing else", () => {
  const sled = Sled.standard(g1);
  sled.port.gatekeeper.setServices({ dns: [address("172.30.0.2")], metadata: [], framesPerSecond: 300 }, sled.now);
  const query = guestFrame(g1, g1.ip, "172.30.0.2", udp({ srcPort: 5353, dstPort: 53 }), payload("who?"));
  for (let i = 0; i < 400; i++) sled.out(query);
  expect(sled.port.port.stats.out).toMatchObject({ agent: 256, agent_drop: 144, drop: 144, uft_miss: 0 });
  expect(sled.sent).toEqual([]);
  expect(sled.out(segment(g1, g1.ip, 1, g2.ip, 2))).toBe("modified");
  const [first, ...more] = sled.opte.agentQueue.take();
  expect([first?.port, first?.service, more.length]).toEqual(["g1", "dns", 255]);
  const reply = parse(udpReply(first?.bytes ?? new Uint8Array(), Buffer.from("me")) ?? new Uint8Array());
  expect(verifyChecksums(reply)).toEqual([]);
  expect(reply.find("ethernet")).toMatchObject({ src: "a8:40:25:ff:77:77", dst: g1.mac });
  expect(reply.find("ipv4")).toMatchObject({ src: "172.30.0.2", dst: g1.ip });
  expect(reply.find("udp")).toMatchObject({ srcPort: 53, dstPort: 5353 });
  sled.opte.toGuest("g1", sled.frame);
  expect(sled.sent.at(-1)?.to).toBe("g1");
  // 44 of the second's frames were still to be had, and are used up.
  sled.now += 1000;
  for (let i = 0; i < 400; i++) sled.out(query);
  expect(sled.opte.agentQueue.length).toBe(256);
  // Another guest's address is no way to the agent.
  expect(sled.out(guestFrame(g1, "172.30.0.77", "172.30.0.2", datagram))).toBe("drop");
});

test("a bandwidth cap lets through what it says", () => {
  const sled = Sled.standard(g1);
  sled.port.gatekeeper.setBandwidth({ out: { bytesPerSecond: 10_000, burstBytes: 1000 } }, sled.now);
  const frame = guestFrame(
    g1,
    g1.ip,
    g2.ip,
    tcp({ srcPort: 1, dstPort: 2, flags: ["SYN"] }),
    payload(new Uint8Array(446)),
  );
  let passed = 0;
  for (let i = 0; i < 1000; i++) {
    if (sled.out(frame) === "modified") passed += 1;
    sled.now += 10;
  }
  // Ten seconds of 10 000 bytes and one burst, in frames of 500 bytes.
  expect(passed).toBe(201);
  expect(sled.port.port.stats.out.drop_bandwidth).toBe(799);
});

test("what DHCP is to tell is checked when the port is made", () => {
  const { opte } = Sled.standard(g1);
  const dhcp = { hostname: "a..b", dns4: ["fd00::1"], dns6: ["x"] };
  expect(() => opte.createPort("g3", { ...configurationOf(g2), dhcp })).toThrow(
    /domain name, found "a\.\.b"; dns4: expected IPv4 address, found fd00::1; dns6: expected IPv6 address, found x/,
  );
});

test("a probe names layer, rule and reason of a drop, and the way of every packet", () => {
  const sled = Sled.standard(g1);
  const seen: string[] = [];
  sled.opte.probe = ({ probe, port, layer, rule, detail }) => {
    seen.push([probe, port, layer, rule, detail].filter((part) => part !== undefined).join(" "));
  };
  sled.firewall("dir=out action=deny priority=7 protocol=tcp");
  sled.out(segment(g1, g1.ip, 1, g2.ip, 2));
  expect(seen).toContain("rule-deny g1 firewall 0 rule");
  const flow = `TCP:${g1.ip}:1:${g2.ip}:2`;
  expect(seen[0]).toBe(`port-process-entry g1 out ${flow}`);
  expect(seen.at(-1)).toBe(`port-process-return g1 out ${flow} -> ${flow} epoch 4 drop path 3`);
  sled.opte.probe = undefined;
  sled.out(segment(g1, g1.ip, 1, g2.ip, 2));
  expect(seen.at(-1)).toContain("epoch 4 drop");
});

test("a port with a smaller MTU tells its neighbour on the sled", () => {
  const sled = Sled.standard(g1);
  const port = sled.opte.createPort(g2.name, { ...configurationOf(g2), underlayIp: g1.sled, mtu: 1000 });
  port.port.start();
  sled.allow("dir=in action=allow priority=1 protocol=icmp");
  sled.out(guestFrame(g1, g1.ip, g2.ip, udp({ srcPort: 5, dstPort: 6 }), payload(new Uint8Array(1200))));
  expect(sled.sent.map(({ to }) => to)).toEqual(["g1"]);
  expect(sled.last().find("icmp")).toMatchObject({ message: "destination-unreachable", code: 4, nextHopMtu: 1000 });
});

test("a super-segment is one for the guest that gets it too", () => {
  const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
  const segments = tcp({ srcPort: 1, dstPort: 2, flags: ["ACK"] });
  one.out(guestFrame(g1, g1.ip, g2.ip, segments, payload(new Uint8Array(5000))), 1200);
  expect(two.in(one.lastBytes())).toBe("modified");
  expect(two.sent.at(-1)?.mss).toBe(1200);
});
