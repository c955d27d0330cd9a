import assert from "node:assert/strict";
import {
  build,
  ethernet,
  type Layer,
  fragment,
  ipv4,
  ipv6,
  packet,
  payload,
  tcp,
} from "../../../../src/packet/index.ts";
import { boundary, fromBoundary, fromPeer, g1, g2, gatewayMac, guestFrame, Sled, tunnelled, vni } from "../fixture.ts";
import { includes, moves, newFirewallFlow, type Scenario, slow } from "./scenario.ts";

const long = payload(new Uint8Array(2000).fill(0x5a));
const segment = tcp({ srcPort: 44490, dstPort: 80, flags: ["ACK"] });
const oversize = { out: { "out.hairpin": 1 }, in: { "in.hairpin": 1 } } as const;

/** The answer's ICMP message, for both families. */
function checkMessage(sled: Sled, src: string, dst: string): void {
  const sent = sled.last();
  const isVersion6 = src.includes(":");
  const header = isVersion6 ? sent.all("ipv6").at(-1) : sent.find("ipv4");
  includes(header, { src, dst });
  if (isVersion6) includes(sent.find("icmpv6"), { message: "packet-too-big", mtu: 1500 });
  else includes(sent.find("icmp"), { message: "destination-unreachable", code: 4, nextHopMtu: 1500, length: 548 / 4 });
  const encapsulation = sent.find("geneve") === undefined ? 0 : 70;
  assert.equal(sled.lastBytes().length - encapsulation - 14, isVersion6 ? 1280 : 576);
}

/** Packets that are too long, or in parts. */
export const sizeScenarios: readonly Scenario[] = [
  {
    id: "P01",
    name: "packet_too_big_generation",
    shows: "who sends too much is told the MTU, inside, from another sled and from outside, IPv4 and IPv6",
    run() {
      const sled = Sled.standard(g1);
      for (const [own, peer, gateway] of [
        [g1.ip, g2.ip, "172.30.0.1"],
        [g1.ip6, g2.ip6, "fd00::1"],
      ] as const) {
        moves(sled, oversize.out, () => {
          assert.equal(sled.out(guestFrame(g1, own, peer, segment, long)), "hairpin");
        });
        assert.equal(sled.sent.at(-1)?.to, "g1");
        includes(sled.last().find("ethernet"), { src: gatewayMac, dst: g1.mac });
        checkMessage(sled, gateway, own);
        moves(sled, oversize.in, () => sled.in(fromPeer(g2, g1, peer, own, vni, segment, long)));
        assert.equal(sled.sent.at(-1)?.to, "underlay");
        includes(sled.last().find("ipv6"), { src: g1.sled, dst: g2.sled });
        includes(sled.last().find("udp"), { srcPort: 12_345, dstPort: 6081 });
        includes(sled.last().find("geneve"), { vni, options: [] });
        includes(sled.last().all("ethernet")[1], { src: g1.mac, dst: g2.mac });
        checkMessage(sled, gateway, peer);
      }
      for (const [external, peer] of [
        ["10.60.1.20", "1.1.1.1"],
        ["2001:db8::20", "2606::1"],
      ] as const) {
        moves(sled, oversize.in, () => sled.in(fromBoundary(g1, peer, external, segment, long)));
        includes(sled.last().find("ipv6"), { src: g1.sled, dst: boundary.ip });
        includes(sled.last().find("geneve"), { vni: 99, options: [] });
        includes(sled.last().all("ethernet")[1], { src: g1.mac, dst: boundary.mac });
        checkMessage(sled, external, peer);
      }
      // The switch may leave its own address out; then any endpoint of the prefix does.
      const inner = [ethernet({ src: "00:00:00:00:00:00", dst: g1.mac }), ipv4({ src: "1.1.1.1", dst: "10.60.1.20" })];
      const nameless = tunnelled("::", g1.sled, vni, [{ option: "external" }], [...inner, segment, long]);
      moves(sled, oversize.in, () => sled.in(nameless));
      includes(sled.last().find("ipv6"), { src: g1.sled, dst: boundary.ip });
      const { stats } = sled.port.port;
      assert.deepEqual([stats.out.oversize, stats.in.oversize], [2, 5]);
    },
  },
  {
    id: "P02",
    name: "offload_info_preserved",
    shows: "super-segments pass both ways with their segment size, which travels in the option",
    run() {
      const [one, two] = [Sled.standard(g1), Sled.standard(g2)];
      const body = payload(new Uint8Array(9000));
      moves(one, { ...slow.out, ...newFirewallFlow }, () => one.out(guestFrame(g1, g1.ip, g2.ip, segment, body), 1448));
      assert.equal(one.sent.at(-1)?.mss, 1448);
      includes(one.last().find("geneve"), { options: [{ option: "maximum-segment-size", size: 1448 }] });
      moves(two, { ...slow.in, ...newFirewallFlow }, () => two.in(one.lastBytes(), 1448));
      assert.equal(two.sent.at(-1)?.mss, 1448);
    },
  },
  {
    id: "P03",
    name: "fragments_rejected",
    shows: "first, middle and last fragments of IPv4 and IPv6 are refused at the parser, both directions",
    run() {
      const sled = Sled.standard(g1);
      const data = payload(new Uint8Array(64));
      const parts: readonly (readonly Layer[])[] = [
        [ipv4({ src: g1.ip, dst: g2.ip, moreFragments: true, protocol: 17 }), data],
        [ipv4({ src: g1.ip, dst: g2.ip, fragmentOffset: 8, moreFragments: true, protocol: 17 }), data],
        [ipv4({ src: g1.ip, dst: g2.ip, fragmentOffset: 8, protocol: 17 }), data],
        [
          ipv6({ src: g1.ip6, dst: g2.ip6 }),
          fragment({ fragmentOffset: 0, moreFragments: true, identification: 7, nextHeader: 17 }),
          data,
        ],
        [
          ipv6({ src: g1.ip6, dst: g2.ip6 }),
          fragment({ fragmentOffset: 8, moreFragments: false, identification: 7, nextHeader: 17 }),
          data,
        ],
      ];
      for (const part of parts) {
        moves(sled, {}, () => {
          const frame = build(packet(ethernet({ src: g1.mac, dst: gatewayMac }), ...part));
          assert.equal(sled.out(frame), "bad-packet");
          const inner = [ethernet({ src: g2.mac, dst: g1.mac }), ...part];
          assert.equal(sled.in(tunnelled(g2.sled, g1.sled, vni, [], inner)), "bad-packet");
        });
      }
      assert.deepEqual([sled.opte.stats.out_drop.reject, sled.opte.stats.in_drop.reject], [5, 5]);
    },
  },
];
