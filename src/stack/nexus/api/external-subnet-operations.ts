import { z } from "@hono/zod-openapi";
import type { ExternalSubnetRow } from "../engine/rows.ts";
import {
  attachExternalSubnet,
  createExternalSubnet,
  deleteExternalSubnet,
  detachExternalSubnet,
} from "../resources/external-subnets.ts";
import { instanceOf, isId, ofProject, projectOf, requireFreeName } from "../resources/lookup.ts";
import { identityChanges } from "../resources/projects.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import {
  identity,
  identityCreate,
  identityUpdate,
  inProject,
  ipNet,
  maybeInProject,
  nameOrId,
  poolSelector,
} from "./values.ts";

const externalSubnet = z
  .object({
    ...identity,
    project_id: z.string(),
    subnet: z.string(),
    subnet_pool_id: z.string(),
    subnet_pool_member_id: z.string(),
    instance_id: z.string().nullable(),
  })
  .openapi("ExternalSubnet");

/** Operations on external subnets. */
export const externalSubnetOperations: Operations = (api, context) => {
  const { store } = context;
  const { externalSubnets } = store.tables;
  const show = (row: ExternalSubnetRow): z.input<typeof externalSubnet> => view(externalSubnet, row);
  const find = (value: string, project: string | undefined): ExternalSubnetRow =>
    ofProject(store, externalSubnets, "external-subnet", { field: "external_subnet", value }, project);
  const path = "/v1/external-subnets";
  const params = z.strictObject({ external_subnet: nameOrId });
  const one = { path: `${path}/{external_subnet}`, params, query: maybeInProject, answer: externalSubnet };
  operation(
    api,
    context,
    {
      id: "external_subnet_list",
      method: "get",
      path,
      summary: "List external subnets in a project",
      query: inProject.extend(pageByName),
      answer: pageOf(externalSubnet),
    },
    ({ query }) => pageRows(externalSubnets, { project_id: projectOf(store, query.project).id }, query, show),
  );
  operation(
    api,
    context,
    {
      id: "external_subnet_create",
      method: "post",
      path,
      summary: "Create external subnet",
      query: inProject,
      body: z.strictObject({
        ...identityCreate,
        allocator: z.discriminatedUnion("type", [
          z.strictObject({ type: z.literal("explicit"), subnet: ipNet }),
          z.strictObject({
            type: z.literal("auto"),
            prefix_length: z.int().min(0).max(128),
            pool_selector: poolSelector.optional(),
          }),
        ]),
      }),
      answer: externalSubnet,
      status: 201,
    },
    ({ query, body: { allocator, ...naming } }) =>
      show(createExternalSubnet(store, projectOf(store, query.project), naming, allocator)),
  );
  operation(
    api,
    context,
    { ...one, id: "external_subnet_view", method: "get", summary: "Fetch external subnet" },
    ({ params: { external_subnet: value }, query }) => show(find(value, query.project)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "external_subnet_update",
      method: "put",
      summary: "Update external subnet",
      body: z.strictObject(identityUpdate),
    },
    ({ params: { external_subnet: value }, query, body }) => {
      const row = find(value, query.project);
      const where = { project_id: row.project_id, name: body.name ?? row.name };
      requireFreeName(externalSubnets, "external-subnet", where, row.id);
      const changes = identityChanges(store, body);
      externalSubnets.update({ id: row.id }, changes);
      return show({ ...row, ...changes });
    },
  );
  operation(
    api,
    context,
    {
      id: "external_subnet_delete",
      method: "delete",
      path: one.path,
      summary: "Delete external subnet",
      params,
      query: maybeInProject,
    },
    ({ params: { external_subnet: value }, query }) => {
      deleteExternalSubnet(store, find(value, query.project));
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "external_subnet_attach",
      method: "post",
      path: `${one.path}/attach`,
      summary: "Attach external subnet",
      body: z.strictObject({ instance: nameOrId }),
      status: 202,
    },
    ({ params: { external_subnet: value }, query, body }) => {
      const row = find(value, query.project);
      const project = isId(body.instance) ? undefined : row.project_id;
      return show(attachExternalSubnet(store, row, instanceOf(store, body.instance, project)));
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "external_subnet_detach",
      method: "post",
      path: `${one.path}/detach`,
      summary: "Detach external subnet",
      status: 202,
    },
    ({ params: { external_subnet: value }, query }) => show(detachExternalSubnet(store, find(value, query.project))),
  );
  operation(
    api,
    context,
    {
      id: "instance_external_subnet_list",
      method: "get",
      path: "/v1/instances/{instance}/external-subnets",
      summary: "List external subnets attached to instance",
      params: z.strictObject({ instance: nameOrId }),
      query: maybeInProject,
      answer: pageOf(externalSubnet),
    },
    ({ params: { instance: value }, query }) => {
      const { id } = instanceOf(store, value, query.project);
      return { items: externalSubnets.list({ instance_id: id }).map(show), next_page: null };
    },
  );
};
