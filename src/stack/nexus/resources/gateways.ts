import { limits } from "../engine/limits.ts";
import type { GatewayAddressRow, GatewayPoolRow, GatewayRow, IpPoolRow, VpcRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { requireFreeName } from "./lookup.ts";
import { alreadyExists, invalid, limitReached } from "./refusals.ts";

interface Naming {
  readonly name: string;
  readonly description: string;
}

/** Make an internet gateway of a VPC. */
export function createGateway(store: Store, vpc: VpcRow, naming: Naming): GatewayRow {
  const { gateways } = store.tables;
  requireFreeName(gateways, "internet-gateway", { vpc_id: vpc.id, name: naming.name });
  if (gateways.count({ vpc_id: vpc.id }) >= limits.gatewaysPerVpc) {
    throw limitReached("vpc", "internet gateways per VPC", limits.gatewaysPerVpc);
  }
  return gateways.insert({ ...store.newIdentity(naming), vpc_id: vpc.id });
}

/** Let the default pools' addresses leave through a gateway. */
export function linkDefaultPools(store: Store, gateway: GatewayRow): void {
  const { ipPoolSilos, ipPools } = store.tables;
  for (const { pool_id } of ipPoolSilos.list({ is_default: true })) {
    const pool = ipPools.find({ id: pool_id });
    if (pool?.pool_type !== "unicast") continue;
    attachPool(store, gateway, pool, { name: pool.name, description: `Default internet gateway IP pool ${pool.name}` });
  }
}

/** Let a pool's addresses leave through a gateway. */
export function attachPool(store: Store, gateway: GatewayRow, pool: IpPoolRow, naming: Naming): GatewayPoolRow {
  const { gatewayPools } = store.tables;
  const own = { internet_gateway_id: gateway.id };
  requireFreeName(gatewayPools, "internet-gateway-ip-pool", { ...own, name: naming.name });
  if (gatewayPools.find({ ...own, ip_pool_id: pool.id }) !== undefined) {
    throw alreadyExists("internet-gateway-ip-pool", pool.name, "ip_pool");
  }
  return gatewayPools.insert({ ...store.newIdentity(naming), ...own, ip_pool_id: pool.id });
}

/** Let an address leave through a gateway. */
export function attachAddress(store: Store, gateway: GatewayRow, address: string, naming: Naming): GatewayAddressRow {
  const { gatewayAddresses } = store.tables;
  const own = { internet_gateway_id: gateway.id };
  requireFreeName(gatewayAddresses, "internet-gateway-ip-address", { ...own, name: naming.name });
  if (gatewayAddresses.find({ ...own, address }) !== undefined) {
    throw alreadyExists("internet-gateway-ip-address", address, "address");
  }
  return gatewayAddresses.insert({ ...store.newIdentity(naming), ...own, address });
}

/** `cascade` takes along what the gateway has and the routes that lead to it. @throws ApiError (400) without it */
export function deleteGateway(store: Store, gateway: GatewayRow, cascade: boolean): void {
  const { gateways, gatewayPools, gatewayAddresses } = store.tables;
  const own = { internet_gateway_id: gateway.id };
  const count = gatewayPools.count(own) + gatewayAddresses.count(own);
  if (!cascade && count > 0) {
    throw invalid("gateway", `"${gateway.name}" has ${count} IP pools and addresses: delete them, or say cascade=true`);
  }
  const leading = routesTo(store, gateway);
  if (!cascade && leading.length > 0) {
    throw invalid("gateway", `${leading.length} routes lead to "${gateway.name}": delete them, or say cascade=true`);
  }
  for (const id of leading) store.tables.routes.delete({ id });
  gateways.delete({ id: gateway.id });
}

function routesTo({ tables: { routers, routes } }: Store, { vpc_id, name }: GatewayRow): readonly string[] {
  return routers
    .list({ vpc_id })
    .flatMap(({ id }) => routes.list({ vpc_router_id: id }))
    .filter(({ target }) => target.type === "internet_gateway" && target.value === name)
    .map(({ id }) => id);
}
