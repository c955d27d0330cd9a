import { expect, test } from "vitest";
import { icmp, tcp, udp } from "../../../../src/packet/index.ts";
import { dumpLayer, dumpUft } from "../../../../src/stack/opte/engine/vpc/port-views.ts";
import type { LayerDump, PortValue, UftDump } from "../../../../src/stack/opte/opted/api/values.ts";
import {
  forwardingText,
  layerText,
  m2pText,
  portsText,
  subscriptionsText,
  uftText,
  v2bText,
  v2pText,
} from "../../../../src/stack/opte/opteadm/layout.ts";
import { g1, g2, guestFrame, Sled } from "../fixture.ts";

/* Texts of the reference's administration command (specification, section 4.1). */

const line = (sign: string): string => sign.repeat(70);

function port(name: string, more: Partial<PortValue> = {}): PortValue {
  return {
    name,
    mac: "A8:40:25:FA:FA:37",
    vni: 100,
    ipv4: { address: "172.30.0.5", ephemeral: null, floating: [], snat: null },
    ipv6: null,
    state: "running",
    epoch: 3,
    interface: `${name}-h`,
    attached: true,
    ...more,
  };
}

test("ports by number; further floating addresses have rows of their own, and an empty one behind", () => {
  const floating = { address: "172.30.0.6", ephemeral: "10.60.1.1", floating: ["10.60.1.2", "10.60.1.3"], snat: null };
  const text = portsText([port("opte10"), port("opte2", { ipv4: floating, state: "paused" })]);
  expect(text).toBe(
    [
      "LINK    MAC ADDRESS        IPv4 ADDRESS  EPHEMERAL IPv4  FLOATING IPv4  IPv6 ADDRESS  EXTERNAL IPv6  FLOATING IPv6  STATE",
      "opte2   A8:40:25:FA:FA:37  172.30.0.6    10.60.1.1       10.60.1.2      None          None           None           paused",
      "                                                         10.60.1.3",
      "",
      "opte10  A8:40:25:FA:FA:37  172.30.0.5    None            None           None          None           None           running",
    ].join("\n"),
  );
});

test("a layer: flows, then rules with one predicate a row, and the default", () => {
  const sled = Sled.standard(g1);
  sled.allow("dir=in action=deny priority=9 hosts=ip=1.2.3.4 protocol=tcp port=22,80,81");
  sled.out(guestFrame(g1, g1.ip, g2.ip, tcp({ srcPort: 44_490, dstPort: 80, flags: ["SYN"] })));
  sled.out(guestFrame(g1, g1.ip, g2.ip, icmp({ message: "echo-request", identifier: 7, sequence: 1 })));
  const text = layerText("g1", "firewall", dumpLayer(sled.port, "firewall") as LayerDump);
  expect(text.split("\n").slice(0, 15)).toEqual([
    "Port g1 - Layer firewall",
    line("="),
    "Inbound Flows",
    line("-"),
    "PROTO  SRC IP      SPORT/TY   DST IP      DPORT  HITS  ACTION",
    "TCP    172.30.0.6  80         172.30.0.5  44490  0     no-op",
    "ICMP   172.30.0.6  0x00/0x00  172.30.0.5  7      0     no-op",
    "",
    "Outbound Flows",
    line("-"),
    "PROTO  SRC IP      SPORT/TY   DST IP      DPORT  HITS  ACTION",
    "TCP    172.30.0.5  44490      172.30.0.6  80     0     no-op",
    "ICMP   172.30.0.5  0x08/0x00  172.30.0.6  7      0     no-op",
    "",
    "Inbound Rules",
  ]);
  const rules = text.split("\n").slice(text.split("\n").indexOf("Inbound Rules") + 2);
  expect(rules[0]).toMatch(/^ID +PRI +HITS +PREDICATES +ACTION$/);
  expect(rules[1]).toMatch(/^3 +9 +0 +inner\.ip\.src=1\.2\.3\.4 +"Deny"$/);
  expect(rules.slice(2, 5)).toEqual([
    expect.stringMatching(/^ +inner\.ip\.proto=TCP$/),
    expect.stringMatching(/^ +inner\.ulp\.dst=22,inner\.ulp\.dst∈\(80\.\.=81\)$/),
    "",
  ]);
  const end = rules.indexOf("Outbound Rules");
  expect(rules[end - 2]).toMatch(/^DEF +-- +0 +-- +"deny"$/);
  expect(rules.slice(end + 1)).toEqual([
    line("-"),
    expect.stringMatching(/^ID +PRI +HITS +PREDICATES +ACTION$/),
    expect.stringMatching(/^DEF +-- +2 +-- +"stateful allow"$/),
    "",
  ]);
});

