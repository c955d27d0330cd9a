import type { MappingState, PortState, SledState } from "../sled-interface/sled-state.ts";
import { nameServersOf } from "./directory-states.ts";
import { type ExternalView, familyState, subnetAddress } from "./external.ts";
import type { SledRow } from "./fabric-rows.ts";
import { firewallView } from "./firewall.ts";
import { familyOf } from "./ip-block.ts";
import { wellKnown } from "./limits.ts";
import type { PlacedInterface, VpcView } from "./network-view.ts";
import { routesOfSubnet } from "./routes.ts";
import { groupBy, type Snapshot } from "./snapshot.ts";

/** A sled's desired state before it has a generation. */
export type SledIntent = Omit<SledState, "generation">;

/** What guests are told, from the settings of the fleet. */
interface GuestSettings {
  readonly dns: readonly string[];
  /** The VPC has names, which are asked for at an address of the subnet. */
  readonly hasNames: boolean;
  readonly projectNames: ReadonlyMap<string, string>;
  readonly hasJumboFrames: boolean;
}

/** The desired state of each sled. Parts that sleds share, such as the mappings of a VPC, are one object. */
export function sledIntents(
  snapshot: Snapshot,
  views: readonly VpcView[],
  external: ExternalView,
): ReadonlyMap<string, SledIntent> {
  const settings = guestSettings(snapshot);
  const ports = new Map<string, PortState[]>();
  const mappings = new Map<string, MappingState[]>();
  for (const view of views) {
    const placed = view.interfaces.filter(({ sled }) => sled !== undefined);
    if (placed.length === 0) continue;
    const mapping = mappingOf(view, placed);
    const portOf = portMaker(view, external, settings);
    for (const [sledId, own] of groupBy(placed, ({ sled }) => sled?.id ?? "")) {
      append(ports, sledId, own.map(portOf));
      append(mappings, sledId, [mapping]);
    }
  }
  const instances = groupBy(snapshot.instances, ({ sled_id }) => sled_id);
  const boundaries = new Map<string, SledState["boundary"]>();
  const intents = snapshot.sleds
    .filter(({ is_present: isPresent }) => isPresent)
    .map((sled) => {
      let boundary = boundaries.get(sled.rack_id);
      if (boundary === undefined) boundaries.set(sled.rack_id, (boundary = boundaryOf(snapshot, sled.rack_id)));
      const intent: SledIntent = {
        sled_id: sled.id,
        underlay_ip: sled.underlay_ip,
        instances: instancesOf(instances.get(sled.id) ?? []),
        ports: (ports.get(sled.id) ?? []).toSorted((one, other) => (one.id < other.id ? -1 : 1)),
        mappings: (mappings.get(sled.id) ?? []).toSorted((one, other) => one.vni - other.vni),
        boundary,
      };
      return [sled.id, intent] as const;
    });
  return new Map(intents);
}

function append<T>(lists: Map<string, T[]>, key: string, items: readonly T[]): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [...items]);
  else list.push(...items);
}

function instancesOf(rows: Snapshot["instances"]): SledState["instances"] {
  return rows
    .map(({ id, name, hostname, kind, ncpus, memory, intent, incarnation }) => ({
      id,
      name,
      hostname,
      kind,
      ncpus,
      memory,
      run: intent,
      incarnation,
    }))
    .toSorted((one, other) => (one.id < other.id ? -1 : 1));
}

function mappingOf({ vpc }: VpcView, placed: readonly PlacedInterface[]): MappingState {
  const guests = placed.flatMap(({ nic, sled }) =>
    [nic.ipv4, nic.ipv6].flatMap((ip) =>
      ip === null || sled === undefined ? [] : [{ ip, mac: nic.mac, underlay_ip: sled.underlay_ip }],
    ),
  );
  return { vni: vpc.vni, guests: guests.toSorted((one, other) => (one.ip < other.ip ? -1 : 1)) };
}

