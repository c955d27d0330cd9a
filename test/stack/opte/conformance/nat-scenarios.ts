import assert from "node:assert/strict";
import { icmp, payload, tcp, type TcpFlag } from "../../../../src/packet/index.ts";
import { tcpStates } from "../../../../src/stack/opte/engine/table/tcp-state.ts";
import { boundary, configurationOf, fromBoundary, g1, guestFrame, segment, Sled } from "../fixture.ts";
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

const web = "52.10.128.69";
const web6 = "2606:2800:220:1:248:1893:25c8:1946";

/** A guest with default routes to the internet gateway. */
function online(external: Parameters<Sled["port"]["setExternalIps"]>[0] = {}): Sled {
  const { ipv4, ipv6, ...rest } = configurationOf(g1);
  const sled = Sled.standard(g1, { ...rest, ipv4: { ...ipv4, ...external.ipv4 }, ipv6: { ...ipv6, ...external.ipv6 } });
  sled.route("0.0.0.0/0", "ig");
  sled.route("::/0", "ig");
  return sled;
}

function stateOf(sled: Sled): string {
  const [flow, ...more] = sled.port.port.store.tcp.values();
  assert.equal(more.length, 0);
  return flow === undefined ? "none" : (tcpStates[flow.state] ?? "");
}

const fastOut = { ...fast.out };
const fastIn = { ...fast.in };

