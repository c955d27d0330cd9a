import type { Identity } from "./rows.ts";

export type SwitchSlot = "switch0" | "switch1";

/** A rack. */
export interface RackRow {
  readonly id: string;
  readonly name: string;
  readonly time_created: string;
  readonly time_modified: string;
}

/** A sled, as the configuration tells of it. */
export interface SledRow {
  readonly id: string;
  readonly name: string;
  readonly rack_id: string;
  /** Its address on the underlay. */
  readonly underlay_ip: string;
  readonly hardware_threads: number;
  /** Bytes. */
  readonly physical_ram: number;
  readonly provision_policy: "provisionable" | "non_provisionable";
  /** Whether the configuration still has it. */
  readonly is_present: boolean;
  readonly time_created: string;
  readonly time_modified: string;
}

/** A switch, as the configuration tells of it. */
export interface SwitchRow {
  readonly id: string;
  readonly name: string;
  readonly rack_id: string;
  readonly switch_slot: SwitchSlot;
  /** Where sleds send what leaves the rack: the tunnel endpoint. */
  readonly tunnel_endpoint: string;
  readonly is_present: boolean;
  readonly time_created: string;
  readonly time_modified: string;
}

/** A port of a switch that leads out of the rack. */
export interface SwitchPortRow {
  readonly id: string;
  readonly rack_id: string;
  readonly switch_slot: SwitchSlot;
  readonly port_name: string;
  readonly port_settings_id: string | null;
  readonly lldp: LldpLinkSettings | null;
}

/** What a port says of itself by LLDP. */
export interface LldpLinkSettings {
  readonly enabled: boolean;
  readonly link_name?: string | null | undefined;
  readonly link_description?: string | null | undefined;
  readonly chassis_id?: string | null | undefined;
  readonly system_name?: string | null | undefined;
  readonly system_description?: string | null | undefined;
  readonly management_ip?: string | null | undefined;
}

/** Addresses that the customer gave. */
export interface AddressLotRow extends Identity {
  readonly kind: "infra" | "pool";
}

/** A part of a lot, both ends included. */
export interface AddressLotBlockRow {
  readonly id: string;
  readonly address_lot_id: string;
  readonly first_address: string;
  readonly last_address: string;
}

/** An address of a switch itself. */
export interface LoopbackAddressRow {
  readonly id: string;
  readonly rack_id: string;
  readonly switch_slot: SwitchSlot;
  /** With its length, `10.0.0.1/32`. */
  readonly address: string;
  readonly address_lot_block_id: string;
  readonly anycast: boolean;
}

/** A BGP router. */
export interface BgpConfigRow extends Identity {
  readonly asn: number;
  readonly vrf: string | null;
  readonly max_paths: number;
  readonly bgp_announce_set_id: string;
}

/** Prefixes to announce. */
export type AnnounceSetRow = Identity;

/** One of them. */
export interface AnnouncementRow {
  readonly id: string;
  readonly announce_set_id: string;
  readonly address_lot_block_id: string;
  readonly network: string;
}

/** A BFD session. Times in microseconds. */
export interface BfdSessionRow {
  readonly id: string;
  readonly switch_slot: SwitchSlot;
  readonly remote: string;
  readonly local: string | null;
  readonly mode: "single_hop" | "multi_hop";
  readonly detection_threshold: number;
  readonly required_rx: number;
}

/** What of a BGP peer's routes is taken or told. */
export type ImportExportPolicy =
  { readonly type: "no_filtering" } | { readonly type: "allow"; readonly value: readonly string[] };

/** A BGP peer of a port. Times in seconds. */
export interface BgpPeerSettings {
  readonly addr:
    | { readonly type: "numbered"; readonly ip: string }
    | { readonly type: "unnumbered"; readonly router_lifetime: number };
  readonly bgp_config: string;
  readonly allowed_export: ImportExportPolicy;
  readonly allowed_import: ImportExportPolicy;
  readonly communities: readonly number[];
  readonly connect_retry: number;
  readonly delay_open: number;
  readonly enforce_first_as: boolean;
  readonly hold_time: number;
  readonly idle_hold_time: number;
  readonly keepalive: number;
  readonly local_pref?: number | null | undefined;
  readonly md5_auth_key?: string | null | undefined;
  readonly min_ttl?: number | null | undefined;
  readonly multi_exit_discriminator?: number | null | undefined;
  readonly remote_asn?: number | null | undefined;
  readonly vlan_id?: number | null | undefined;
}

/** The settings of a port: links, interfaces, addresses, routes, BGP peers. */
export interface PortSettingsRow extends Identity {
  readonly settings: PortSettings;
}

/** What is in them. */
export interface PortSettings {
  readonly geometry: "qsfp28x1" | "qsfp28x2" | "sfp28x4";
  readonly groups: readonly string[];
  readonly links: readonly {
    readonly link_name: string;
    readonly mtu: number;
    readonly speed: string;
    readonly fec?: string | null | undefined;
    readonly autoneg: boolean;
    readonly tx_eq?: Readonly<Record<string, number | null | undefined>> | null | undefined;
    readonly lldp: LldpLinkSettings;
  }[];
  readonly interfaces: readonly {
    readonly id: string;
    readonly link_name: string;
    readonly v6_enabled: boolean;
    readonly kind: { readonly type: "primary" | "loopback" } | { readonly type: "vlan"; readonly vid: number };
  }[];
  readonly addresses: readonly {
    readonly link_name: string;
    readonly address: string;
    readonly address_lot_id: string;
    readonly address_lot_block_id: string;
    readonly vlan_id: number | null;
  }[];
  readonly routes: readonly {
    readonly link_name: string;
    readonly dst: string;
    readonly gw: string;
    readonly rib_priority: number | null;
    readonly vid: number | null;
  }[];
  readonly bgp_peers: readonly (BgpPeerSettings & { readonly link_name: string })[];
}
