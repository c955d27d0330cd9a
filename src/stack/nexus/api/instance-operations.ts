import { z } from "@hono/zod-openapi";
import type { InstanceRow } from "../engine/rows.ts";
import {
  createInstance,
  deleteInstance,
  moveInstance,
  rebootInstance,
  startInstance,
  stopInstance,
  updateInstance,
} from "../resources/instances.ts";
import { instanceOf, projectOf } from "../resources/lookup.ts";
import { instance, instanceCreate, instanceUpdate, showInstance } from "./instance-values.ts";
import { operation, type Operations } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { id, inProject, maybeInProject, nameOrId } from "./values.ts";

/** Operations on instances. */
export const instanceOperations: Operations = (api, context) => {
  const { store } = context;
  const { instances } = store.tables;
  const path = "/v1/instances";
  const params = z.strictObject({ instance: nameOrId });
  const one = { path: `${path}/{instance}`, params, query: maybeInProject };
  operation(
    api,
    context,
    {
      id: "instance_list",
      method: "get",
      path,
      summary: "List instances",
      query: inProject.extend(pageByName),
      answer: pageOf(instance),
    },
    ({ query }) => pageRows(instances, { project_id: projectOf(store, query.project).id }, query, showInstance),
  );
  operation(
    api,
    context,
    {
      id: "instance_create",
      method: "post",
      path,
      summary: "Create instance",
      query: inProject,
      body: instanceCreate,
      answer: instance,
      status: 201,
    },
    ({ query, body }) => {
      const { hostname, ncpus, memory, kind, start, network_interfaces, external_ips } = body;
      const { name, description, auto_restart_policy, enable_jumbo_frames } = body;
      const create = { hostname, ncpus, memory, kind, start, network_interfaces, external_ips };
      const rest = { name, description, auto_restart_policy, enable_jumbo_frames };
      return showInstance(createInstance(store, projectOf(store, query.project), { ...create, ...rest }));
    },
  );
  operation(
    api,
    context,
    { ...one, id: "instance_view", method: "get", summary: "Fetch instance", answer: instance },
    ({ params: { instance: value }, query }) => showInstance(instanceOf(store, value, query.project)),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "instance_update",
      method: "put",
      summary: "Update instance",
      body: instanceUpdate,
      answer: instance,
    },
    ({ params: { instance: value }, query, body }) => {
      const { ncpus, memory, auto_restart_policy, enable_jumbo_frames } = body;
      const wanted = { ncpus, memory, auto_restart_policy, enable_jumbo_frames };
      return showInstance(updateInstance(store, instanceOf(store, value, query.project), wanted));
    },
  );
  operation(
    api,
    context,
    { ...one, id: "instance_delete", method: "delete", summary: "Delete instance" },
    ({ params: { instance: value }, query }) => {
      deleteInstance(store, instanceOf(store, value, query.project));
    },
  );
  const verbs: readonly (readonly [string, string, (row: InstanceRow) => InstanceRow])[] = [
    ["start", "Boot instance", (row) => startInstance(store, row)],
    ["stop", "Stop instance", (row) => stopInstance(store, row)],
    ["reboot", "Reboot an instance", (row) => rebootInstance(store, row)],
  ];
  for (const [verb, summary, act] of verbs) {
    operation(
      api,
      context,
      {
        id: `instance_${verb}`,
        method: "post",
        path: `${path}/{instance}/${verb}`,
        summary,
        params,
        query: maybeInProject,
        answer: instance,
        status: 202,
      },
      ({ params: { instance: value }, query }) => showInstance(act(instanceOf(store, value, query.project))),
    );
  }
  operation(
    api,
    context,
    {
      id: "instance_move",
      method: "post",
      path: `${path}/{instance}/move`,
      summary: "Move a running instance to another sled (not of Oxide's API)",
      params,
      query: maybeInProject,
      body: z.strictObject({ sled: id.optional() }),
      answer: instance,
      status: 202,
    },
    ({ params: { instance: value }, query, body }) =>
      showInstance(moveInstance(store, instanceOf(store, value, query.project), body.sled)),
  );
};
