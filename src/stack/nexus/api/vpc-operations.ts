import { z } from "@hono/zod-openapi";
import type { VpcRow } from "../engine/rows.ts";
import { projectOf, vpcOf } from "../resources/lookup.ts";
import { createVpc, deleteVpc, updateVpc } from "../resources/vpcs.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import {
  identity,
  identityCreate,
  identityUpdate,
  inProject,
  ipv6Net,
  maybeInProject,
  name,
  nameOrId,
} from "./values.ts";

const vpc = z
  .object({
    ...identity,
    project_id: z.string(),
    dns_name: z.string(),
    ipv6_prefix: z.string(),
    system_router_id: z.string(),
  })
  .openapi("Vpc");
const params = z.strictObject({ vpc: nameOrId });

/** Operations on VPCs. */
export const vpcOperations: Operations = (api, context) => {
  const { store } = context;
  const show = (row: VpcRow): z.input<typeof vpc> => view(vpc, row);
  operation(
    api,
    context,
    {
      id: "vpc_list",
      method: "get",
      path: "/v1/vpcs",
      summary: "List VPCs",
      query: inProject.extend(pageByName),
      answer: pageOf(vpc),
    },
    ({ query }) => pageRows(store.tables.vpcs, { project_id: projectOf(store, query.project).id }, query, show),
  );
  operation(
    api,
    context,
    {
      id: "vpc_create",
      method: "post",
      path: "/v1/vpcs",
      summary: "Create VPC",
      query: inProject,
      body: z.strictObject({ ...identityCreate, dns_name: name, ipv6_prefix: ipv6Net.nullish() }),
      answer: vpc,
      status: 201,
    },
    ({ query, body }) => show(createVpc(store, projectOf(store, query.project), body)),
  );
  operation(
    api,
    context,
    {
      id: "vpc_view",
      method: "get",
      path: "/v1/vpcs/{vpc}",
      summary: "Fetch VPC",
      params,
      query: maybeInProject,
      answer: vpc,
    },
    ({ params: path, query }) => show(vpcOf(store, path.vpc, query.project)),
  );
  operation(
    api,
    context,
    {
      id: "vpc_update",
      method: "put",
      path: "/v1/vpcs/{vpc}",
      summary: "Update VPC",
      params,
      query: maybeInProject,
      body: z.strictObject({ ...identityUpdate, dns_name: name.nullish() }),
      answer: vpc,
    },
    ({ params: path, query, body }) => show(updateVpc(store, vpcOf(store, path.vpc, query.project), body)),
  );
  operation(
    api,
    context,
    {
      id: "vpc_delete",
      method: "delete",
      path: "/v1/vpcs/{vpc}",
      summary: "Delete VPC",
      params,
      query: maybeInProject,
    },
    ({ params: path, query }) => {
      deleteVpc(store, vpcOf(store, path.vpc, query.project));
    },
  );
};
