import { isGiven } from "./given.ts";
import type { FirewallRuleState } from "../sled-interface/sled-state.ts";
import { bitsOf, blockOf, contains, type IpBlock } from "./ip-block.ts";
import type { PlacedInterface, VpcView } from "./network-view.ts";
import type { FirewallHost, FirewallProtocol, FirewallRuleRow } from "./rows.ts";

/** A VPC's rules, ready to be asked which of them a NIC has. */
export interface FirewallView {
  /** The rules of a NIC; the same list for all NICs that have the same rules. */
  rulesOf(placed: PlacedInterface): readonly FirewallRuleState[];
}

/**
 * Resolve a VPC's firewall (OPTE's specification, section 1.12): names to addresses, a rule of n protocols and m hosts to n·m
 * ones. What a name no longer means is left out; a rule whose hosts are all gone applies to nobody.
 */
export function firewallView(view: VpcView): FirewallView {
  const resolved = view.firewallRules
    .filter(({ status }) => status === "enabled")
    .toSorted((one, other) => one.priority - other.priority || compareText(one.name, other.name))
    .map((rule) => ({ appliesTo: targetMatcher(rule, view), states: expand(rule, view) }))
    .filter(({ states }) => states.length > 0);
  const shared = new Map<string, readonly FirewallRuleState[]>();
  return {
    rulesOf(placed) {
      const own = resolved.filter(({ appliesTo }) => appliesTo(placed));
      const key = own.map((rule) => resolved.indexOf(rule)).join(",");
      let states = shared.get(key);
      if (states === undefined) shared.set(key, (states = own.flatMap((rule) => rule.states)));
      return states;
    },
  };
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function targetMatcher({ targets }: FirewallRuleRow, { vpc }: VpcView): (placed: PlacedInterface) => boolean {
  const named = new Map<FirewallHost["type"], Set<string>>();
  const blocks: IpBlock[] = [];
  for (const { type, value } of targets) {
    if (type === "ip" || type === "ip_net") blocks.push(blockOf(value));
    else named.set(type, (named.get(type) ?? new Set()).add(value));
  }
  if (named.get("vpc")?.has(vpc.name) === true) return () => true;
  return ({ nic, instance, subnet }) =>
    named.get("subnet")?.has(subnet.name) === true ||
    (instance !== undefined && named.get("instance")?.has(instance.name) === true) ||
    (blocks.length > 0 &&
      [nic.ipv4, nic.ipv6].some((ip) => ip !== null && blocks.some((block) => contains(block, blockOf(ip)))));
}

type Hosts = FirewallRuleState["hosts"];
type Protocol = FirewallRuleState["protocol"];

function expand(rule: FirewallRuleRow, view: VpcView): readonly FirewallRuleState[] {
  const { hosts, protocols, ports } = rule.filters;
  const resolvedHosts: readonly Hosts[] =
    !isGiven(hosts) || hosts.length === 0 ? [{ kind: "any" }] : hosts.flatMap((host) => hostsOf(host, view));
  const resolvedProtocols: readonly Protocol[] =
    !isGiven(protocols) || protocols.length === 0 ? [{ kind: "any" }] : protocols.map(protocolOf);
  const ranges = (ports ?? []).map((text) => {
    const [low = "", high = low] = text.split("-");
    return { low: Number(low), high: Number(high) };
  });
  return resolvedHosts.flatMap((host) =>
    resolvedProtocols.map((protocol) => ({
      direction: rule.direction === "inbound" ? ("in" as const) : ("out" as const),
      action: rule.action,
      priority: rule.priority,
      hosts: host,
      protocol,
      // ICMP has none.
      ports: protocol.kind === "icmp" || protocol.kind === "icmp6" ? [] : ranges,
    })),
  );
}

function hostsOf({ type, value }: FirewallHost, view: VpcView): readonly Hosts[] {
  switch (type) {
    case "vpc": {
      const vpc = view.siblings.get(value);
      return vpc === undefined ? [] : [{ kind: "vni", vni: vpc.vni }];
    }
    case "subnet": {
      const subnet = view.subnetByName.get(value);
      return subnet === undefined ? [] : [subnet.ipv4_block, subnet.ipv6_block].map(hostOfPrefix);
    }
    case "instance":
      return (view.interfacesByInstance.get(value) ?? []).flatMap(({ nic }) =>
        [nic.ipv4, nic.ipv6].flatMap((address) => (address === null ? [] : [{ kind: "ip" as const, address }])),
      );
    case "ip":
      return [{ kind: "ip", address: value }];
    case "ip_net":
      return [hostOfPrefix(value)];
  }
}

/** A prefix of one address is that address. */
function hostOfPrefix(prefix: string): Hosts {
  const [address = "", length] = prefix.split("/");
  const isHost = Number(length) === bitsOf(prefix.includes(":") ? 6 : 4);
  return isHost ? { kind: "ip", address } : { kind: "subnet", prefix };
}

function protocolOf(protocol: FirewallProtocol): Protocol {
  if (protocol.type === "tcp" || protocol.type === "udp") return { kind: protocol.type };
  const { type: kind, value } = protocol;
  if (value === null) return { kind };
  const { icmp_type: type, code } = value;
  if (!isGiven(code)) return { kind, type };
  const [low = "", high = low] = code.split("-");
  return { kind, type, codes: { low: Number(low), high: Number(high) } };
}
