import { isGiven } from "./given.ts";
import type {
  AnnouncementState,
  BgpPeerState,
  BgpRouterState,
  SwitchState,
  UplinkState,
} from "../sled-interface/switch-state.ts";
import { type ExternalView, translations } from "./external.ts";
import type { BgpPeerSettings, LldpLinkSettings, PortSettings, SwitchRow } from "./fabric-rows.ts";
import { bitsOf, blockOfRange, familyOf, prefixesOf } from "./ip-block.ts";
import type { VpcView } from "./network-view.ts";
import { byId, groupBy, type Snapshot } from "./snapshot.ts";

/** A switch's desired state before it has a generation. */
export type SwitchIntent = Omit<SwitchState, "generation">;

/** The desired state of each switch. */
export function switchIntents(
  snapshot: Snapshot,
  views: readonly VpcView[],
  external: ExternalView,
): ReadonlyMap<string, SwitchIntent> {
  const shared = translations(views, external);
  const following = followingAnnouncements(snapshot);
  const settings = byId(snapshot.portSettings);
  const intents = snapshot.switches
    .filter(({ is_present: isPresent }) => isPresent)
    .map((row) => {
      const ports = snapshot.switchPorts
        .filter((port) => port.rack_id === row.rack_id && port.switch_slot === row.switch_slot)
        .toSorted((one, other) => (one.port_name < other.port_name ? -1 : 1))
        .flatMap((port) => {
          const applied = port.port_settings_id === null ? undefined : settings.get(port.port_settings_id)?.settings;
          return applied === undefined ? [] : [{ port, settings: applied }];
        });
      const peers = ports.flatMap(({ port, settings: { bgp_peers } }) =>
        bgp_peers.map((peer) => ({ config: peer.bgp_config, state: peerState(port.port_name, peer) })),
      );
      const intent: SwitchIntent = {
        switch_id: row.id,
        rack_id: row.rack_id,
        switch_slot: row.switch_slot,
        ...shared,
        loopback_addresses: loopbacksOf(snapshot, row),
        uplinks: ports.map(({ port, settings: applied }) => uplinkState(port.port_name, applied, port.lldp)),
        bgp: bgpRouters(snapshot, peers, following),
        bfd: snapshot.bfdSessions
          .filter(({ switch_slot }) => switch_slot === row.switch_slot)
          .map(({ remote, local, mode, detection_threshold, required_rx }) => ({
            remote,
            local,
            mode,
            detection_threshold,
            required_rx,
          }))
          .toSorted((one, other) => (one.remote < other.remote ? -1 : 1)),
      };
      return [row.id, intent] as const;
    });
  return new Map(intents);
}

function loopbacksOf(
  { loopbackAddresses }: Snapshot,
  { rack_id, switch_slot }: SwitchRow,
): SwitchState["loopback_addresses"] {
  return loopbackAddresses
    .filter((row) => row.rack_id === rack_id && row.switch_slot === switch_slot)
    .map(({ address, anycast }) => ({ address, anycast }))
    .toSorted((one, other) => (one.address < other.address ? -1 : 1));
}

/** Prefixes that follow what instances can have and have: pools, floating IPs in use, attached external subnets. */
function followingAnnouncements(
  snapshot: Snapshot,
): readonly (readonly [string, AnnouncementState["origins"][number]])[] {
  const linked = new Set(snapshot.ipPoolSilos.map(({ pool_id }) => pool_id));
  const unicast = new Set(
    snapshot.ipPools.flatMap(({ id, pool_type: type }) => (type === "unicast" && linked.has(id) ? [id] : [])),
  );
  return [
    ...snapshot.ipPoolRanges
      .filter(({ ip_pool_id }) => unicast.has(ip_pool_id))
      .flatMap((range) => prefixesOf(blockOfRange(range)).map((prefix) => [prefix, "ip_pool"] as const)),
    ...snapshot.externalIps.flatMap(({ kind, ip, instance_id }) =>
      kind === "floating" && instance_id !== null ? [[`${ip}/${bitsOf(familyOf(ip))}`, "floating_ip"] as const] : [],
    ),
    ...snapshot.externalSubnets.flatMap(({ subnet, instance_id }) =>
      instance_id === null ? [] : [[subnet, "external_subnet"] as const],
    ),
  ];
}

