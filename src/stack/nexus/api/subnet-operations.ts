import { z } from "@hono/zod-openapi";
import type { SubnetRow } from "../engine/rows.ts";
import { ofVpc, type ParentQuery, vpcOf } from "../resources/lookup.ts";
import { createSubnet, deleteSubnet, updateSubnet } from "../resources/subnets.ts";
import { networkInterface, showInterface } from "./interface-values.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { identity, identityCreate, identityUpdate, inVpc, ipv4Net, ipv6Net, maybeInVpc, nameOrId } from "./values.ts";

const subnet = z
  .object({
    ...identity,
    vpc_id: z.string(),
    ipv4_block: z.string(),
    ipv6_block: z.string(),
    custom_router_id: z.string().nullable(),
  })
  .openapi("VpcSubnet");
const params = z.strictObject({ subnet: nameOrId });

/** Operations on the subnets of a VPC. */
export const subnetOperations: Operations = (api, context) => {
  const { store } = context;
  const { subnets, interfaces } = store.tables;
  const show = (row: SubnetRow): z.input<typeof subnet> => view(subnet, row);
  const find = (value: string, query: ParentQuery): SubnetRow =>
    ofVpc(store, subnets, "vpc-subnet", { field: "subnet", value }, query);
  const path = "/v1/vpc-subnets";
  const one = `${path}/{subnet}`;
  operation(
    api,
    context,
    {
      id: "vpc_subnet_list",
      method: "get",
      path,
      summary: "List subnets",
      query: inVpc.extend(pageByName),
      answer: pageOf(subnet),
    },
    ({ query }) => pageRows(subnets, { vpc_id: vpcOf(store, query.vpc, query.project).id }, query, show),
  );
  operation(
    api,
    context,
    {
      id: "vpc_subnet_create",
      method: "post",
      path,
      summary: "Create subnet",
      query: inVpc,
      body: z.strictObject({
        ...identityCreate,
        ipv4_block: ipv4Net,
        ipv6_block: ipv6Net.nullish(),
        custom_router: nameOrId.nullish(),
      }),
      answer: subnet,
      status: 201,
    },
    ({ query, body }) => show(createSubnet(store, vpcOf(store, query.vpc, query.project), body)),
  );
  operation(
    api,
    context,
    {
      id: "vpc_subnet_view",
      method: "get",
      path: one,
      summary: "Fetch subnet",
      params,
      query: maybeInVpc,
      answer: subnet,
    },
    ({ params: { subnet: value }, query }) => show(find(value, query)),
  );
  operation(
    api,
    context,
    {
      id: "vpc_subnet_update",
      method: "put",
      path: one,
      summary: "Update subnet",
      params,
      query: maybeInVpc,
      body: z.strictObject({ ...identityUpdate, custom_router: nameOrId.nullish() }),
      answer: subnet,
    },
    ({ params: { subnet: value }, query, body }) => show(updateSubnet(store, find(value, query), body)),
  );
  operation(
    api,
    context,
    { id: "vpc_subnet_delete", method: "delete", path: one, summary: "Delete subnet", params, query: maybeInVpc },
    ({ params: { subnet: value }, query }) => {
      deleteSubnet(store, find(value, query));
    },
  );
  operation(
    api,
    context,
    {
      id: "vpc_subnet_list_network_interfaces",
      method: "get",
      path: `${one}/network-interfaces`,
      summary: "List network interfaces",
      params,
      query: maybeInVpc.extend(pageByName),
      answer: pageOf(networkInterface),
    },
    ({ params: { subnet: value }, query }) =>
      pageRows(interfaces, { subnet_id: find(value, query).id, probe_id: null }, query, showInterface),
  );
};
