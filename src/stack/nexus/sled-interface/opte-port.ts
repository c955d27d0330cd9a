import { parseRouterTarget } from "../../opte/engine/layer/router-target.ts";
import { IpAddress, IpPrefix } from "../../opte/engine/parse/address.ts";
import type { FamilyConfiguration, PortConfiguration } from "../../opte/engine/vpc/configuration.ts";
import type { FirewallProtocol, FirewallRule } from "../../opte/engine/vpc/firewall.ts";
import type { RouterEntry } from "../../opte/engine/vpc/router.ts";
import type { FamilyState, FirewallRuleState, PortState, RouteState } from "./sled-state.ts";

/** A port of a desired state in OPTE's own words. `underlayIp` is the sled's. */
export function portConfiguration(port: PortState, underlayIp: string): PortConfiguration {
  const { hostname, domain, search_list, dns4, dns6 } = port.dhcp;
  return {
    guestMac: port.guest_mac,
    gatewayMac: port.gateway_mac,
    vni: port.vni,
    underlayIp,
    mtu: port.mtu,
    ipv4: port.ipv4 === null ? undefined : familyConfiguration(port.ipv4),
    ipv6: port.ipv6 === null ? undefined : familyConfiguration(port.ipv6),
    dhcp: { hostname: hostname ?? undefined, domain: domain ?? undefined, searchList: search_list, dns4, dns6 },
  };
}

function familyConfiguration(family: FamilyState): FamilyConfiguration {
  return {
    subnet: family.subnet,
    privateIp: family.private_ip,
    gatewayIp: family.gateway_ip,
    snat: family.snat ?? undefined,
    ephemeral: family.ephemeral ?? undefined,
    floating: family.floating,
    attachedSubnets: Object.fromEntries(
      family.attached_subnets.map(({ subnet, is_external: isExternal }) => [subnet, { isExternal }]),
    ),
    transitIps: Object.fromEntries(family.transit_ips.map((prefix) => [prefix, { in: true, out: true }])),
  };
}

/** A rule in OPTE's own words. @throws PacketError for an address that is none */
export function firewallRule({ direction, action, priority, hosts, protocol, ports }: FirewallRuleState): FirewallRule {
  return { direction, action, priority, hosts: hostsOf(hosts), protocol: protocolOf(protocol), ports };
}

/** A rule as opted takes it, `parseFirewallRule` of which is {@link firewallRule}. */
export function firewallRuleText(rule: FirewallRuleState): string {
  const { direction, action, priority, hosts, protocol, ports } = rule;
  return [
    ...[`dir=${direction}`, `action=${action}`, `priority=${priority}`, `hosts=${hostsText(hosts)}`],
    `protocol=${protocolText(protocol)}`,
    `port=${ports.length === 0 ? "any" : ports.map(({ low, high }) => `${low}-${high}`).join(",")}`,
  ].join(" ");
}

function hostsText(hosts: FirewallRuleState["hosts"]): string {
  switch (hosts.kind) {
    case "any":
      return "any";
    case "ip":
      return `ip=${hosts.address}`;
    case "subnet":
      return `subnet=${hosts.prefix}`;
    case "vni":
      return `vni=${hosts.vni}`;
  }
}

function protocolText({ kind, type, codes }: FirewallRuleState["protocol"]): string {
  if (type === undefined) return kind;
  return `${kind}:${type}${codes === undefined ? "" : `,${codes.low}-${codes.high}`}`;
}

function hostsOf(hosts: FirewallRuleState["hosts"]): FirewallRule["hosts"] {
  switch (hosts.kind) {
    case "any":
      return { kind: "any" };
    case "ip":
      return { kind: "ip", address: IpAddress.parse(hosts.address) };
    case "subnet":
      return { kind: "subnet", prefix: IpPrefix.parse(hosts.prefix) };
    case "vni":
      return { kind: "vni", vni: hosts.vni };
  }
}

function protocolOf({ kind, type, codes }: FirewallRuleState["protocol"]): FirewallProtocol {
  if (kind !== "icmp" && kind !== "icmp6") return { kind };
  return { kind, ...(type === undefined ? {} : { type }), ...(codes === undefined ? {} : { codes }) };
}

/** A route in OPTE's own words. @throws Error for a target that is none */
export function routerEntry({ destination, target, class: routeClass }: RouteState): RouterEntry {
  return { destination: IpPrefix.parse(destination), target: parseRouterTarget(target), class: routeClass };
}
