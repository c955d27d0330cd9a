import type { Descriptor } from "../layer/descriptor.ts";
import type { DirectedRules } from "../layer/layer.ts";
import type { Predicate } from "../layer/predicate.ts";
import type { RuleSpec } from "../layer/rule-set.ts";
import type { IpAddress, IpPrefix } from "../parse/address.ts";
import { flowHash } from "../parse/flow-hash.ts";
import { etherTypes } from "../parse/packet.ts";
import type { Family } from "./configuration.ts";
import { addressesByTarget, type ExternalIps, type InternetGateways, isOneToOne, type Snat } from "./external-ips.ts";
import { hostPrefix } from "./gateway.ts";
import { describeSnat, oneToOne } from "./nat-descriptor.ts";

/** One family's part of the NAT layer. */
export interface NatFamily {
  readonly family: Family;
  readonly external: ExternalIps;
  /** The addresses as they are at the time of asking, for flows decided earlier. */
  readonly current: () => ExternalIps;
  /** Prefixes that are the guest's outside too: their addresses pass as they are. */
  readonly externalSubnets: readonly IpPrefix[];
}

const priorities = { externalSubnet: 4, floating: 5, ephemeral: 10, snat: 100, miss: 255 } as const;

/** The rules of the NAT layer (specification, section 1.14). */
export function natRules(families: readonly NatFamily[], gateways: InternetGateways): DirectedRules {
  const parts = families.map((family) => familyRules(family, gateways));
  return {
    in: parts.flatMap((part) => part.in),
    out: [
      ...parts.flatMap((part) => part.out),
      // Towards an internet gateway, but with no address of the guest's that leads through it.
      {
        priority: priorities.miss,
        predicates: [{ kind: "meta", key: "router-target-class", value: "ig" }],
        action: { kind: "deny" },
      },
    ],
  };
}

function familyRules(nat: NatFamily, gateways: InternetGateways): DirectedRules {
  const { external } = nat;
  const rules = { in: [] as RuleSpec[], out: [] as RuleSpec[] };
  for (const prefix of nat.externalSubnets) {
    rules.out.push(externalSubnetRule(nat, prefix));
    rules.in.push({
      priority: priorities.externalSubnet,
      predicates: [etherType(nat), { kind: "destination", values: [prefix] }],
      action: { kind: "allow" },
    });
  }
  const groups = [
    { priority: priorities.floating, addresses: external.floating },
    { priority: priorities.ephemeral, addresses: external.ephemeral === undefined ? [] : [external.ephemeral] },
  ];
  for (const { priority, addresses } of groups) {
    if (addresses.length === 0) continue;
    rules.in.push(inboundRule(nat, priority, addresses));
    for (const [target, ofTarget] of addressesByTarget(addresses, gateways)) {
      rules.out.push(outboundRule(nat, priority, target, ofTarget));
    }
  }
  const { snat } = external;
  if (snat !== undefined) {
    for (const target of addressesByTarget([snat.address], gateways).keys())
      rules.out.push(snatRule(nat, target, snat));
  }
  return rules;
}

function externalSubnetRule(nat: NatFamily, prefix: IpPrefix): RuleSpec {
  return {
    priority: priorities.externalSubnet,
    predicates: [
      etherType(nat),
      { kind: "meta", key: "router-target-class", value: "ig" },
      { kind: "source", values: [prefix] },
    ],
    action: {
      kind: "meta",
      text: "external-ip-applied",
      apply: (walk) => {
        walk.externalIpApplied = true;
      },
    },
  };
}

/** Packets to any of the addresses reach the guest; answers keep the address. */
function inboundRule(nat: NatFamily, priority: number, addresses: readonly IpAddress[]): RuleSpec {
  const descriptors = descriptorsOf(nat, addresses);
  return {
    priority,
    predicates: [etherType(nat), { kind: "destination", values: addresses.map(hostPrefix) }],
    action: {
      kind: "stateful",
      text: `${nat.family.privateIp.text} <=> (external)`,
      describe: ({ packet }) => descriptors[addresses.findIndex((each) => each.isAt(packet.key, 5))],
    },
  };
}

/** Flows that the guest begins leave under one of the addresses, chosen by their hash. */
function outboundRule(nat: NatFamily, priority: number, target: string, addresses: readonly IpAddress[]): RuleSpec {
  const descriptors = descriptorsOf(nat, addresses);
  const texts = addresses.map(({ text }) => text);
  return {
    priority,
    predicates: [etherType(nat), { kind: "meta", key: "router-target", value: target }],
    action: {
      kind: "stateful",
      text: `${nat.family.privateIp.text} <=> ${texts.length === 1 ? (texts[0] ?? "") : `{${texts.join(",")}}`}`,
      describe: ({ packet }) => descriptors[flowHash(packet.key) % descriptors.length],
    },
  };
}

function snatRule(nat: NatFamily, target: string, snat: Snat): RuleSpec {
  const { pool, address } = snat;
  const text = address.family === 4 ? address.text : `[${address.text}]`;
  return {
    priority: priorities.snat,
    predicates: [etherType(nat), { kind: "meta", key: "router-target", value: target }],
    action: {
      kind: "stateful",
      text: `${text}:${pool.first}-${pool.last}`,
      describe: (walk) => describeSnat(walk, nat.family.privateIp, snat),
    },
  };
}

function descriptorsOf({ family, current }: NatFamily, addresses: readonly IpAddress[]): Descriptor[] {
  return addresses.map((address) => oneToOne(family.privateIp, address, () => isOneToOne(current(), address)));
}

function etherType({ family }: NatFamily): Predicate {
  return { kind: "ether-type", values: [family.version === 4 ? etherTypes.ipv4 : etherTypes.ipv6] };
}
