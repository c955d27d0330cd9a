import type * as fabric from "./fabric-rows.ts";
import type * as rows from "./rows.ts";

/** The tables that desired states follow from, as they are at one moment. */
export interface Snapshot {
  readonly sleds: readonly fabric.SledRow[];
  readonly switches: readonly fabric.SwitchRow[];
  readonly switchPorts: readonly fabric.SwitchPortRow[];
  readonly projects: readonly rows.ProjectRow[];
  readonly vpcs: readonly rows.VpcRow[];
  readonly subnets: readonly rows.SubnetRow[];
  readonly routers: readonly rows.RouterRow[];
  readonly routes: readonly rows.RouteRow[];
  readonly firewallRules: readonly rows.FirewallRuleRow[];
  readonly instances: readonly rows.InstanceRow[];
  readonly probes: readonly rows.ProbeRow[];
  readonly interfaces: readonly rows.InterfaceRow[];
  readonly ipPools: readonly rows.IpPoolRow[];
  readonly ipPoolRanges: readonly rows.IpPoolRangeRow[];
  readonly ipPoolSilos: readonly rows.PoolLinkRow[];
  readonly gateways: readonly rows.GatewayRow[];
  readonly gatewayPools: readonly rows.GatewayPoolRow[];
  readonly gatewayAddresses: readonly rows.GatewayAddressRow[];
  readonly externalIps: readonly rows.ExternalIpRow[];
  readonly externalSubnets: readonly rows.ExternalSubnetRow[];
  readonly loopbackAddresses: readonly fabric.LoopbackAddressRow[];
  readonly announcements: readonly fabric.AnnouncementRow[];
  readonly bgpConfigs: readonly fabric.BgpConfigRow[];
  readonly bfdSessions: readonly fabric.BfdSessionRow[];
  readonly portSettings: readonly fabric.PortSettingsRow[];
  /** Settings of the fleet, by their keys. */
  readonly settings: readonly { readonly key: string; readonly value: unknown }[];
}

/** Rows by one of their columns, each with all that share it. */
export function groupBy<Row, Key>(
  rowsToGroup: readonly Row[],
  key: (row: Row) => Key,
): ReadonlyMap<Key, readonly Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rowsToGroup) {
    const at = key(row);
    const group = groups.get(at);
    if (group === undefined) groups.set(at, [row]);
    else group.push(row);
  }
  return groups;
}

/** Rows by their identifiers. */
export function byId<Row extends { readonly id: string }>(rowsToIndex: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rowsToIndex.map((row) => [row.id, row]));
}
