import type { DatabaseSync } from "node:sqlite";
import type * as fabric from "../engine/fabric-rows.ts";
import type * as rows from "../engine/rows.ts";
import { Table } from "./table.ts";

/** A setting of the whole fleet, by its key. */
export interface SettingRow {
  readonly key: string;
  readonly value: unknown;
  readonly time_created: string;
  readonly time_modified: string;
}

/** What a target's desired state was when it last changed, and how often it has. */
export interface GenerationRow {
  readonly target: string;
  readonly generation: number;
  /** SHA-256 of the desired state as JSON. */
  readonly digest: string;
}

/** The tables of the database. */
export interface Tables {
  readonly meta: Table<{ readonly key: string; readonly value: string }>;
  readonly generations: Table<GenerationRow>;
  readonly racks: Table<fabric.RackRow>;
  readonly sleds: Table<fabric.SledRow>;
  readonly switches: Table<fabric.SwitchRow>;
  readonly switchPorts: Table<fabric.SwitchPortRow>;
  readonly projects: Table<rows.ProjectRow>;
  readonly vpcs: Table<rows.VpcRow>;
  readonly subnets: Table<rows.SubnetRow>;
  readonly routers: Table<rows.RouterRow>;
  readonly routes: Table<rows.RouteRow>;
  readonly firewallRules: Table<rows.FirewallRuleRow>;
  readonly instances: Table<rows.InstanceRow>;
  readonly interfaces: Table<rows.InterfaceRow>;
  readonly probes: Table<rows.ProbeRow>;
  readonly silos: Table<{ readonly id: string; readonly name: string }>;
  readonly settings: Table<SettingRow>;
  readonly ipPools: Table<rows.IpPoolRow>;
  readonly ipPoolRanges: Table<rows.IpPoolRangeRow>;
  readonly ipPoolSilos: Table<rows.PoolLinkRow>;
  readonly gateways: Table<rows.GatewayRow>;
  readonly gatewayPools: Table<rows.GatewayPoolRow>;
  readonly gatewayAddresses: Table<rows.GatewayAddressRow>;
  readonly externalIps: Table<rows.ExternalIpRow>;
  readonly subnetPools: Table<rows.SubnetPoolRow>;
  readonly subnetPoolMembers: Table<rows.SubnetPoolMemberRow>;
  readonly subnetPoolSilos: Table<rows.PoolLinkRow>;
  readonly externalSubnets: Table<rows.ExternalSubnetRow>;
  readonly addressLots: Table<fabric.AddressLotRow>;
  readonly addressLotBlocks: Table<fabric.AddressLotBlockRow>;
  readonly loopbackAddresses: Table<fabric.LoopbackAddressRow>;
  readonly announceSets: Table<fabric.AnnounceSetRow>;
  readonly announcements: Table<fabric.AnnouncementRow>;
  readonly bgpConfigs: Table<fabric.BgpConfigRow>;
  readonly bfdSessions: Table<fabric.BfdSessionRow>;
  readonly portSettings: Table<fabric.PortSettingsRow>;
}

/** The tables of an open database. */
export function tablesOf(database: DatabaseSync): Tables {
  const table = <Row extends object>(
    name: string,
    booleans: readonly (keyof Row & string)[] = [],
    json: readonly (keyof Row & string)[] = [],
  ): Table<Row> => new Table<Row>(database, { name, booleans, json });
  return {
    meta: table("meta"),
    generations: table("generation"),
    racks: table("rack"),
    sleds: table<fabric.SledRow>("sled", ["is_present"]),
    switches: table<fabric.SwitchRow>("switch", ["is_present"]),
    switchPorts: table<fabric.SwitchPortRow>("switch_port", [], ["lldp"]),
    projects: table("project"),
    vpcs: table("vpc"),
    subnets: table("subnet"),
    routers: table("router"),
    routes: table<rows.RouteRow>("route", [], ["destination", "target"]),
    firewallRules: table<rows.FirewallRuleRow>("firewall_rule", [], ["filters", "targets"]),
    instances: table<rows.InstanceRow>("instance", ["enable_jumbo_frames"]),
    interfaces: table<rows.InterfaceRow>("interface", ["is_primary"], ["transit_ips"]),
    probes: table("probe"),
    silos: table("silo"),
    settings: table<SettingRow>("setting", [], ["value"]),
    ipPools: table("ip_pool"),
    ipPoolRanges: table("ip_pool_range"),
    ipPoolSilos: table<rows.PoolLinkRow>("ip_pool_silo", ["is_default"]),
    gateways: table("gateway"),
    gatewayPools: table("gateway_ip_pool"),
    gatewayAddresses: table("gateway_ip_address"),
    externalIps: table("external_ip"),
    subnetPools: table("subnet_pool"),
    subnetPoolMembers: table("subnet_pool_member"),
    subnetPoolSilos: table<rows.PoolLinkRow>("subnet_pool_silo", ["is_default"]),
    externalSubnets: table("external_subnet"),
    addressLots: table("address_lot"),
    addressLotBlocks: table("address_lot_block"),
    loopbackAddresses: table<fabric.LoopbackAddressRow>("loopback_address", ["anycast"]),
    announceSets: table("announce_set"),
    announcements: table("announcement"),
    bgpConfigs: table("bgp_config"),
    bfdSessions: table("bfd_session"),
    portSettings: table<fabric.PortSettingsRow>("port_settings", [], ["settings"]),
  };
}
