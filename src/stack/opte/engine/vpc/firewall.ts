import type { DirectedRules, Direction } from "../layer/layer.ts";
import type { Predicate, Range } from "../layer/predicate.ts";
import type { RuleSpec } from "../layer/rule-set.ts";
import type { IpAddress, IpPrefix } from "../parse/address.ts";
import { etherTypes, protocols } from "../parse/packet.ts";
import { hostPrefix } from "./gateway.ts";

/** The other end that a firewall rule is about: the destination going out, the source coming in. */
export type FirewallHosts =
  | { readonly kind: "any" }
  | { readonly kind: "ip"; readonly address: IpAddress }
  | { readonly kind: "subnet"; readonly prefix: IpPrefix }
  | { readonly kind: "vni"; readonly vni: number };

/** What a firewall rule is about. Types and codes of ICMP narrow it where given. */
export type FirewallProtocol =
  | { readonly kind: "any" | "arp" | "tcp" | "udp" }
  | { readonly kind: "icmp" | "icmp6"; readonly type?: number; readonly codes?: Range };

/** A rule of the VPC firewall (specification, section 1.12). */
export interface FirewallRule {
  readonly direction: Direction;
  readonly action: "allow" | "deny";
  /** 0 … 65535, the lower the earlier. */
  readonly priority: number;
  readonly hosts: FirewallHosts;
  readonly protocol: FirewallProtocol;
  /** Destination ports in both directions; none: all. */
  readonly ports: readonly number[] | readonly Range[];
}

/** The rule as a rule of the firewall layer. */
export function firewallRuleSpec(rule: FirewallRule): RuleSpec {
  return {
    priority: rule.priority,
    predicates: [...hostPredicates(rule), ...protocolPredicates(rule.protocol), ...portPredicates(rule.ports)],
    action: { kind: rule.action === "allow" ? "stateful-allow" : "deny" },
  };
}

/** All rules, each in its direction. */
export function firewallRules(rules: readonly FirewallRule[]): DirectedRules {
  const of = (direction: Direction): RuleSpec[] =>
    rules.filter((rule) => rule.direction === direction).map(firewallRuleSpec);
  return { in: of("in"), out: of("out") };
}

function hostPredicates({ hosts, direction }: FirewallRule): Predicate[] {
  const kind = direction === "in" ? "source" : "destination";
  switch (hosts.kind) {
    case "any":
      return [];
    case "ip":
      return [{ kind, values: [hostPrefix(hosts.address)] }];
    case "subnet":
      return [{ kind, values: [hosts.prefix] }];
    case "vni":
      return [{ kind: "meta", key: "vni", value: String(hosts.vni) }];
  }
}

function protocolPredicates(protocol: FirewallProtocol): Predicate[] {
  switch (protocol.kind) {
    case "any":
      return [];
    case "arp":
      return [{ kind: "ether-type", values: [etherTypes.arp] }];
    case "tcp":
    case "udp":
      return [{ kind: "protocol", values: [protocols[protocol.kind]] }];
    case "icmp":
    case "icmp6": {
      const predicates: Predicate[] = [{ kind: "protocol", values: [protocols[protocol.kind]] }];
      const { type, codes } = protocol;
      if (type !== undefined) predicates.push({ kind: "icmp-type", values: [{ low: type, high: type }] });
      if (codes !== undefined) predicates.push({ kind: "icmp-code", values: [codes] });
      return predicates;
    }
  }
}

function portPredicates(ports: FirewallRule["ports"]): Predicate[] {
  if (ports.length === 0) return [];
  return [{ kind: "destination-port", values: coalescePorts(ports) }];
}

/** Ports and ranges sorted, each once, neighbours joined: 80,443,1000,1001 → 80, 443, 1000–1001. */
export function coalescePorts(ports: readonly (number | Range)[]): Range[] {
  const ranges = ports
    .map((port) => (typeof port === "number" ? { low: port, high: port } : port))
    .toSorted((a, b) => a.low - b.low);
  const joined: { low: number; high: number }[] = [];
  for (const { low, high } of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && low <= last.high + 1) last.high = Math.max(last.high, high);
    else joined.push({ low, high });
  }
  return joined;
}
