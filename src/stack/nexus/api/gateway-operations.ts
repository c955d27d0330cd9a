import { z } from "@hono/zod-openapi";
import type { GatewayRow } from "../engine/rows.ts";
import { attachAddress, attachPool, createGateway, deleteGateway } from "../resources/gateways.ts";
import { isId, ofVpc, type ParentQuery, topLevel, vpcOf, within } from "../resources/lookup.ts";
import { invalid } from "../resources/refusals.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { flag, identity, identityCreate, inVpc, ip, maybeInVpc, nameOrId } from "./values.ts";

const gateway = z.object({ ...identity, vpc_id: z.string() }).openapi("InternetGateway");
const gatewayPool = z
  .object({ ...identity, internet_gateway_id: z.string(), ip_pool_id: z.string() })
  .openapi("InternetGatewayIpPool");
const gatewayAddress = z
  .object({ ...identity, internet_gateway_id: z.string(), address: z.string() })
  .openapi("InternetGatewayIpAddress");
const cascade = { cascade: flag.optional() };
const inGateway = maybeInVpc.extend({ gateway: nameOrId });
const maybeInGateway = maybeInVpc.extend({ gateway: nameOrId.optional() });
type GatewayQuery = z.output<typeof maybeInGateway>;

/** Operations on the internet gateways of a VPC. */
export const gatewayOperations: Operations = (api, context) => {
  const { store } = context;
  const { gateways, gatewayPools, gatewayAddresses, ipPools } = store.tables;
  const find = (value: string, query: ParentQuery): GatewayRow =>
    ofVpc(store, gateways, "internet-gateway", { field: "gateway", value }, query);
  const path = "/v1/internet-gateways";
  const one = { path: `${path}/{gateway}`, params: z.strictObject({ gateway: nameOrId }) };
  operation(
    api,
    context,
    {
      id: "internet_gateway_list",
      method: "get",
      path,
      summary: "List internet gateways",
      query: inVpc.extend(pageByName),
      answer: pageOf(gateway),
    },
    ({ query }) =>
      pageRows(gateways, { vpc_id: vpcOf(store, query.vpc, query.project).id }, query, (row) => view(gateway, row)),
  );
  operation(
    api,
    context,
    {
      id: "internet_gateway_create",
      method: "post",
      path,
      summary: "Create VPC internet gateway",
      query: inVpc,
      body: z.strictObject(identityCreate),
      answer: gateway,
      status: 201,
    },
    ({ query, body }) => view(gateway, createGateway(store, vpcOf(store, query.vpc, query.project), body)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "internet_gateway_view",
      method: "get",
      summary: "Fetch internet gateway",
      query: maybeInVpc,
      answer: gateway,
    },
    ({ params, query }) => view(gateway, find(params.gateway, query)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "internet_gateway_delete",
      method: "delete",
      summary: "Delete internet gateway",
      query: maybeInVpc.extend(cascade),
    },
    ({ params, query }) => {
      deleteGateway(store, find(params.gateway, query), query.cascade ?? false);
    },
  );

  const pools = "/v1/internet-gateway-ip-pools";
  operation(
    api,
    context,
    {
      id: "internet_gateway_ip_pool_list",
      method: "get",
      path: pools,
      summary: "List IP pools attached to internet gateway",
      query: inGateway.extend(pageByName),
      answer: pageOf(gatewayPool),
    },
    ({ query }) => {
      const where = { internet_gateway_id: find(query.gateway, query).id };
      return pageRows(gatewayPools, where, query, (row) => view(gatewayPool, row));
    },
  );
  operation(
    api,
    context,
    {
      id: "internet_gateway_ip_pool_create",
      method: "post",
      path: pools,
      summary: "Attach IP pool to internet gateway",
      query: inGateway,
      body: z.strictObject({ ...identityCreate, ip_pool: nameOrId }),
      answer: gatewayPool,
      status: 201,
    },
    ({ query, body: { ip_pool, ...naming } }) => {
      const pool = topLevel(ipPools, "ip-pool", "ip_pool", ip_pool);
      return view(gatewayPool, attachPool(store, find(query.gateway, query), pool, naming));
    },
  );
  const ofGateway = (field: string, value: string, query: GatewayQuery) => {
    for (const parent of ["project", "vpc"] as const) {
      if (isId(value) && query[parent] !== undefined) {
        throw invalid(parent, `when providing ${field} as an ID, ${parent} should not be specified`);
      }
    }
    return { field, value, parentField: "gateway", parent: query.gateway };
  };
  const scope = (query: GatewayQuery) => (parent: string) => ({ internet_gateway_id: find(parent, query).id });
  operation(
    api,
    context,
    {
      id: "internet_gateway_ip_pool_delete",
      method: "delete",
      path: `${pools}/{pool}`,
      summary: "Detach IP pool from internet gateway",
      params: z.strictObject({ pool: nameOrId }),
      query: maybeInGateway.extend(cascade),
    },
    ({ params: { pool }, query }) => {
      const selector = ofGateway("pool", pool, query);
      const { id } = within(gatewayPools, "internet-gateway-ip-pool", selector, scope(query));
      gatewayPools.delete({ id });
    },
  );

  const addresses = "/v1/internet-gateway-ip-addresses";
  operation(
    api,
    context,
    {
      id: "internet_gateway_ip_address_list",
      method: "get",
      path: addresses,
      summary: "List IP addresses attached to internet gateway",
      query: inGateway.extend(pageByName),
      answer: pageOf(gatewayAddress),
    },
    ({ query }) => {
      const where = { internet_gateway_id: find(query.gateway, query).id };
      return pageRows(gatewayAddresses, where, query, (row) => view(gatewayAddress, row));
    },
  );
  operation(
    api,
    context,
    {
      id: "internet_gateway_ip_address_create",
      method: "post",
      path: addresses,
      summary: "Attach IP address to internet gateway",
      query: inGateway,
      body: z.strictObject({ ...identityCreate, address: ip }),
      answer: gatewayAddress,
      status: 201,
    },
    ({ query, body: { address, ...naming } }) =>
      view(gatewayAddress, attachAddress(store, find(query.gateway, query), address, naming)),
  );
  operation(
    api,
    context,
    {
      id: "internet_gateway_ip_address_delete",
      method: "delete",
      path: `${addresses}/{address}`,
      summary: "Detach IP address from internet gateway",
      params: z.strictObject({ address: nameOrId }),
      query: maybeInGateway.extend(cascade),
    },
    ({ params: { address }, query }) => {
      const selector = ofGateway("address", address, query);
      const { id } = within(gatewayAddresses, "internet-gateway-ip-address", selector, scope(query));
      gatewayAddresses.delete({ id });
    },
  );
};
