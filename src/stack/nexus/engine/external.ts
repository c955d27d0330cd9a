import type { FamilyState } from "../sled-interface/sled-state.ts";
import type { NatState, SwitchState } from "../sled-interface/switch-state.ts";
import { addressText, blockOfPrefix, familyOf } from "./ip-block.ts";
import type { PlacedInterface, VpcView } from "./network-view.ts";
import type { ExternalIpRow, ExternalSubnetRow } from "./rows.ts";
import { groupBy, type Snapshot } from "./snapshot.ts";

/** What of the outside belongs to each owner of NICs. */
export interface ExternalView {
  ipsOf(ownerId: string): readonly ExternalIpRow[];
  subnetsOf(ownerId: string): readonly ExternalSubnetRow[];
  /** The gateways of a VPC by the external address that leaves through them. */
  gatewaysOf(view: VpcView, ip: ExternalIpRow): string[];
}

/** What of the outside belongs to whom. */
export function externalView(snapshot: Snapshot): ExternalView {
  const ips = groupBy(snapshot.externalIps, ({ instance_id, probe_id }) => instance_id ?? probe_id);
  const subnets = groupBy(snapshot.externalSubnets, ({ instance_id }) => instance_id);
  const pools = groupBy(snapshot.gatewayPools, ({ ip_pool_id }) => ip_pool_id);
  const addresses = groupBy(snapshot.gatewayAddresses, ({ address }) => address);
  return {
    ipsOf: (ownerId) => ips.get(ownerId) ?? [],
    subnetsOf: (ownerId) => subnets.get(ownerId) ?? [],
    gatewaysOf({ gateways }, { ip, ip_pool_id }) {
      const leading = [...(pools.get(ip_pool_id) ?? []), ...(addresses.get(ip) ?? [])];
      const ids = new Set(leading.map(({ internet_gateway_id }) => internet_gateway_id));
      return gateways.flatMap(({ id }) => (ids.has(id) ? [id] : []));
    },
  };
}

/** One family of a port; null if the NIC does not have it. External addresses are the primary NIC's. */
export function familyState(
  { nic, subnet }: PlacedInterface,
  family: 4 | 6,
  ips: readonly ExternalIpRow[],
  subnets: readonly ExternalSubnetRow[],
): FamilyState | null {
  const privateIp = family === 4 ? nic.ipv4 : nic.ipv6;
  if (privateIp === null) return null;
  const block = family === 4 ? subnet.ipv4_block : subnet.ipv6_block;
  const own = nic.is_primary ? ips.filter(({ ip }) => familyOf(ip) === family) : [];
  const snat = own.find(({ kind }) => kind === "snat");
  return {
    subnet: block,
    private_ip: privateIp,
    gateway_ip: subnetAddress(block, 1n),
    snat: snat === undefined ? null : { address: snat.ip, first: snat.first_port, last: snat.last_port },
    ephemeral: own.find(({ kind }) => kind === "ephemeral")?.ip ?? null,
    floating: own.flatMap(({ kind, ip }) => (kind === "floating" ? [ip] : [])).toSorted(),
    attached_subnets: (nic.is_primary ? subnets : [])
      .filter(({ subnet: prefix }) => familyOf(prefix) === family)
      .map(({ subnet: prefix }) => ({ subnet: prefix, is_external: true })),
    transit_ips: nic.transit_ips.filter((prefix) => familyOf(prefix) === family),
  };
}

/** An address of a subnet, counted from its first. */
export function subnetAddress(block: string, index: bigint): string {
  const { family, first } = blockOfPrefix(block);
  return addressText(family, first + index);
}

/** What switches do with external addresses: each block of ports, and each prefix, to its guest. */
export function translations(
  views: readonly VpcView[],
  external: ExternalView,
): Pick<SwitchState, "nat" | "attached_subnets"> {
  const nat: NatState[] = [];
  const attachedSubnets: SwitchState["attached_subnets"] = [];
  for (const { vpc, interfaces } of views) {
    for (const { nic, owner, sled } of interfaces) {
      if (sled === undefined || !nic.is_primary) continue;
      const target = { internal_ip: sled.underlay_ip, inner_mac: nic.mac, vni: vpc.vni };
      for (const { ip, first_port, last_port } of external.ipsOf(owner.id)) {
        nat.push({ external_ip: ip, first_port, last_port, target });
      }
      for (const { subnet } of external.subnetsOf(owner.id)) attachedSubnets.push({ subnet, target });
    }
  }
  nat.sort((one, other) => compare(one.external_ip, other.external_ip) || one.first_port - other.first_port);
  attachedSubnets.sort((one, other) => compare(one.subnet, other.subnet));
  return { nat, attached_subnets: attachedSubnets };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