function portMaker(
  view: VpcView,
  external: ExternalView,
  { dns, hasNames, projectNames, hasJumboFrames }: GuestSettings,
): (placed: PlacedInterface) => PortState {
  const firewall = firewallView(view);
  const routes = new Map(view.subnets.map((subnet) => [subnet.id, routesOfSubnet(view, subnet)]));
  const { vpc } = view;
  const project = projectNames.get(vpc.project_id) ?? "";
  const domain = `${vpc.dns_name}.${project}.internal`;
  return (placed) => {
    const { nic, owner, instance, subnet } = placed;
    const ips = external.ipsOf(owner.id);
    const subnets = external.subnetsOf(owner.id);
    const gateways = nic.is_primary ? ips.map((ip) => [ip.ip, external.gatewaysOf(view, ip)] as const) : [];
    const ipv4 = familyState(placed, 4, ips, subnets);
    const ipv6 = familyState(placed, 6, ips, subnets);
    const has = { 4: ipv4 !== null, 6: ipv6 !== null };
    const own = hasNames
      ? [ipv4, ipv6].flatMap((family) => (family === null ? [] : [nameServerOf(family.subnet)]))
      : [];
    const servers = (family: 4 | 6): string[] => [...own, ...dns].filter((server) => familyOf(server) === family);
    return {
      id: nic.id,
      name: nic.name,
      owner,
      project,
      vpc: vpc.name,
      slot: nic.slot,
      is_primary: nic.is_primary,
      guest_mac: nic.mac,
      gateway_mac: wellKnown.gatewayMac,
      vni: vpc.vni,
      mtu: hasJumboFrames && instance?.enable_jumbo_frames === true ? 8500 : 1500,
      ipv4,
      ipv6,
      dhcp: {
        ...{ hostname: instance?.hostname ?? null, domain, search_list: [domain] },
        ...{ dns4: servers(4), dns6: servers(6) },
      },
      name_servers: own,
      internet_gateways: Object.fromEntries(gateways.filter(([, ids]) => ids.length > 0)),
      firewall_rules: firewall.rulesOf(placed) as PortState["firewall_rules"],
      routes: (routes.get(subnet.id) ?? []).filter(({ destination }) => has[familyOf(destination)]),
    };
  };
}

/** Where guests of a subnet ask for names: the address after the gateway's, which no guest has. */
function nameServerOf(subnet: string): string {
  return subnetAddress(subnet, 2n);
}

/** Prefixes that the rack's uplinks have static routes to, with the switches that have them. */
function boundaryOf(snapshot: Snapshot, rackId: SledRow["rack_id"]): SledState["boundary"] {
  const endpoints = new Map<string, Set<string>>();
  for (const { rack_id, switch_slot, tunnel_endpoint, is_present: isPresent } of snapshot.switches) {
    if (rack_id !== rackId || !isPresent) continue;
    const ports = snapshot.switchPorts.filter((port) => port.rack_id === rackId && port.switch_slot === switch_slot);
    for (const { port_settings_id: id } of ports) {
      const routes = snapshot.portSettings.find((settings) => settings.id === id)?.settings.routes ?? [];
      for (const { dst } of routes) endpoints.set(dst, (endpoints.get(dst) ?? new Set()).add(tunnel_endpoint));
    }
  }
  return [...endpoints]
    .map(([prefix, addresses]) => ({ prefix, endpoints: [...addresses].toSorted() }))
    .toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1));
}

function guestSettings(snapshot: Snapshot): GuestSettings {
  const { settings, projects } = snapshot;
  const value = (key: string): unknown => settings.find((row) => row.key === key)?.value;
  const dns = value("guest_dns") as readonly string[] | undefined;
  const networking = value("networking") as { readonly external_jumbo_frames_opt_in_enabled?: boolean } | undefined;
  const projectNames = new Map(projects.map(({ id, name }) => [id, name]));
  const hasNames = nameServersOf(snapshot).length > 0;
  return {
    dns: dns ?? [],
    hasNames,
    projectNames,
    hasJumboFrames: networking?.external_jumbo_frames_opt_in_enabled === true,
  };
}
