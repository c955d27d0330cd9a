import assert from "node:assert/strict";
import {
  arp,
  build,
  dhcpv4,
  dhcpv6,
  type Dhcpv6Option,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  multicastMacOfIpv6,
  packet,
  payload,
  solicitedNodeMulticast,
  udp,
} from "../../../../src/packet/index.ts";
import { dhcp, g1, gatewayLinkLocal, gatewayMac, guestFrame, Sled } from "../fixture.ts";
import { hairpin, includes, layerDrop, moves, type Scenario } from "./scenario.ts";

const body = "reunion\0";
const gatewayIp = "172.30.0.1";

/** An NDP message of the guest, to the MAC address of the group it goes to unless another is said. */
function ndp(
  src: string,
  dst: string,
  message: Parameters<typeof icmpv6>[0],
  mac = multicastMacOfIpv6(dst),
): Uint8Array {
  return build(packet(ethernet({ src: g1.mac, dst: mac }), ipv6({ src, dst, hopLimit: 255 }), icmpv6(message)));
}

function withoutChecksum(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  copy.set([0, 0], 14 + 40 + 2);
  return copy;
}

const solicit = (target: string): Parameters<typeof icmpv6>[0] => ({
  message: "neighbor-solicitation",
  target,
  options: [],
});

/** What the virtual gateway answers. */
export const gatewayScenarios: readonly Scenario[] = [
  {
    id: "I06",
    name: "gateway_icmp4_ping",
    shows: "echo to the gateway is answered at once, addresses swapped, not encapsulated",
    run() {
      const sled = Sled.standard(g1);
      const echo = icmp({ message: "echo-request", identifier: 7, sequence: 777 });
      moves(sled, hairpin, () => {
        assert.equal(sled.out(guestFrame(g1, g1.ip, gatewayIp, echo, payload(body))), "hairpin");
      });
      assert.equal(sled.sent[0]?.to, "g1");
      const reply = sled.last();
      includes(reply.find("ethernet"), { src: gatewayMac, dst: g1.mac });
      includes(reply.find("ipv4"), { src: gatewayIp, dst: g1.ip });
      includes(reply.find("icmp"), { message: "echo-reply", identifier: 7, sequence: 777 });
      assert.equal(Buffer.from(reply.find("payload")?.data ?? []).toString(), body);
    },
  },
  {
    id: "I07",
    name: "packet_body_pullup",
    shows: "a long echo comes back byte for byte",
    run() {
      const sled = Sled.standard(g1);
      const long = Uint8Array.from({ length: 1400 }, (_, i) => i & 0xff);
      const echo = icmp({ message: "echo-request", identifier: 7, sequence: 777 });
      moves(sled, hairpin, () => sled.out(guestFrame(g1, g1.ip, gatewayIp, echo, payload(long))));
      assert.deepEqual(Uint8Array.from(sled.last().find("payload")?.data ?? []), long);
    },
  },
  {
    id: "I19",
    name: "bad_ip_len",
    shows: "IPv4 total length 4 is a parse error that names field, expectation and finding",
    run() {
      const sled = Sled.standard(g1);
      const frame = packet(
        ethernet({ src: g1.mac, dst: "ff:ff:ff:ff:ff:ff" }),
        ipv4({ src: "0.0.0.0", dst: "255.255.255.255", totalLength: 4 }),
        udp({ srcPort: 68, dstPort: 67 }),
        payload("x"),
      );
      moves(sled, {}, () => {
        assert.equal(sled.out(frame), "bad-packet");
      });
      assert.deepEqual(sled.opte.packet.failure(), {
        fault: "bad_len",
        location: "Ipv4.total_len(min)",
        expected: 20,
        actual: 4,
      });
      assert.equal(sled.opte.stats.out_drop.bad_len, 1);
    },
  },
  {
    id: "I20",
    name: "arp_gateway",
    shows: "ARP for the gateway is answered; every other ARP dies",
    run() {
      const sled = Sled.standard(g1);
      const ask = (targetIp: string, senderIp = g1.ip): Uint8Array =>
        build(
          packet(
            ethernet({ src: g1.mac, dst: "ff:ff:ff:ff:ff:ff" }),
            arp({ operation: "request", senderMac: g1.mac, senderIp, targetIp }),
          ),
        );
      moves(sled, hairpin, () => {
        assert.equal(sled.out(ask(gatewayIp)), "hairpin");
      });
      includes(sled.last().find("ethernet"), { src: gatewayMac, dst: g1.mac });
      includes(sled.last().find("arp"), {
        operation: "reply",
        senderMac: gatewayMac,
        senderIp: gatewayIp,
        targetMac: g1.mac,
        targetIp: g1.ip,
      });
      for (const frame of [ask("172.30.0.9"), ask(g1.ip), ask(gatewayIp, "0.0.0.0")]) {
        moves(sled, { "out.drop": 1, "out.uft_miss": 1 }, () => {
          assert.equal(sled.out(frame), "drop");
        });
      }
      assert.equal(sled.port.port.stats.out.drop_handle_pkt, 3);
    },
  },
  {
    id: "I22",
    name: "gateway_icmpv6_ping",
    shows: "echo to the gateway's link-local address, from link-local and private address",
    run() {
      const sled = Sled.standard(g1);
      for (const source of [g1.linkLocal, g1.ip6]) {
        const echo = icmpv6({ message: "echo-request", identifier: 7, sequence: 777 });
        moves(sled, hairpin, () => sled.out(guestFrame(g1, source, gatewayLinkLocal, echo, payload(body))));
        const reply = sled.last();
        includes(reply.find("ethernet"), { src: gatewayMac, dst: g1.mac });
        includes(reply.find("ipv6"), { src: gatewayLinkLocal, dst: source });
        includes(reply.find("icmpv6"), { message: "echo-reply", identifier: 7, sequence: 777 });
      }
    },
  },
  {
    id: "I23",
    name: "gateway_router_advert_reply",
    shows: "a router solicitation gets a managed-only advertisement without prefixes",
    run() {
      const sled = Sled.standard(g1);
      const frame = ndp(g1.linkLocal, "ff02::2", { message: "router-solicitation", options: [] });
      moves(sled, hairpin, () => sled.out(frame));
      const reply = sled.last();
      includes(reply.find("ethernet"), { src: gatewayMac, dst: g1.mac });
      includes(reply.find("ipv6"), { src: gatewayLinkLocal, dst: g1.linkLocal, hopLimit: 255 });
      includes(reply.find("icmpv6"), {
        message: "router-advertisement",
        hopLimit: 255,
        managed: true,
        otherConfiguration: false,
        lifetime: 9000,
        reachableTime: 0,
        retransmitTimer: 0,
        options: [
          { option: "source-link-layer-address", mac: gatewayMac },
          { option: "mtu", mtu: 1500 },
        ],
      });
      const wrong = frame.slice();
      wrong.set([1, 2], 14 + 40 + 2);
      moves(sled, layerDrop.out, () => sled.out(wrong));
    },
  },
  {
    id: "I24",
    name: "gateway_neighbor_advert_reply",
    shows: "only the gateway's link-local address resolves; duplicate address detection succeeds",
    run() {
      const sled = Sled.standard(g1);
      const own = solicitedNodeMulticast(g1.linkLocal);
      const gateway = solicitedNodeMulticast(gatewayLinkLocal);
      const stranger = "fe80::1:1:1:1";
      const frames = [
        ndp("::", own, solicit(g1.linkLocal)),
        ndp("::", gateway, solicit(gatewayLinkLocal)),
        ndp(g1.linkLocal, gatewayLinkLocal, solicit(gatewayLinkLocal), gatewayMac),
        ndp(g1.linkLocal, solicitedNodeMulticast(stranger), solicit(stranger)),
      ] as const;
      for (const change of [(frame: Uint8Array) => frame, withoutChecksum]) {
        const [ownProbe, probe, reachable, other] = [
          change(frames[0]),
          change(frames[1]),
          change(frames[2]),
          change(frames[3]),
        ];
        moves(sled, layerDrop.out, () => sled.out(ownProbe));
        moves(sled, hairpin, () => sled.out(probe));
        includes(sled.last().find("ethernet"), { dst: "33:33:00:00:00:01" });
        includes(sled.last().find("ipv6"), { src: gatewayLinkLocal, dst: "ff02::1", hopLimit: 255 });
        const advertisement = {
          message: "neighbor-advertisement",
          router: true,
          override: true,
          target: gatewayLinkLocal,
          options: [{ option: "target-link-layer-address", mac: gatewayMac }],
        };
        includes(sled.last().find("icmpv6"), { ...advertisement, solicited: false });
        moves(sled, hairpin, () => sled.out(reachable));
        includes(sled.last().find("ipv6"), { src: gatewayLinkLocal, dst: g1.linkLocal });
        includes(sled.last().find("icmpv6"), { ...advertisement, solicited: true });
        moves(sled, layerDrop.out, () => sled.out(other));
      }
    },
  },
  {
    id: "I25",
    name: "outbound_ndp_dropped",
    shows: "an unsolicited advertisement of the guest dies in the gateway layer, without a firewall flow",
    run() {
      const sled = Sled.standard(g1);
      const frame = ndp(
        g1.linkLocal,
        "ff02::1",
        {
          message: "neighbor-advertisement",
          router: false,
          solicited: false,
          override: true,
          target: g1.linkLocal,
          options: [],
        },
        "ff:ff:ff:ff:ff:ff",
      );
      moves(sled, layerDrop.out, () => {
        assert.equal(sled.out(frame), "drop");
      });
      assert.equal(sled.opte.walk.dropLayer, "gateway");
    },
  },
  {
    id: "D01",
    name: "dhcpv4_offer_and_ack",
    shows: "DISCOVER and REQUEST get offer and acknowledgement with the whole configuration",
    run() {
      const sled = Sled.standard(g1);
      for (const [asked, answered, broadcast] of [
        ["discover", "offer", true],
        ["request", "acknowledge", false],
      ] as const) {
        const frame = packet(
          ethernet({ src: g1.mac, dst: "ff:ff:ff:ff:ff:ff" }),
          ipv4({ src: "0.0.0.0", dst: "255.255.255.255" }),
          udp({ srcPort: 68, dstPort: 67 }),
          dhcpv4({
            operation: "request",
            transactionId: 0x1234_5678,
            clientMac: g1.mac,
            broadcast,
            options: [{ option: "message-type", message: asked }],
          }),
        );
        moves(sled, hairpin, () => sled.out(frame));
        const reply = sled.last();
        includes(reply.find("ethernet"), { src: gatewayMac, dst: broadcast ? "ff:ff:ff:ff:ff:ff" : g1.mac });
        includes(reply.find("ipv4"), { src: gatewayIp, dst: broadcast ? "255.255.255.255" : g1.ip, ttl: 128 });
        includes(reply.find("udp"), { srcPort: 67, dstPort: 68, checksum: 0 });
        includes(reply.find("dhcpv4"), {
          operation: "reply",
          transactionId: 0x1234_5678,
          yourAddress: g1.ip,
          serverAddress: gatewayIp,
          clientMac: g1.mac,
        });
        assert.deepEqual(reply.find("dhcpv4")?.options, [
          { option: "message-type", message: answered },
          { option: "subnet-mask", mask: "255.255.255.255" },
          { option: "routers", addresses: [gatewayIp] },
          { option: "server-identifier", address: gatewayIp },
          { option: "lease-time", seconds: 86_400 },
          { option: "dns-servers", addresses: dhcp.dns4 },
          {
            option: "classless-routes",
            routes: [
              { destination: `${gatewayIp}/32`, router: "0.0.0.0" },
              { destination: "0.0.0.0/0", router: gatewayIp },
            ],
          },
          { option: "host-name", name: dhcp.hostname },
          { option: "domain-name", name: dhcp.domain },
          { option: "domain-search", domains: dhcp.searchList },
        ]);
      }
    },
  },
  {
    id: "I27",
    name: "reply_to_dhcpv6_solicit_or_request",
    shows: "Solicit and Request, with and without rapid commit, get Advertise or Reply with infinite lifetimes",
    run() {
      const sled = Sled.standard(g1);
      const clientId: Dhcpv6Option = {
        option: "client-id",
        duid: { duid: "link-layer", hardwareType: 1, mac: g1.mac },
      };
      const serverId: Dhcpv6Option = {
        option: "server-id",
        duid: { duid: "link-layer", hardwareType: 1, mac: gatewayMac },
      };
      for (const message of ["solicit", "request"] as const) {
        for (const rapid of [false, true]) {
          const options: Dhcpv6Option[] = [
            clientId,
            ...(message === "request" ? [serverId] : []),
            { option: "elapsed-time", centiseconds: 0 },
            { option: "ia-na", iaid: 0xff7, t1: 3600, t2: 5400, options: [] },
            { option: "option-request", types: [23, 24, 39] },
            ...(rapid ? [{ option: "rapid-commit" } as const] : []),
          ];
          const frame = packet(
            ethernet({ src: g1.mac, dst: "33:33:00:01:00:02" }),
            ipv6({ src: g1.linkLocal, dst: "ff02::1:2" }),
            udp({ srcPort: 546, dstPort: 547 }),
            dhcpv6({ message, transactionId: 0xabcdef, options }),
          );
          moves(sled, hairpin, () => sled.out(frame));
          const reply = sled.last();
          includes(reply.find("ipv6"), { src: gatewayLinkLocal, dst: g1.linkLocal });
          includes(reply.find("udp"), { srcPort: 547, dstPort: 546 });
          assert.notEqual(Buffer.from(sled.lastBytes()).readUInt16BE(14 + 40 + 6), 0);
          const infinity = 0xffff_ffff;
          assert.deepEqual(reply.find("dhcpv6"), {
            layer: "dhcpv6",
            message: message === "solicit" && !rapid ? "advertise" : "reply",
            transactionId: 0xabcdef,
            options: [
              serverId,
              clientId,
              ...(message === "solicit" && rapid ? [{ option: "rapid-commit" }] : []),
              {
                option: "ia-na",
                iaid: 0xff7,
                t1: infinity,
                t2: infinity,
                options: [
                  {
                    option: "ia-address",
                    address: g1.ip6,
                    preferredLifetime: infinity,
                    validLifetime: infinity,
                    options: [],
                  },
                ],
              },
              { option: "dns-servers", addresses: dhcp.dns6 },
              { option: "domain-list", domains: dhcp.searchList },
              {
                option: "client-fqdn",
                noServerUpdate: false,
                serverOverride: true,
                serverUpdate: true,
                domains: ["testbox.test.oxide.computer"],
              },
            ],
          });
        }
      }
    },
  },
];