function bgpRouters(
  { bgpConfigs, announcements }: Snapshot,
  peers: readonly { readonly config: string; readonly state: BgpPeerState }[],
  following: ReturnType<typeof followingAnnouncements>,
): BgpRouterState[] {
  const byConfig = groupBy(peers, ({ config }) => config);
  return bgpConfigs
    .flatMap(({ id, asn, vrf, max_paths, bgp_announce_set_id }) => {
      const own = byConfig.get(id);
      if (own === undefined) return [];
      const origins = new Map<string, Set<AnnouncementState["origins"][number]>>();
      const set = announcements.filter(({ announce_set_id }) => announce_set_id === bgp_announce_set_id);
      const named = set.map(({ network }) => [network, "announce_set"] as const);
      for (const [prefix, origin] of [...named, ...following]) {
        origins.set(prefix, (origins.get(prefix) ?? new Set()).add(origin));
      }
      const announced = [...origins]
        .map(([prefix, from]) => ({ prefix, origins: [...from].toSorted() }))
        .toSorted((one, other) => (one.prefix < other.prefix ? -1 : 1));
      return [{ asn, vrf, max_paths, announced, peers: own.map(({ state }) => state) }];
    })
    .toSorted((one, other) => one.asn - other.asn);
}

function peerState(
  portName: string,
  { link_name, bgp_config: _, ...peer }: BgpPeerSettings & { link_name: string },
): BgpPeerState {
  return {
    port_name: portName,
    link_name,
    addr: peer.addr,
    remote_asn: peer.remote_asn ?? null,
    allowed_import: peer.allowed_import as BgpPeerState["allowed_import"],
    allowed_export: peer.allowed_export as BgpPeerState["allowed_export"],
    communities: [...peer.communities],
    hold_time: peer.hold_time,
    keepalive: peer.keepalive,
    connect_retry: peer.connect_retry,
    delay_open: peer.delay_open,
    idle_hold_time: peer.idle_hold_time,
    enforce_first_as: peer.enforce_first_as,
    local_pref: peer.local_pref ?? null,
    multi_exit_discriminator: peer.multi_exit_discriminator ?? null,
    min_ttl: peer.min_ttl ?? null,
    md5_auth_key: peer.md5_auth_key ?? null,
    vlan_id: peer.vlan_id ?? null,
  };
}

function uplinkState(portName: string, settings: PortSettings, lldp: LldpLinkSettings | null): UplinkState {
  return {
    port_name: portName,
    geometry: settings.geometry,
    links: settings.links.map(({ link_name, mtu, speed, fec, autoneg, tx_eq, lldp: own }) => ({
      link_name,
      mtu,
      speed,
      fec: fec ?? null,
      autoneg,
      tx_eq: !isGiven(tx_eq)
        ? null
        : Object.fromEntries(Object.entries(tx_eq).map(([tap, value]) => [tap, value ?? null])),
      lldp: lldpState(lldp ?? own),
    })),
    interfaces: settings.interfaces.map(({ link_name, v6_enabled, kind }) => ({
      link_name,
      kind: kind.type,
      vid: kind.type === "vlan" ? kind.vid : null,
      v6_enabled,
    })),
    addresses: settings.addresses.map(({ link_name, address, vlan_id }) => ({ link_name, address, vlan_id })),
    static_routes: settings.routes.map(({ link_name, dst, gw, rib_priority, vid }) => ({
      link_name,
      destination: dst,
      gateway: gw,
      rib_priority,
      vlan_id: vid,
    })),
  };
}

function lldpState(lldp: LldpLinkSettings): UplinkState["links"][number]["lldp"] {
  return {
    enabled: lldp.enabled,
    link_name: lldp.link_name ?? null,
    link_description: lldp.link_description ?? null,
    chassis_id: lldp.chassis_id ?? null,
    system_name: lldp.system_name ?? null,
    system_description: lldp.system_description ?? null,
    management_ip: lldp.management_ip ?? null,
  };
}
