import { isGiven } from "../engine/given.ts";
import { addressText, blockOfPrefix, contains, overlaps } from "../engine/ip-block.ts";
import { limits } from "../engine/limits.ts";
import type { SubnetRow, VpcRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { ofVpc, requireFreeName } from "./lookup.ts";
import { identityChanges, type IdentityChange } from "./projects.ts";
import { renameReferences } from "./references.ts";
import { exhausted, invalid, limitReached } from "./refusals.ts";

/** What is said of a new subnet. */
export interface SubnetCreate {
  readonly name: string;
  readonly description: string;
  readonly ipv4_block: string;
  readonly ipv6_block?: string | null | undefined;
  readonly custom_router?: string | null | undefined;
}

/** Make a subnet, and the route to it in the system router. */
export function createSubnet(
  store: Store,
  vpc: VpcRow,
  { ipv4_block, ipv6_block, custom_router, ...naming }: SubnetCreate,
): SubnetRow {
  const { subnets, routes } = store.tables;
  requireFreeName(subnets, "vpc-subnet", { vpc_id: vpc.id, name: naming.name });
  const others = subnets.list({ vpc_id: vpc.id });
  if (others.length >= limits.subnetsPerVpc) throw limitReached("vpc", "subnets per VPC", limits.subnetsPerVpc);
  requireIpv4Block(ipv4_block, others);
  const chosen = ipv6_block ?? newIpv6Block(store, vpc, others);
  requireIpv6Block(chosen, vpc, others);
  const subnet = subnets.insert({
    ...store.newIdentity(naming),
    vpc_id: vpc.id,
    ipv4_block,
    ipv6_block: chosen,
    custom_router_id: !isGiven(custom_router) ? null : customRouter(store, vpc.id, custom_router),
  });
  routes.insert({
    ...store.newIdentity({ name: naming.name, description: `VPC subnet route for '${naming.name}'` }),
    vpc_router_id: vpc.system_router_id,
    kind: "vpc_subnet",
    destination: { type: "subnet", value: naming.name },
    target: { type: "subnet", value: naming.name },
  });
  return subnet;
}

/** `custom_router` null takes the router away; undefined leaves it. */
export function updateSubnet(
  store: Store,
  subnet: SubnetRow,
  { custom_router, ...change }: IdentityChange & { readonly custom_router?: string | null | undefined },
): SubnetRow {
  const { subnets, routes, vpcs } = store.tables;
  if (isGiven(change.name)) {
    requireFreeName(subnets, "vpc-subnet", { vpc_id: subnet.vpc_id, name: change.name }, subnet.id);
  }
  const router = !isGiven(custom_router) ? custom_router : customRouter(store, subnet.vpc_id, custom_router);
  const changes = { ...identityChanges(store, change), ...(router === undefined ? {} : { custom_router_id: router }) };
  subnets.update({ id: subnet.id }, changes);
  const { name } = changes;
  if (name !== undefined && name !== subnet.name) {
    renameReferences(store, subnet.vpc_id, "subnet", subnet.name, name);
    const routerId = vpcs.find({ id: subnet.vpc_id })?.system_router_id ?? "";
    routes.update({ vpc_router_id: routerId, name: subnet.name, kind: "vpc_subnet" }, { name });
  }
  return { ...subnet, ...changes };
}

/** @throws ApiError (400) while the subnet has network interfaces */
export function deleteSubnet({ tables }: Store, { id, name, vpc_id }: SubnetRow): void {
  const interfaces = tables.interfaces.count({ subnet_id: id });
  if (interfaces > 0) {
    throw invalid("subnet", `"${name}" cannot be deleted while it has ${interfaces} network interfaces`);
  }
  const routerId = tables.vpcs.find({ id: vpc_id })?.system_router_id ?? "";
  tables.routes.delete({ vpc_router_id: routerId, name, kind: "vpc_subnet" });
  tables.subnets.delete({ id });
}

function customRouter(store: Store, vpcId: string, value: string): string {
  const router = ofVpc(
    store,
    store.tables.routers,
    "vpc-router",
    { field: "custom_router", value },
    isVpc(value, vpcId),
  );
  if (router.vpc_id !== vpcId) throw invalid("custom_router", `"${router.name}" is of another VPC`);
  if (router.kind === "system") throw invalid("custom_router", "the system router applies to all subnets already");
  return router.id;
}

/** An id needs no parent, and takes none. */
function isVpc(value: string, vpcId: string): { readonly vpc?: string } {
  return /^[0-9a-f-]{36}$/i.test(value) ? {} : { vpc: vpcId };
}

const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(blockOfPrefix);

function requireIpv4Block(text: string, others: readonly SubnetRow[]): void {
  const block = blockOfPrefix(text);
  const { shortest, longest } = limits.ipv4Block;
  const length = Number(text.split("/")[1]);
  if (length < shortest || length > longest) {
    throw invalid("ipv4_block", `expected a prefix length from ${shortest} to ${longest}, found ${length}`);
  }
  if (!privateBlocks.some((outer) => contains(outer, block))) {
    throw invalid("ipv4_block", `expected a private block (RFC 1918), found ${text}`);
  }
  const other = others.find(({ ipv4_block }) => overlaps(blockOfPrefix(ipv4_block), block));
  if (other !== undefined)
    throw invalid("ipv4_block", `${text} overlaps ${other.ipv4_block} of subnet "${other.name}"`);
}

function requireIpv6Block(text: string, vpc: VpcRow, others: readonly SubnetRow[]): void {
  const block = blockOfPrefix(text);
  if (!text.endsWith("/64") || !contains(blockOfPrefix(vpc.ipv6_prefix), block)) {
    throw invalid("ipv6_block", `expected a /64 of the VPC's ${vpc.ipv6_prefix}, found ${text}`);
  }
  const other = others.find(({ ipv6_block }) => overlaps(blockOfPrefix(ipv6_block), block));
  if (other !== undefined)
    throw invalid("ipv6_block", `${text} overlaps ${other.ipv6_block} of subnet "${other.name}"`);
}

function newIpv6Block(store: Store, vpc: VpcRow, others: readonly SubnetRow[]): string {
  const random = store.random("ipv6-block");
  const { first } = blockOfPrefix(vpc.ipv6_prefix);
  const taken = new Set(others.map(({ ipv6_block }) => ipv6_block));
  for (let attempt = 0; attempt < 1000; attempt++) {
    const text = `${addressText(6, first | (BigInt(random.below(0x1_0000)) << 64n))}/64`;
    if (!taken.has(text)) return text;
  }
  throw exhausted("ipv6_block", `no /64 of ${vpc.ipv6_prefix} is free`);
}
