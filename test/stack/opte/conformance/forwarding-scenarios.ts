import assert from "node:assert/strict";
import { type geneve, icmp, ipv4, payload, tcp, type TcpFlag, udp } from "../../../../src/packet/index.ts";
import { ethernet } from "../../../../src/packet/index.ts";
import { IpAddress, IpPrefix } from "../../../../src/stack/opte/engine/parse/address.ts";
import {
  boundary,
  fromBoundary,
  fromPeer,
  g1,
  g2,
  gatewayMac,
  guestFrame,
  segment,
  Sled,
  tunnelled,
  vni,
} from "../fixture.ts";
import {
  droppedBy,
  fast,
  includes,
  layerDrop,
  moves,
  newFirewallFlow,
  newNatFlow,
  type Scenario,
  slow,
} from "./scenario.ts";

const syn = segment(g1, g1.ip, 44490, g2.ip, 80);

/** Guest to guest, firewall, attached subnets, multicast. */
export const forwardingScenarios: readonly Scenario[] = [
  {
    id: "I08",
    name: "guest_to_guest_no_route",
    shows: "without a route the router drops, and the firewall's flow stays behind",
    run() {
      const sled = Sled.standard(g1);
      sled.unroute("172.30.0.0/22", "sub4=172.30.0.0/22");
      moves(sled, { ...layerDrop.out, ...newFirewallFlow }, () => {
        assert.equal(sled.out(syn), "drop");
      });
      droppedBy(sled, "router", "default");
    },
  },
  {
    id: "I09",
    name: "guest_to_guest",
    shows: "the frame on the underlay, field by field, and at the other guest",
    run() {
      const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
      two.firewall("dir=in action=allow priority=10 protocol=TCP");
      moves(one, { ...slow.out, ...newFirewallFlow }, () => one.out(syn));
      const frame = one.last();
      includes(frame.find("ethernet"), { src: "00:00:00:00:00:00", dst: "00:00:00:00:00:00" });
      includes(frame.find("ipv6"), { src: g1.sled, dst: g2.sled, hopLimit: 128 });
      includes(frame.find("udp"), { srcPort: 9655, dstPort: 6081, checksum: 0 });
      includes(frame.find("geneve"), { vni, options: [{ option: "maximum-segment-size", size: 0 }] });
      includes(frame.all("ethernet")[1], { src: g1.mac, dst: g2.mac });
      includes(frame.find("ipv4"), { src: g1.ip, dst: g2.ip, ttl: 64 });
      moves(two, { ...slow.in, ...newFirewallFlow }, () => two.in(one.lastBytes()));
      includes(two.last().find("ethernet"), { src: gatewayMac, dst: g2.mac });
      // IP and TCP pass bit by bit.
      assert.deepEqual(two.lastBytes().slice(14), one.lastBytes().slice(78 + 14));
    },
  },
  {
    id: "I28",
    name: "uft_lft_invalidation_out",
    shows: "a firewall set anew cuts an established flow at its next packet",
    run() {
      const sled = Sled.standard(g1);
      sled.route("0.0.0.0/0", "ig");
      const to = "52.10.128.69";
      moves(sled, { ...slow.out, ...newFirewallFlow, ...newNatFlow }, () =>
        sled.out(segment(g1, g1.ip, 44490, to, 80)),
      );
      const answer = fromBoundary(g1, to, g1.snat.address, tcp({ srcPort: 80, dstPort: 4096, flags: ["SYN", "ACK"] }));
      moves(sled, slow.in, () => sled.in(answer));
      moves(sled, fast.out, () => sled.out(segment(g1, g1.ip, 44490, to, 80, ["ACK"])));
      // The firewall's decision carried both transforms: they go with it.
      moves(
        sled,
        {
          epoch: 1,
          "firewall.flows.in": -1,
          "firewall.flows.out": -1,
          "firewall.rules.in": -3,
          "firewall.rules.out": 1,
          "uft.in": -1,
          "uft.out": -1,
        },
        () => {
          sled.firewall("dir=out action=deny priority=65535 protocol=any");
        },
      );
      moves(sled, layerDrop.out, () => sled.out(segment(g1, g1.ip, 44490, to, 80, ["ACK"], {}, payload("GET"))));
      droppedBy(sled, "firewall", "rule");
    },
  },
  {
    id: "I38",
    name: "port_as_router_target",
    shows:
      "a route to an instance: its MAC address and sled, inner addresses unchanged; transit addresses at the target",
    run() {
      const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
      one.route("192.168.0.0/16", `ip4=${g2.ip}`, "custom");
      two.firewall("dir=in action=allow priority=10");
      const prefix = IpPrefix.parse("192.168.0.0/16");
      for (const direction of ["in", "out"] as const) {
        moves(two, { epoch: 1, [`gateway.rules.${direction}`]: 1 }, () => {
          two.port.allowCidr(prefix, direction);
        });
      }
      const echo = icmp({ message: "echo-request", identifier: 7, sequence: 1 });
      one.out(guestFrame(g1, g1.ip, "192.168.0.1", echo));
      includes(one.last().find("ipv6"), { dst: g2.sled });
      includes(one.last().all("ethernet")[1], { dst: g2.mac });
      includes(one.last().find("ipv4"), { src: g1.ip, dst: "192.168.0.1" });
      moves(two, { ...slow.in, ...newFirewallFlow }, () => two.in(one.lastBytes()));
      const reply = icmp({ message: "echo-reply", identifier: 7, sequence: 1 });
      moves(two, slow.out, () => two.out(guestFrame(g2, "192.168.0.1", g1.ip, reply)));
      moves(one, slow.in, () => one.in(two.lastBytes()));
      for (const direction of ["in", "out"] as const) {
        moves(two, { epoch: 1, [`gateway.rules.${direction}`]: -1 }, () => {
          two.port.removeCidr(prefix, direction);
        });
      }
    },
  },
  {
    id: "I39",
    name: "internal_attached_subnets",
    shows: "an attached subnet is received for and sent from; transit of the same prefix moves only the epoch",
    run() {
      const sled = Sled.standard(g2);
      const prefix = IpPrefix.parse("10.0.0.0/8");
      moves(sled, { epoch: 2, "gateway.rules.in": 1, "gateway.rules.out": 1 }, () => {
        sled.port.attachSubnet(prefix, false);
      });
      const ask = fromPeer(g1, g2, g1.ip, "10.0.123.45", vni, udp({ srcPort: 5, dstPort: 6 }));
      moves(sled, { ...slow.in, ...newFirewallFlow }, () => sled.in(ask));
      moves(sled, slow.out, () => sled.out(guestFrame(g2, "10.0.123.45", g1.ip, udp({ srcPort: 6, dstPort: 5 }))));
      for (const direction of ["in", "out"] as const) {
        moves(sled, { epoch: 1 }, () => {
          sled.port.allowCidr(prefix, direction);
        });
      }
      for (const direction of ["in", "out"] as const) {
        moves(sled, { epoch: 1 }, () => {
          sled.port.removeCidr(prefix, direction);
        });
      }
      moves(sled, { epoch: 2, "gateway.rules.in": -1, "gateway.rules.out": -1 }, () => {
        sled.port.detachSubnet(prefix);
      });
      assert.equal(sled.port.port.epoch, 11);
      moves(sled, { ...layerDrop.in, "uft.in": -1, "uft.out": -1 }, () => sled.in(ask));
      droppedBy(sled, "gateway", "default");
    },
  },
  {
    id: "I40",
    name: "external_attached_subnets_dont_apply_nat",
    shows: "addresses of an external subnet pass unchanged in both directions, the answer to the boundary",
    run() {
      const sled = Sled.standard(g1);
      sled.route("0.0.0.0/0", "ig");
      sled.port.attachSubnet(IpPrefix.parse("8.0.0.0/8"), true);
      sled.firewall("dir=in action=allow priority=10 protocol=TCP");
      const ask = fromBoundary(g1, "1.1.1.1", "8.8.8.8", tcp({ srcPort: 5, dstPort: 80, flags: ["SYN"] }));
      moves(sled, { ...slow.in, ...newFirewallFlow }, () => sled.in(ask));
      includes(sled.last().find("ipv4"), { src: "1.1.1.1", dst: "8.8.8.8" });
      moves(sled, slow.out, () => sled.out(segment(g1, "8.8.8.8", 80, "1.1.1.1", 5, ["SYN", "ACK"])));
      includes(sled.last().find("ipv4"), { src: "8.8.8.8", dst: "1.1.1.1" });
      includes(sled.last().find("ipv6"), { dst: boundary.ip });
      includes(sled.last().find("geneve"), { vni: 99, options: [] });
    },
  },
  {
    id: "I45",
    name: "ipv6_multicast_encapsulation",
    shows: "a group's packet goes to its underlay group under the fleet's VNI",
    run() {
      const sled = Sled.standard(g1);
      sled.opte.setM2p(IpAddress.parse("ff04::1:3"), IpAddress.parse("ff04::1:ffff"));
      sled.opte.setForwarding(IpAddress.parse("ff04::1:ffff"), {
        address: IpAddress.parse("fd00:99::2"),
        vni: 77,
        replication: "external",
        filter: { mode: "exclude", sources: [] },
      });
      const frame = guestFrame(g1, g1.ip6, "ff04::1:3", udp({ srcPort: 5, dstPort: 6 }), payload("hello"));
      moves(sled, { ...slow.out, ...newFirewallFlow }, () => sled.out(frame));
      const sent = sled.last();
      includes(sent.find("ethernet"), { dst: "33:33:00:01:ff:ff" });
      includes(sent.find("ipv6"), { src: g1.sled, dst: "ff04::1:ffff" });
      includes(sent.find("geneve"), { vni: 77, options: [{ option: "multicast", replication: "external" }] });
      includes(sent.all("ethernet")[1], { src: g1.mac, dst: "33:33:00:01:00:03" });
    },
  },
  {
    id: "I46",
    name: "tcp_multicast_denied",
    shows: "TCP to a group dies in the overlay",
    run() {
      const sled = Sled.standard(g1);
      sled.opte.setM2p(IpAddress.parse("ff04::1:3"), IpAddress.parse("ff04::1:ffff"));
      moves(sled, { ...layerDrop.out, ...newFirewallFlow }, () => sled.out(segment(g1, g1.ip6, 5, "ff04::1:3", 6)));
      droppedBy(sled, "overlay", "action");
    },
  },
  {
    id: "I47",
    name: "drop_on_unknown_critical_option",
    shows: "an unknown critical option refuses the packet; one that is not critical is passed over",
    run() {
      const sled = Sled.standard(g1);
      const inner = [
        ethernet({ src: g2.mac, dst: g1.mac }),
        ipv4({ src: g2.ip, dst: g1.ip }),
        udp({ srcPort: 5, dstPort: 6 }),
      ];
      const unknown = (type: number): Parameters<typeof geneve>[0]["options"] => [
        { option: "unknown", class: 0xffff, type, data: new Uint8Array(4) },
      ];
      moves(sled, {}, () => {
        assert.equal(sled.in(tunnelled(g2.sled, g1.sled, vni, unknown(0x80) ?? [], inner)), "bad-packet");
      });
      assert.equal(sled.opte.stats.in_drop_bad_tun_opt, 1);
      assert.equal(sled.opte.packet.faultActual, 0xffff80);
      moves(sled, { ...slow.in, ...newFirewallFlow }, () =>
        sled.in(tunnelled(g2.sled, g1.sled, vni, unknown(0x7f) ?? [], inner)),
      );
    },
  },
  {
    id: "F01",
    name: "firewall_replace_rules",
    shows: "a new set is applied to flows that are open: what it allows goes on, what it denies is cut",
    run() {
      const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
      two.firewall("dir=in action=allow priority=10 protocol=TCP");
      const open = (flags: readonly TcpFlag[]): void => {
        one.out(segment(g1, g1.ip, 44490, g2.ip, 1000, flags));
        two.in(one.lastBytes());
      };
      open(["SYN"]);
      two.out(segment(g2, g2.ip, 1000, g1.ip, 44490, ["SYN", "ACK"]));
      one.in(two.lastBytes());
      const flow = { "firewall.flows.in": -1, "firewall.flows.out": -1, "uft.in": -1, "uft.out": -1 };
      moves(one, { ...flow, epoch: 1, "firewall.rules.in": -3, "firewall.rules.out": 2 }, () => {
        one.firewall(
          "dir=out action=deny priority=65535 protocol=any",
          "dir=out action=allow priority=1000 protocol=TCP port=1000",
        );
      });
      moves(one, { ...slow.out, ...newFirewallFlow }, () => one.out(segment(g1, g1.ip, 44490, g2.ip, 1000, ["ACK"])));
      const again = one.lastBytes();
      moves(two, fast.in, () => two.in(again));
      moves(two, { ...flow, epoch: 1 }, () => {
        two.firewall("dir=in action=deny priority=1000 protocol=TCP");
      });
      moves(two, layerDrop.in, () => two.in(again));
      droppedBy(two, "firewall", "rule");
    },
  },
  {
    id: "F02",
    name: "firewall_vni_inbound",
    shows: "hosts=vni admits by the VNI of the tunnel, and never what came from outside",
    run() {
      const sled = Sled.standard(g1);
      const datagram = udp({ srcPort: 5, dstPort: 6 });
      sled.opte.v2p.setPeering(vni, 1234, true);
      moves(sled, layerDrop.in, () => sled.in(fromPeer(g2, g1, g2.ip, g1.ip, 1234, datagram)));
      droppedBy(sled, "firewall", "default");
      moves(sled, { ...slow.in, ...newFirewallFlow }, () => sled.in(fromPeer(g2, g1, g2.ip, g1.ip, vni, datagram)));
      sled.port.setExternalIps({ ipv4: { ephemeral: "10.60.1.20" } });
      moves(sled, { ...layerDrop.in, ...newNatFlow }, () =>
        sled.in(fromBoundary(g1, "1.1.1.1", "10.60.1.20", datagram)),
      );
      droppedBy(sled, "firewall", "default");
    },
  },
];