test("composed transforms, with how many there are and may be", () => {
  const sled = Sled.standard(g1);
  sled.out(guestFrame(g1, g1.ip, g2.ip, udp({ srcPort: 5, dstPort: 6 })));
  expect(uftText(dumpUft(sled.port) as UftDump)).toBe(
    [
      "UFT Inbound: 0/16",
      line("-"),
      "PROTO  SRC IP  SPORT/TY  DST IP  DPORT  HITS  XFORMS",
      "",
      "UFT Outbound: 1/16",
      line("-"),
      "PROTO  SRC IP      SPORT/TY  DST IP      DPORT  HITS  XFORMS",
      "UDP    172.30.0.5  5         172.30.0.6  6      1     hdr: encap, body:",
    ].join("\n"),
  );
});

test("mappings by VPC and family, in the order of their addresses", () => {
  const entry = { mac: "A8:40:25:F0:00:66", underlay: "fd00::1" };
  const text = v2pText([
    { vni: 200, ip: "fd00::5", ...entry },
    { vni: 100, ip: "10.0.0.10", ...entry },
    { vni: 100, ip: "10.0.0.9", ...entry },
  ]);
  expect(text).toBe(
    [
      "Virtual to Physical Mappings",
      line("="),
      ...["", "VPC 100", line("-"), "", "IPv4 mappings", line("-")],
      "VPC_IP     VPC MAC ADDR       UNDERLAY IP",
      "10.0.0.9   A8:40:25:F0:00:66  fd00::1",
      "10.0.0.10  A8:40:25:F0:00:66  fd00::1",
      ...["", "IPv6 mappings", line("-"), "VPC_IP  VPC MAC ADDR  UNDERLAY IP"],
      ...["", "VPC 200", line("-"), "", "IPv4 mappings", line("-"), "VPC_IP  VPC MAC ADDR  UNDERLAY IP"],
      ...["", "IPv6 mappings", line("-")],
      "VPC_IP   VPC MAC ADDR       UNDERLAY IP",
      "fd00::5  A8:40:25:F0:00:66  fd00::1",
    ].join("\n"),
  );
  expect(v2bText([{ prefix: "0.0.0.0/0", endpoints: ["fd00:99::1", "fd00:99::2"] }])).toBe(
    [
      "Virtual to Boundary Mappings",
      line("="),
      ...["", "IPv4 mappings", line("-")],
      "TUNNELED PREFIX  BOUNDARY IP  VNI",
      "0.0.0.0/0        fd00:99::1   99",
      "0.0.0.0/0        fd00:99::2   99",
      ...["", "IPv6 mappings", line("-"), "TUNNELED PREFIX  BOUNDARY IP  VNI"],
    ].join("\n"),
  );
});

test("groups, where they are sent, and who gets them", () => {
  expect(m2pText([{ group: "224.0.0.251", underlay: "ff04::e000:fb" }])).toContain(
    ["IPv4 groups", line("-"), "OVERLAY GROUP  UNDERLAY MCAST", "224.0.0.251    ff04::e000:fb"].join("\n"),
  );
  const filter = { mode: "include" as const, sources: ["10.0.0.1", "10.0.0.2"] };
  expect(
    forwardingText([{ underlay: "ff04::1", nextHop: "fd00::9", vni: 77, replication: "both", filter }]).split("\n"),
  ).toEqual([
    "Multicast Forwarding Table",
    line("="),
    "GROUP IP  UNDERLAY IP  VNI  REPLICATION  FILTER",
    "ff04::1   fd00::9      77   both         INCLUDE(10.0.0.1, 10.0.0.2)",
  ]);
  const any = { mode: "exclude" as const, sources: [] };
  const none = { mode: "include" as const, sources: [] };
  expect(
    subscriptionsText([
      { group: "ff04::1", port: "opte0", filter: any },
      { group: "ff04::1", port: "opte1", filter: none },
    ]).split("\n"),
  ).toEqual([
    "Multicast Subscriptions",
    line("="),
    "UNDERLAY GROUP  PORT   FILTER",
    "ff04::1         opte0  EXCLUDE() (any)",
    "ff04::1         opte1  INCLUDE() (none)",
  ]);
});