/** Addresses towards the outside. */
export const natScenarios: readonly Scenario[] = [
  {
    id: "I11",
    name: "guest_to_internet_ipv4",
    shows: "SNAT takes the highest port; entropy, lengths and checksums are those of the translated packet",
    run() {
      const sled = online();
      moves(sled, { ...slow.out, ...newFirewallFlow, ...newNatFlow }, () =>
        sled.out(segment(g1, g1.ip, 44490, web, 80)),
      );
      const sent = sled.last();
      includes(sent.find("ipv6"), { src: g1.sled, dst: boundary.ip });
      includes(sent.find("udp"), { srcPort: 1428, checksum: 0 });
      includes(sent.find("geneve"), { vni: 99, options: [] });
      includes(sent.all("ethernet")[1], { src: g1.mac, dst: boundary.mac });
      includes(sent.find("ipv4"), { src: g1.snat.address, dst: web });
      includes(sent.find("tcp"), { srcPort: 4096, dstPort: 80 });
      const bytes = Buffer.from(sled.lastBytes());
      assert.equal(bytes.readUInt16BE(18), bytes.length - 54);
      assert.equal(bytes.readUInt16BE(58), bytes.length - 54);
      assert.equal(bytes.readUInt16BE(70 + 14 + 2), bytes.length - 84);
    },
  },
  {
    id: "I12",
    name: "guest_to_internet_ipv6",
    shows: "the same for IPv6",
    run() {
      const sled = online();
      moves(sled, { ...slow.out, ...newFirewallFlow, ...newNatFlow }, () =>
        sled.out(segment(g1, g1.ip6, 44490, web6, 80)),
      );
      const sent = sled.last();
      includes(sent.find("udp"), { srcPort: 22425 });
      includes(sent.all("ipv6")[1], { src: g1.snat6.address, dst: web6 });
      includes(sent.find("tcp"), { srcPort: 8192 });
      const bytes = Buffer.from(sled.lastBytes());
      assert.equal(bytes.readUInt16BE(18), bytes.length - 54);
      assert.equal(bytes.readUInt16BE(70 + 14 + 4), bytes.length - 84 - 40);
    },
  },
  {
    id: "I13",
    name: "external_ip_receive_and_reply_on_all",
    shows: "each of eight external addresses a family is received for, and the answer has the one addressed",
    run() {
      const last = [1, 2, 3, 4, 5, 6, 7, 8];
      const v4 = last.map((i) => `10.60.1.${i}`);
      const v6 = last.map((i) => `2001:db8::${i}`);
      const pick = ([ephemeral, ...floating]: readonly string[]): { ephemeral: string; floating: string[] } => ({
        ephemeral: ephemeral ?? "",
        floating,
      });
      const sled = online();
      moves(sled, { epoch: 1, "nat.rules.in": 4, "nat.rules.out": 2 }, () => {
        sled.port.setExternalIps({ ipv4: pick(v4), ipv6: pick(v6) });
      });
      sled.firewall("dir=in action=allow priority=10 protocol=TCP");
      for (const [i, [address, own, peer]] of [
        ...v4.map((address) => [address, g1.ip, web] as const),
        ...v6.map((address) => [address, g1.ip6, web6] as const),
      ].entries()) {
        // To the guest, two flows that differ only in the external address would be one.
        const port = 44490 + i;
        moves(sled, { ...slow.in, ...newFirewallFlow, ...newNatFlow }, () =>
          sled.in(fromBoundary(g1, peer, address, tcp({ srcPort: port, dstPort: 80, flags: ["SYN"] }))),
        );
        const family = own.includes(":") ? "ipv6" : "ipv4";
        includes(sled.last().find(family), { src: peer, dst: own });
        moves(sled, slow.out, () => sled.out(segment(g1, own, 80, peer, port, ["SYN", "ACK"])));
        includes(sled.last().all(family).at(-1), { src: address, dst: peer });
      }
    },
  },
  {
    id: "I17",
    name: "snat_icmp4_echo_rewrite",
    shows: "echoes are told apart by id: the highest is taken first, answers get the guest's back",
    run() {
      const sled = online();
      const to = "45.55.45.205";
      const ping = (identifier: number, sequence: number): void => {
        sled.out(
          guestFrame(g1, g1.ip, to, icmp({ message: "echo-request", identifier, sequence }), payload("reunion")),
        );
      };
      const pong = (identifier: number, sequence: number): void => {
        const reply = icmp({ message: "echo-reply", identifier, sequence });
        sled.in(fromBoundary(g1, to, g1.snat.address, reply, payload("reunion")));
      };
      moves(sled, { ...slow.out, ...newFirewallFlow, ...newNatFlow }, () => {
        ping(7, 777);
      });
      includes(sled.last().find("icmp"), { identifier: 4096, sequence: 777 });
      moves(sled, slow.in, () => {
        pong(4096, 777);
      });
      includes(sled.last().find("icmp"), { message: "echo-reply", identifier: 7, sequence: 777 });
      includes(sled.last().find("ipv4"), { dst: g1.ip });
      moves(sled, fastOut, () => {
        ping(7, 778);
      });
      includes(sled.last().find("icmp"), { identifier: 4096, sequence: 778 });
      moves(sled, fastIn, () => {
        pong(4096, 778);
      });
      includes(sled.last().find("icmp"), { identifier: 7, sequence: 778 });
      moves(sled, { ...slow.out, ...newFirewallFlow, ...newNatFlow }, () => {
        ping(8, 777);
      });
      includes(sled.last().find("icmp"), { identifier: 4095 });
    },
  },
  {
    id: "I30",
    name: "tcp_outbound",
    shows: "states of a connection that the guest opens and closes, and what expires when",
    run() {
      const sled = online();
      const out = (flags: readonly TcpFlag[], sequence: number, acknowledgment: number, data = ""): void => {
        sled.out(
          segment(g1, g1.ip, 44490, web, 80, flags, { sequence, acknowledgment }, ...(data ? [payload(data)] : [])),
        );
      };
      const back = (flags: readonly TcpFlag[], sequence: number, acknowledgment: number, data = ""): void => {
        const header = tcp({ srcPort: 80, dstPort: 4096, flags, sequence, acknowledgment });
        sled.in(fromBoundary(g1, web, g1.snat.address, header, ...(data ? [payload(data)] : [])));
      };
      const steps: readonly (readonly [() => void, string])[] = [
        [
          () => {
            out(["SYN"], 100, 0);
          },
          "SYN_SENT",
        ],
        [
          () => {
            back(["SYN", "ACK"], 500, 101);
          },
          "ESTABLISHED",
        ],
        [
          () => {
            out(["ACK"], 101, 501);
          },
          "ESTABLISHED",
        ],
        [
          () => {
            out(["ACK", "PSH"], 101, 501, "GET /");
          },
          "ESTABLISHED",
        ],
        [
          () => {
            back(["ACK"], 501, 106);
          },
          "ESTABLISHED",
        ],
        [
          () => {
            back(["ACK", "PSH"], 501, 106, "200");
          },
          "ESTABLISHED",
        ],
        [
          () => {
            out(["ACK"], 106, 504);
          },
          "ESTABLISHED",
        ],
        [
          () => {
            out(["FIN", "ACK"], 106, 504);
          },
          "FIN_WAIT_1",
        ],
        [
          () => {
            back(["ACK"], 504, 107);
          },
          "FIN_WAIT_2",
        ],
        [
          () => {
            back(["FIN", "ACK"], 504, 107);
          },
          "TIME_WAIT",
        ],
        [
          () => {
            out(["ACK"], 107, 505);
          },
          "TIME_WAIT",
        ],
      ];
      for (const [step, state] of steps) {
        step();
        assert.equal(stateOf(sled), state);
      }
      const stats = sled.port.port.stats;
      assert.deepEqual([stats.out.uft_miss, stats.out.uft_hit, stats.in.uft_miss, stats.in.uft_hit], [1, 5, 1, 4]);
      moves(sled, { "uft.in": -1, "uft.out": -1 }, () => {
        sled.opte.expire(sled.now + 61_000);
      });
      assert.equal(stateOf(sled), "TIME_WAIT");
      const gone = { "firewall.flows.in": -1, "firewall.flows.out": -1, "nat.flows.in": -1, "nat.flows.out": -1 };
      moves(sled, gone, () => {
        sled.opte.expire(sled.now + 121_000);
      });
      assert.equal(stateOf(sled), "none");
    },
  },
  {
    id: "I33",
    name: "ephemeral_ip_preferred_over_snat_outbound",
    shows: "an ephemeral address is taken before SNAT",
    run() {
      const sled = online({ ipv4: { ephemeral: "10.60.1.20" } });
      const echo = icmp({ message: "echo-request", identifier: 7, sequence: 777 });
      moves(sled, { ...slow.out, ...newFirewallFlow, ...newNatFlow }, () => sled.out(guestFrame(g1, g1.ip, web, echo)));
      includes(sled.last().find("ipv4"), { src: "10.60.1.20" });
      includes(sled.last().find("icmp"), { identifier: 7 });
    },
  },
  {
    id: "I34",
    name: "tcp_inbound",
    shows: "states of a connection that the guest accepts and that the peer closes; its end frees entry and transforms",
    run() {
      const sled = online({ ipv4: { ephemeral: "10.60.1.20" } });
      sled.allow("dir=in action=allow priority=10 protocol=TCP");
      const out = (flags: readonly TcpFlag[], sequence: number, acknowledgment: number): void => {
        sled.out(segment(g1, g1.ip, 80, web, 44490, flags, { sequence, acknowledgment }));
      };
      const back = (flags: readonly TcpFlag[], sequence: number, acknowledgment: number): void => {
        const header = tcp({ srcPort: 44490, dstPort: 80, flags, sequence, acknowledgment });
        sled.in(fromBoundary(g1, web, "10.60.1.20", header));
      };
      const steps: readonly (readonly [() => void, string])[] = [
        [
          () => {
            back(["SYN"], 500, 0);
          },
          "LISTEN",
        ],
        [
          () => {
            out(["SYN", "ACK"], 100, 501);
          },
          "SYN_RCVD",
        ],
        [
          () => {
            back(["ACK"], 501, 101);
          },
          "ESTABLISHED",
        ],
        [
          () => {
            out(["ACK"], 101, 501);
          },
          "ESTABLISHED",
        ],
        [
          () => {
            back(["FIN", "ACK"], 501, 101);
          },
          "CLOSE_WAIT",
        ],
        [
          () => {
            out(["ACK"], 101, 502);
          },
          "CLOSE_WAIT",
        ],
        [
          () => {
            out(["FIN", "ACK"], 101, 502);
          },
          "LAST_ACK",
        ],
      ];
      for (const [step, state] of steps) {
        step();
        assert.equal(stateOf(sled), state);
      }
      moves(sled, { ...fastIn, "uft.in": -1, "uft.out": -1 }, () => {
        back(["ACK"], 502, 102);
      });
      assert.equal(stateOf(sled), "none");
    },
  },
  {
    id: "I42",
    name: "select_eip_conditioned_on_igw",
    shows: "the source address follows the internet gateway of the route; a gateway without an address drops",
    run() {
      const sled = online();
      const names = ["igw0", "igw1", "igw2", "igw3"];
      for (const [i, name] of names.entries()) sled.route(`1.1.${i}.0/24`, `ig=${name}`);
      const [ephemeral, fip0, fip1, fip2] = ["10.60.1.1", "10.60.1.2", "10.60.1.3", "10.60.1.4"];
      sled.port.setExternalIps({
        ipv4: { ephemeral, floating: [fip0, fip1, fip2] },
        gateways: { [fip0]: ["igw0", "igw3"], [fip1]: ["igw0", "igw3"], [fip2]: ["igw1", "igw3"] },
      });
      const sources = (to: string): Set<string | undefined> => {
        const found = new Set<string | undefined>();
        for (let port = 1000; port < 1016; port++) {
          sled.out(segment(g1, g1.ip, port, to, 80));
          found.add(sled.last().find("ipv4")?.src);
          sled.port.port.store.clear();
        }
        return found;
      };
      assert.deepEqual(sources(web), new Set([ephemeral]));
      assert.deepEqual(sources("1.1.0.1"), new Set([fip0, fip1]));
      assert.deepEqual(sources("1.1.1.1"), new Set([fip2]));
      moves(sled, { ...layerDrop.out, ...newFirewallFlow }, () => sled.out(segment(g1, g1.ip, 5, "1.1.2.1", 80)));
      droppedBy(sled, "nat", "rule");
      assert.deepEqual(sources("1.1.3.1"), new Set([fip0, fip1, fip2]));
    },
  },
];
