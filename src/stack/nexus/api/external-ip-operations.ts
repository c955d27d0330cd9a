import { isGiven } from "../engine/given.ts";
import { z } from "@hono/zod-openapi";
import type { ExternalIpRow } from "../engine/rows.ts";
import {
  attachEphemeralIp,
  attachFloatingIp,
  createFloatingIp,
  deleteFloatingIp,
  detachEphemeralIp,
  detachFloatingIp,
  requireFreeFloatingName,
} from "../resources/external-ips.ts";
import { floatingIpOf, instanceOf, isId, projectOf } from "../resources/lookup.ts";
import { identityChanges } from "../resources/projects.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import {
  anyPool,
  identity,
  identityCreate,
  identityUpdate,
  inProject,
  ip,
  ipVersion,
  maybeInProject,
  nameOrId,
  poolSelector,
} from "./values.ts";

const floatingIp = z
  .object({
    ...identity,
    project_id: z.string(),
    ip: z.string(),
    ip_pool_id: z.string(),
    instance_id: z.string().nullable(),
  })
  .openapi("FloatingIp");
const snat = z.object({
  kind: z.literal("snat"),
  ip: z.string(),
  ip_pool_id: z.string(),
  first_port: z.int(),
  last_port: z.int(),
});
const ephemeral = z.object({ kind: z.literal("ephemeral"), ip: z.string(), ip_pool_id: z.string() });
const floating = floatingIp.extend({ kind: z.literal("floating") });
const externalIp = z.discriminatedUnion("kind", [snat, ephemeral, floating]).openapi("ExternalIp");

function showExternalIp(row: ExternalIpRow): z.input<typeof externalIp> {
  if (row.kind === "snat") return view(snat, { ...row, kind: row.kind });
  if (row.kind === "ephemeral") return view(ephemeral, { ...row, kind: row.kind });
  return view(floating, { ...row, kind: row.kind });
}

/** Operations on floating IPs. */
export const floatingIpOperations: Operations = (api, context) => {
  const { store } = context;
  const { externalIps } = store.tables;
  const show = (row: ExternalIpRow): z.input<typeof floatingIp> => view(floatingIp, row);
  const find = (value: string, project: string | undefined): ExternalIpRow =>
    floatingIpOf(store, "floating_ip", value, project);
  const path = "/v1/floating-ips";
  const params = z.strictObject({ floating_ip: nameOrId });
  const one = { path: `${path}/{floating_ip}`, params, query: maybeInProject, answer: floatingIp };
  operation(
    api,
    context,
    {
      id: "floating_ip_list",
      method: "get",
      path,
      summary: "List floating IPs",
      query: inProject.extend(pageByName),
      answer: pageOf(floatingIp),
    },
    ({ query }) => {
      const where = { project_id: projectOf(store, query.project).id, kind: "floating" };
      return pageRows(externalIps, where, query, show);
    },
  );
  operation(
    api,
    context,
    {
      id: "floating_ip_create",
      method: "post",
      path,
      summary: "Create floating IP",
      query: inProject,
      body: z.strictObject({
        ...identityCreate,
        address_allocator: z
          .discriminatedUnion("type", [
            z.strictObject({ type: z.literal("explicit"), ip }),
            z.strictObject({ type: z.literal("auto"), pool_selector: poolSelector.optional() }),
          ])
          .default({ type: "auto" }),
      }),
      answer: floatingIp,
      status: 201,
    },
    ({ query, body: { address_allocator: choice, ...naming } }) =>
      show(createFloatingIp(store, projectOf(store, query.project), naming, choice)),
  );
  operation(
    api,
    context,
    { ...one, id: "floating_ip_view", method: "get", summary: "Fetch floating IP" },
    ({ params: { floating_ip: value }, query }) => show(find(value, query.project)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "floating_ip_update",
      method: "put",
      summary: "Update floating IP",
      body: z.strictObject(identityUpdate),
    },
    ({ params: { floating_ip: value }, query, body }) => {
      const row = find(value, query.project);
      if (isGiven(body.name)) requireFreeFloatingName(store, row, body.name);
      const changes = identityChanges(store, body);
      externalIps.update({ id: row.id }, changes);
      return show({ ...row, ...changes });
    },
  );
  operation(
    api,
    context,
    {
      id: "floating_ip_delete",
      method: "delete",
      path: one.path,
      summary: "Delete floating IP",
      params,
      query: maybeInProject,
    },
    ({ params: { floating_ip: value }, query }) => {
      deleteFloatingIp(store, find(value, query.project));
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "floating_ip_attach",
      method: "post",
      path: `${one.path}/attach`,
      summary: "Attach floating IP",
      body: z.strictObject({ kind: z.enum(["instance"]), parent: nameOrId }),
      status: 202,
    },
    ({ params: { floating_ip: value }, query, body }) => {
      const row = find(value, query.project);
      // A name is one of the floating IP's project, whichever way that was found.
      const project = isId(body.parent) ? undefined : row.project_id;
      return show(attachFloatingIp(store, row, instanceOf(store, body.parent, project, "parent"), "floating_ip"));
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "floating_ip_detach",
      method: "post",
      path: `${one.path}/detach`,
      summary: "Detach floating IP",
      status: 202,
    },
    ({ params: { floating_ip: value }, query }) => show(detachFloatingIp(store, find(value, query.project))),
  );
};

/** Operations on the external addresses of an instance. */
export const externalIpOperations: Operations = (api, context) => {
  const { store } = context;
  const path = "/v1/instances/{instance}/external-ips";
  const params = z.strictObject({ instance: nameOrId });
  operation(
    api,
    context,
    {
      id: "instance_external_ip_list",
      method: "get",
      path,
      summary: "List external IP addresses",
      params,
      query: maybeInProject,
      answer: pageOf(externalIp),
    },
    ({ params: { instance: value }, query }) => {
      const { id } = instanceOf(store, value, query.project);
      return { items: store.tables.externalIps.list({ instance_id: id }).map(showExternalIp), next_page: null };
    },
  );
  operation(
    api,
    context,
    {
      id: "instance_ephemeral_ip_attach",
      method: "post",
      path: `${path}/ephemeral`,
      summary: "Allocate and attach ephemeral IP to instance",
      params,
      query: maybeInProject,
      body: z.strictObject({ pool_selector: poolSelector.default(anyPool) }),
      answer: externalIp,
      status: 202,
    },
    ({ params: { instance: value }, query, body }) => {
      const instance = instanceOf(store, value, query.project);
      return showExternalIp(attachEphemeralIp(store, instance, body.pool_selector, "pool_selector"));
    },
  );
  operation(
    api,
    context,
    {
      id: "instance_ephemeral_ip_detach",
      method: "delete",
      path: `${path}/ephemeral`,
      summary: "Detach and deallocate ephemeral IP from instance",
      params,
      query: maybeInProject.extend({ ip_version: ipVersion.optional() }),
    },
    ({ params: { instance: value }, query }) => {
      detachEphemeralIp(store, instanceOf(store, value, query.project), query.ip_version);
    },
  );
};
