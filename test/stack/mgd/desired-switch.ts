import type {
  BgpPeerState,
  BgpRouterState,
  SwitchState,
} from "../../../src/stack/nexus/sled-interface/switch-state.ts";

/** A switch that shall have nothing, but what a test says. */
export function switchOf(change: Partial<SwitchState> = {}): SwitchState {
  return {
    ...{ switch_id: "a1b2c3d4-0000-4000-8000-000000000000", generation: 1, rack_id: "r", switch_slot: "switch0" },
    ...{ nat: [], attached_subnets: [], loopback_addresses: [], uplinks: [], bgp: [], bfd: [], ...change },
  };
}

type Uplink = SwitchState["uplinks"][number];

/** An uplink with these addresses. */
export function uplinkOf(port: string, addresses: readonly string[], change: Partial<Uplink> = {}): Uplink {
  const link_name = "phy0";
  const lldp = {
    ...{ enabled: true, link_name: null, link_description: null, chassis_id: null },
    ...{ system_name: null, system_description: null, management_ip: null },
  };
  return {
    port_name: port,
    geometry: "qsfp28x1",
    links: [{ link_name, mtu: 1500, speed: "speed100_g", fec: "rs", autoneg: false, tx_eq: null, lldp }],
    interfaces: [],
    addresses: addresses.map((address) => ({ link_name, address, vlan_id: null })),
    static_routes: [],
    ...change,
  };
}

/** A BGP peer of qsfp0 without special wishes. */
export function peerOf(change: Partial<BgpPeerState> = {}): BgpPeerState {
  return {
    ...{ port_name: "qsfp0", link_name: "phy0", addr: { type: "numbered", ip: "192.0.2.2" }, remote_asn: 64501 },
    ...{ allowed_import: { type: "no_filtering" }, allowed_export: { type: "no_filtering" }, communities: [] },
    ...{ hold_time: 30, keepalive: 10, connect_retry: 3, delay_open: 0, idle_hold_time: 0, enforce_first_as: false },
    ...{ local_pref: null, multi_exit_discriminator: null, min_ttl: null, md5_auth_key: null, vlan_id: null },
    ...change,
  };
}

/** A BGP router of AS 64500 that announces these prefixes. */
export function routerOf(
  peers: readonly BgpPeerState[],
  announced: readonly string[] = ["198.51.100.0/26"],
  change: Partial<BgpRouterState> = {},
): BgpRouterState {
  return {
    ...{ asn: 64500, vrf: null, max_paths: 2, peers: [...peers] },
    announced: announced.map((prefix) => ({ prefix, origins: ["ip_pool"] })),
    ...change,
  };
}
