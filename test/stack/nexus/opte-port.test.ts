import { describe, expect, test } from "vitest";
import { firewallRule, firewallRuleText } from "../../../src/stack/nexus/sled-interface/opte-port.ts";
import type { FirewallRuleState } from "../../../src/stack/nexus/sled-interface/sled-state.ts";
import { parseFirewallRule } from "../../../src/stack/opte/engine/vpc/firewall-text.ts";

const hosts: readonly FirewallRuleState["hosts"][] = [
  { kind: "any" },
  { kind: "ip", address: "172.30.0.5" },
  { kind: "ip", address: "fd00::5" },
  { kind: "subnet", prefix: "10.0.0.0/8" },
  { kind: "vni", vni: 100 },
];
const protocols: readonly FirewallRuleState["protocol"][] = [
  { kind: "any" },
  { kind: "tcp" },
  { kind: "udp" },
  { kind: "icmp" },
  { kind: "icmp", type: 8 },
  { kind: "icmp6", type: 1, codes: { low: 3, high: 4 } },
];
const ports: readonly FirewallRuleState["ports"][] = [
  [],
  [{ low: 80, high: 80 }],
  [
    { low: 22, high: 22 },
    { low: 1000, high: 65_535 },
  ],
];

describe("a firewall rule for opted", () => {
  test("says in its text what it is", () => {
    for (const host of hosts) {
      for (const protocol of protocols) {
        for (const range of ports) {
          const rule: FirewallRuleState = {
            ...{ direction: "out", action: "deny", priority: 7 },
            ...{ hosts: host, protocol, ports: range },
          };
          expect(parseFirewallRule(firewallRuleText(rule))).toEqual(firewallRule(rule));
        }
      }
    }
  });

  test("a range of ports that is none is refused", () => {
    for (const port of ["9-8", "0-5", "1-2-3", "1-", "-2"]) {
      expect(() => parseFirewallRule(`dir=in action=allow priority=1 port=${port}`)).toThrow("bad port");
    }
  });
});
