import type { MulticastTable } from "../engine/host/multicast.ts";
import { saveRuleNumbers } from "../engine/vpc/rule-numbers.ts";
import type { ExternalIpRequest, VpcPort } from "../engine/vpc/vpc-port.ts";
import type { PortRecord, Sled } from "./sled.ts";
import type { SavedState, SledPort, SledState } from "./sled-state.ts";

/** What a sled has been told, as `reconcile` takes it. */
export function stateOf(sled: Sled): SledState {
  const { v2p, v2b, m2p, multicast } = sled.opte;
  return {
    underlay: sled.underlay === undefined ? null : [...sled.underlay],
    ports: sled.records.map(portState),
    v2p: v2p.vnis.flatMap((vni) =>
      v2p.entries(vni).map(({ ip, mac, underlay }) => ({ vni, ip: ip.text, mac: mac.text, underlay: underlay.text })),
    ),
    v2b: v2b.entries.map(({ prefix, endpoints }) => ({
      prefix: prefix.text,
      endpoints: endpoints.map(({ text }) => text),
    })),
    m2p: m2p.entries.map(({ ip, underlay }) => ({ group: ip.text, underlay: underlay.text })),
    forwarding: forwardingOf(multicast),
    subscriptions: multicast.subscriptions.flatMap(({ group, ports }) =>
      Array.from(ports, ([port, { mode, sources }]) => ({
        group: group.text,
        port,
        filter: { mode, sources: sources.map(({ text }) => text) },
      })),
    ),
    peerings: v2p.peerings.map(([first, second]) => [first, second]),
  };
}

/** What a sled has been told, and the ids and counters of its rules, to be saved. */
export function savedStateOf(sled: Sled): SavedState {
  const numbers = sled.records.map(({ port }) => [port.name, saveRuleNumbers(port)] as const);
  // Through JSON: it is the engine's read-only form otherwise.
  return {
    ...stateOf(sled),
    ruleNumbers: JSON.parse(JSON.stringify(Object.fromEntries(numbers))) as SavedState["ruleNumbers"],
  };
}

function forwardingOf(multicast: MulticastTable): SledState["forwarding"] {
  return multicast.forwarding.flatMap(({ group, nextHops }) =>
    nextHops.map(({ address, vni, replication, filter }) => ({
      underlay: group.text,
      nextHop: address.text,
      vni,
      replication,
      filter: { mode: filter.mode, sources: filter.sources.map(({ text }) => text) },
    })),
  );
}

/** A port as it is now: its configuration with the addresses and prefixes that were changed since it was made. */
export function portState(record: PortRecord): SledPort {
  const { port, attachment, routes, firewall, gateways, external, services, bandwidth } = record;
  const { configuration } = port;
  const family = (version: 4 | 6): SledPort["configuration"]["ipv4"] => {
    const given = version === 4 ? configuration.ipv4 : configuration.ipv6;
    if (given === undefined) return undefined;
    const { subnet, privateIp, gatewayIp } = given;
    const now = version === 4 ? external.ipv4 : external.ipv6;
    return { subnet, privateIp, gatewayIp, ...definedOf(now ?? {}), ...prefixesOf(port, version) };
  };
  const [ipv4, ipv6] = [family(4), family(6)];
  // Through JSON: it is the engine's read-only form otherwise.
  return JSON.parse(
    JSON.stringify({
      name: port.name,
      attachment,
      configuration: { ...configuration, ipv4, ipv6 },
      routes,
      firewall: firewall.map(({ text }) => text),
      gateways,
      services,
      bandwidth,
    }),
  ) as SledPort;
}

function definedOf({ snat, ephemeral, floating }: NonNullable<ExternalIpRequest["ipv4"]>): object {
  return { snat, ephemeral, floating };
}

function prefixesOf(port: VpcPort, version: 4 | 6): object {
  const attached = port.attachedSubnets.filter(({ prefix }) => prefix.family === version);
  const transit = port.transitIps.filter(({ prefix }) => prefix.family === version);
  return {
    ...(attached.length === 0
      ? {}
      : {
          attachedSubnets: Object.fromEntries(attached.map(({ prefix, isExternal }) => [prefix.text, { isExternal }])),
        }),
    ...(transit.length === 0
      ? {}
      : { transitIps: Object.fromEntries(transit.map((hole) => [hole.prefix.text, { in: hole.in, out: hole.out }])) }),
  };
}

/** JSON whose keys are sorted and from which undefined is absent: equal for what means the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    each !== null && typeof each === "object" && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
