import { isGiven } from "../engine/given.ts";
import { limits, wellKnown } from "../engine/limits.ts";
import type { ProjectRow, VpcRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { defaultFirewallRules } from "./firewall.ts";
import { createGateway, linkDefaultPools } from "./gateways.ts";
import { requireFreeName } from "./lookup.ts";
import { identityChanges, type IdentityChange } from "./projects.ts";
import { invalid, limitReached } from "./refusals.ts";
import { renameReferences } from "./references.ts";
import { createSubnet } from "./subnets.ts";

/** What is said of a new VPC. */
export interface VpcCreate {
  readonly name: string;
  readonly description: string;
  readonly dns_name: string;
  readonly ipv6_prefix?: string | null | undefined;
}

/**
 * Make a VPC with what every VPC has: a system router with default routes to the internet gateway "default", the subnet
 * "default", and the default firewall rules.
 */
export function createVpc(store: Store, project: ProjectRow, { dns_name, ipv6_prefix, ...naming }: VpcCreate): VpcRow {
  const { vpcs, routers, routes, firewallRules } = store.tables;
  requireFreeName(vpcs, "vpc", { project_id: project.id, name: naming.name });
  if (vpcs.count({ project_id: project.id }) >= limits.vpcsPerProject) {
    throw limitReached("project", "VPCs per project", limits.vpcsPerProject);
  }
  const router = store.newIdentity({ name: "system", description: "Routes are automatically added to this router" });
  const vpc = vpcs.insert({
    ...store.newIdentity(naming),
    project_id: project.id,
    dns_name,
    ipv6_prefix: ipv6_prefix ?? newIpv6Prefix(store),
    system_router_id: router.id,
    vni: newVni(store),
  });
  requireUniqueLocal(vpc.ipv6_prefix);
  routers.insert({ ...router, vpc_id: vpc.id, kind: "system" });
  const gateway = createGateway(store, vpc, { name: "default", description: "Default VPC gateway" });
  linkDefaultPools(store, gateway);
  for (const [name, destination] of [
    ["default-v4", "0.0.0.0/0"],
    ["default-v6", "::/0"],
  ] as const) {
    routes.insert({
      ...store.newIdentity({ name, description: "The default route of a VPC" }),
      vpc_router_id: router.id,
      kind: "default",
      destination: { type: "ip_net", value: destination },
      target: { type: "internet_gateway", value: gateway.name },
    });
  }
  createSubnet(store, vpc, {
    name: "default",
    description: `The default subnet for ${vpc.name}`,
    ipv4_block: wellKnown.defaultSubnet,
  });
  for (const rule of defaultFirewallRules(vpc.name)) {
    const { name, description, ...rest } = rule;
    firewallRules.insert({ ...store.newIdentity({ name, description }), vpc_id: vpc.id, ...rest });
  }
  return vpc;
}

/** Change a VPC; firewall rules and routes that name it follow. @throws ApiError (400) for a name that is taken */
export function updateVpc(
  store: Store,
  vpc: VpcRow,
  { dns_name, ...change }: IdentityChange & { readonly dns_name?: string | null | undefined },
): VpcRow {
  const { vpcs } = store.tables;
  if (isGiven(change.name)) requireFreeName(vpcs, "vpc", { project_id: vpc.project_id, name: change.name }, vpc.id);
  const changes = { ...identityChanges(store, change), ...(!isGiven(dns_name) ? {} : { dns_name }) };
  vpcs.update({ id: vpc.id }, changes);
  if (changes.name !== undefined) {
    for (const { id } of vpcs.list({ project_id: vpc.project_id })) {
      renameReferences(store, id, "vpc", vpc.name, changes.name);
    }
  }
  return { ...vpc, ...changes };
}

/** @throws ApiError (400) while the VPC has subnets */
export function deleteVpc({ tables }: Store, { id, name }: VpcRow): void {
  const subnets = tables.subnets.count({ vpc_id: id });
  if (subnets > 0) throw invalid("vpc", `"${name}" cannot be deleted while it has ${subnets} subnets`);
  tables.vpcs.delete({ id });
}

/** A VPC's addresses are unique local ones (RFC 4193), a /48. */
function requireUniqueLocal(prefix: string): void {
  if (!/^fd.*\/48$/.test(prefix)) throw invalid("ipv6_prefix", `expected a /48 within fd00::/8, found "${prefix}"`);
}

function newVni(store: Store): number {
  const { lowest, highest } = limits.vni;
  const random = store.random("vni");
  for (;;) {
    const vni = lowest + random.below(highest - lowest + 1);
    if (store.tables.vpcs.find({ vni }) === undefined) return vni;
  }
}

function newIpv6Prefix(store: Store): string {
  const random = store.random("ipv6-prefix");
  for (;;) {
    const group = (): string => random.below(0x1_0000).toString(16);
    // The last group is not zero, so that the text is in its canonical form.
    const prefix = `fd${random.below(256).toString(16).padStart(2, "0")}:${group()}:${(1 + random.below(0xffff)).toString(16)}::/48`;
    if (store.tables.vpcs.find({ ipv6_prefix: prefix }) === undefined) return prefix;
  }
}
