import { expect, test } from "vitest";
import { parseRouterTarget } from "../../../src/stack/opte/engine/layer/router-target.ts";
import { predicateText } from "../../../src/stack/opte/engine/layer/predicate-text.ts";
import { IpPrefix } from "../../../src/stack/opte/engine/parse/address.ts";
import { coalescePorts, firewallRuleSpec } from "../../../src/stack/opte/engine/vpc/firewall.ts";
import { parseFirewallRule, parsePorts, parseProtocol } from "../../../src/stack/opte/engine/vpc/firewall-text.ts";

test.for([
  ["dir=in action=allow priority=10", []],
  [
    "action=deny priority=10 dir=out hosts=ip=1.2.3.4 protocol=TCP port=80,443",
    ["inner.ip.dst=1.2.3.4", "inner.ip.proto=TCP", "inner.ulp.dst=80,inner.ulp.dst=443"],
  ],
  ["dir=in action=allow priority=1 hosts=subnet=10.1.2.3/8", ["inner.ip.src=10.0.0.0/8"]],
  ["dir=in action=allow priority=1 hosts=vni=77 port=any,", ["meta: vni=77"]],
  ["dir=in action=allow priority=1 hosts=ip=fd00::1", ["inner.ip6.src=fd00::1"]],
  [
    "dir=in action=allow priority=1 protocol=icmp6:22,11-15",
    ["inner.ip.proto=ICMPv6", "inner.icmp.type=22", "inner.icmp.code∈(11..=15)"],
  ],
  ["dir=in action=allow priority=1 protocol=arp", ["inner.ether.ether_type=ARP"]],
] as const)("the rule %s", ([text, predicates]) => {
  expect(firewallRuleSpec(parseFirewallRule(text)).predicates.map(predicateText)).toEqual(predicates);
});

test.for([
  ["dir=in  action=allow priority=1", "bad token: "],
  ["dir=in action=allow priority=1 addr=1.2.3.4", "invalid key: addr"],
  ["dir=in action=allow priority=65536", "bad priority: '65536'"],
  ["dir=in priority=1", "missing 'action' key"],
  ["action=allow priority=1", "missing direction ('dir') key"],
  ["dir=in action=allow", "missing 'priority' key"],
  ["dir=in action=allow priority=1 hosts=ip:1.2.3.4", "bad hosts"],
  ["dir=in action=allow priority=1 hosts=subnet=10.0.0.0/33", "bad IPv4 prefix length: 33"],
] as const)("the rule %s is refused: %s", ([text, message]) => {
  expect(() => parseFirewallRule(text)).toThrow(message);
});

test("ports and protocols that are none", () => {
  for (const text of ["0", "", "rpz", "any,rpz", "65536"]) expect(() => parsePorts(text)).toThrow("bad port");
  for (const text of ["TCP,", "6", "icmp:256", "icmp6:1,5-2"])
    expect(() => parseProtocol(text)).toThrow("bad protocol");
});

test("ports are sorted, joined, and each there once", () => {
  const only = (value: number): { low: number; high: number } => ({ low: value, high: value });
  const joined = [only(80), only(443), { low: 1000, high: 1004 }, only(60_000)];
  expect(coalescePorts([443, 1000, 1001, 80, 1004, 1003, 1002, 60_000, 80])).toEqual(joined);
  expect(coalescePorts([{ low: 1024, high: 65_535 }, 2000])).toEqual([{ low: 1024, high: 65_535 }]);
});

test("targets and prefixes", () => {
  for (const text of ["drop", "ig", "ig=5f6b", "ip4=10.0.0.1", "ip6=fd00::1", "sub4=10.0.0.0/8", "sub6=fd00::/64"]) {
    expect(parseRouterTarget(text).text).toBe(text);
  }
  expect(parseRouterTarget("sub4=192.168.2.9/24").text).toBe("sub4=192.168.2.0/24");
  for (const text of ["", "up", "ip4=fd00::1", "ip6=10.0.0.1", "sub4=10.0.0.1", "sub4=10.0.0.0/33", "ig="]) {
    expect(() => parseRouterTarget(text)).toThrow(`malformed router target: ${text}`);
  }
  expect(() => IpPrefix.parse("::/129")).toThrow("bad IPv6 prefix length: 129");
});
