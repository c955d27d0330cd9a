import { z } from "@hono/zod-openapi";
import type { InstanceRow, InterfaceRow } from "../engine/rows.ts";
import { ensureSnat } from "../resources/external-ips.ts";
import { deleteInterface, requireStopped, updateInterface } from "../resources/interfaces.ts";
import { addInterface } from "../resources/instances.ts";
import { instanceOf, isId, within } from "../resources/lookup.ts";
import { invalid, notFound } from "../resources/refusals.ts";
import { networkInterface, networkInterfaceCreate, showInterface } from "./interface-values.ts";
import { operation, type Operations } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { identityUpdate, ipNet, maybeInProject, nameOrId } from "./values.ts";

const inInstance = maybeInProject.extend({ instance: nameOrId });
const maybeInInstance = maybeInProject.extend({ instance: nameOrId.optional() });

/** Operations on the NICs of instances. */
export const interfaceOperations: Operations = (api, context) => {
  const { store } = context;
  const { interfaces, instances } = store.tables;
  const path = "/v1/network-interfaces";
  const one = { path: `${path}/{interface}`, params: z.strictObject({ interface: nameOrId }), query: maybeInInstance };
  const find = (
    value: string,
    query: z.output<typeof maybeInInstance>,
  ): { readonly nic: InterfaceRow; readonly instance: InstanceRow } => {
    if (isId(value) && query.project !== undefined) {
      throw invalid("project", "when providing interface as an ID, project should not be specified");
    }
    const selector = { field: "interface", value, parentField: "instance", parent: query.instance };
    const nic = within(interfaces, "instance-network-interface", selector, (parent) => ({
      instance_id: instanceOf(store, parent, query.project).id,
    }));
    const instance = nic.instance_id === null ? undefined : instances.find({ id: nic.instance_id });
    if (instance === undefined) throw notFound("instance-network-interface", "interface", value);
    return { nic, instance };
  };
  operation(
    api,
    context,
    {
      id: "instance_network_interface_list",
      method: "get",
      path,
      summary: "List network interfaces",
      query: inInstance.extend(pageByName),
      answer: pageOf(networkInterface),
    },
    ({ query }) => {
      const { id } = instanceOf(store, query.instance, query.project);
      return pageRows(interfaces, { instance_id: id }, query, showInterface);
    },
  );
  operation(
    api,
    context,
    {
      id: "instance_network_interface_create",
      method: "post",
      path,
      summary: "Create network interface",
      query: inInstance,
      body: networkInterfaceCreate,
      answer: networkInterface,
      status: 201,
    },
    ({ query, body }) => {
      const instance = instanceOf(store, query.instance, query.project);
      requireStopped(instance, "instance");
      const nic = addInterface(store, instance, body);
      const owner = { project_id: instance.project_id, instance_id: instance.id, probe_id: null };
      if (nic.is_primary) ensureSnat(store, owner, nic);
      return showInterface(nic);
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "instance_network_interface_view",
      method: "get",
      summary: "Fetch network interface",
      answer: networkInterface,
    },
    ({ params, query }) => showInterface(find(params.interface, query).nic),
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "instance_network_interface_update",
      method: "put",
      summary: "Update network interface",
      body: z.strictObject({
        ...identityUpdate,
        primary: z.boolean().optional(),
        transit_ips: z.array(ipNet).optional(),
      }),
      answer: networkInterface,
    },
    ({ params, query, body }) => {
      const { nic, instance } = find(params.interface, query);
      return showInterface(updateInterface(store, nic, instance, body));
    },
  );
  operation(
    api,
    context,
    { ...one, id: "instance_network_interface_delete", method: "delete", summary: "Delete network interface" },
    ({ params, query }) => {
      const { nic, instance } = find(params.interface, query);
      deleteInterface(store, nic, instance);
    },
  );
};
