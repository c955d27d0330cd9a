import type { SledRow } from "./fabric-rows.ts";
import type * as rows from "./rows.ts";
import { byId, groupBy, type Snapshot } from "./snapshot.ts";

/** A NIC with whose it is and where that is. */
export interface PlacedInterface {
  readonly nic: rows.InterfaceRow;
  readonly owner: { readonly kind: "instance" | "probe"; readonly id: string };
  readonly instance: rows.InstanceRow | undefined;
  readonly subnet: rows.SubnetRow;
  /** Where it is; undefined for what is stopped. */
  readonly sled: SledRow | undefined;
}

/** A VPC with all that is in it. */
export interface VpcView {
  readonly vpc: rows.VpcRow;
  readonly interfaces: readonly PlacedInterface[];
  readonly subnets: readonly rows.SubnetRow[];
  readonly subnetByName: ReadonlyMap<string, rows.SubnetRow>;
  readonly gateways: readonly rows.GatewayRow[];
  readonly routesByRouter: ReadonlyMap<string, readonly rows.RouteRow[]>;
  readonly firewallRules: readonly rows.FirewallRuleRow[];
  /** By name, those that have NICs in this VPC. */
  readonly interfacesByInstance: ReadonlyMap<string, readonly PlacedInterface[]>;
  /** Other VPCs of the project, and itself, by name. */
  readonly siblings: ReadonlyMap<string, rows.VpcRow>;
}

const none: readonly never[] = [];

/** The VPCs of a snapshot, each with what is in it. */
export function vpcViews(snapshot: Snapshot): readonly VpcView[] {
  const sleds = byId(snapshot.sleds.filter(({ is_present: isPresent }) => isPresent));
  const instances = byId(snapshot.instances);
  const probes = byId(snapshot.probes);
  const subnetsById = byId(snapshot.subnets);
  const place = (nic: rows.InterfaceRow): readonly PlacedInterface[] => {
    const subnet = subnetsById.get(nic.subnet_id);
    const instance = nic.instance_id === null ? undefined : instances.get(nic.instance_id);
    const probe = nic.probe_id === null ? undefined : probes.get(nic.probe_id);
    const sledId = instance?.sled_id ?? probe?.sled;
    const sled = sledId === undefined ? undefined : sleds.get(sledId);
    if (subnet === undefined) return none;
    if (instance !== undefined) return [{ nic, owner: { kind: "instance", id: instance.id }, instance, subnet, sled }];
    if (probe !== undefined)
      return [{ nic, owner: { kind: "probe", id: probe.id }, instance: undefined, subnet, sled }];
    return none;
  };
  const interfaces = groupBy(snapshot.interfaces.flatMap(place), ({ nic }) => nic.vpc_id);
  const subnets = groupBy(snapshot.subnets, ({ vpc_id }) => vpc_id);
  const gateways = groupBy(snapshot.gateways, ({ vpc_id }) => vpc_id);
  const routesByRouter = groupBy(snapshot.routes, ({ vpc_router_id }) => vpc_router_id);
  const rules = groupBy(snapshot.firewallRules, ({ vpc_id }) => vpc_id);
  const projects = groupBy(snapshot.vpcs, ({ project_id }) => project_id);
  const siblings = new Map([...projects].map(([id, vpcs]) => [id, new Map(vpcs.map((vpc) => [vpc.name, vpc]))]));
  return snapshot.vpcs.map((vpc) => {
    const own = interfaces.get(vpc.id) ?? none;
    const ownSubnets = subnets.get(vpc.id) ?? none;
    return {
      vpc,
      interfaces: own,
      subnets: ownSubnets,
      subnetByName: new Map(ownSubnets.map((subnet) => [subnet.name, subnet])),
      gateways: gateways.get(vpc.id) ?? none,
      routesByRouter,
      firewallRules: rules.get(vpc.id) ?? none,
      interfacesByInstance: groupBy(
        own.filter(({ instance }) => instance !== undefined),
        ({ instance }) => instance?.name ?? "",
      ),
      siblings: siblings.get(vpc.project_id) ?? new Map<string, rows.VpcRow>(),
    };
  });
}
