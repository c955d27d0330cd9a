import { z } from "@hono/zod-openapi";
import type { LldpLinkSettings, PortSettingsRow } from "../engine/fabric-rows.ts";
import { isId, topLevel } from "../resources/lookup.ts";
import { applyPortSettings, createPortSettings, deletePortSettings, switchPortOf } from "../resources/port-settings.ts";
import { invalid } from "../resources/refusals.ts";
import type { Store } from "../store/store.ts";
import { operation, type Operations, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import {
  lldpCreate,
  lldpShown,
  portSettings,
  portSettingsCreate,
  portSettingsIdentity,
} from "./port-settings-values.ts";
import { id, name, nameOrId, switchSlot } from "./values.ts";

const atSwitch = z.strictObject({ rack_id: id, switch_slot: switchSlot });

/** Operations on the settings of switch ports. */
export const portSettingsOperations: Operations = (api, context) => {
  const { store } = context;
  const { portSettings: table } = store.tables;
  const path = "/v1/system/networking/switch-port-settings";
  const find = (value: string, field: string) => topLevel(table, "switch-port-settings", field, value);
  operation(
    api,
    context,
    {
      id: "networking_switch_port_settings_list",
      method: "get",
      path,
      summary: "List switch port settings",
      query: z.strictObject({ ...pageByName, port_settings: nameOrId.optional() }),
      answer: pageOf(portSettingsIdentity),
    },
    ({ query: { port_settings: wanted, ...query } }) => {
      const where = wanted === undefined ? {} : isId(wanted) ? { id: wanted.toLowerCase() } : { name: wanted };
      return pageRows(table, where, query, (row) => view(portSettingsIdentity, row));
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_switch_port_settings_create",
      method: "post",
      path,
      summary: "Create switch port settings",
      body: portSettingsCreate,
      answer: portSettings,
      status: 201,
    },
    ({ body }) => showSettings(store, createPortSettings(store, body)),
  );
  operation(
    api,
    context,
    {
      id: "networking_switch_port_settings_delete",
      method: "delete",
      path,
      summary: "Delete switch port settings",
      query: z.strictObject({ port_settings: nameOrId.optional() }),
    },
    ({ query: { port_settings: value } }) => {
      if (value === undefined) throw invalid("port_settings", "must be specified");
      deletePortSettings(store, find(value, "port_settings"));
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_switch_port_settings_view",
      method: "get",
      path: `${path}/{port}`,
      summary: "Get information about switch port",
      params: z.strictObject({ port: nameOrId }),
      answer: portSettings,
    },
    ({ params: { port } }) => showSettings(store, find(port, "port")),
  );
};

function showSettings({ tables }: Store, row: PortSettingsRow): z.input<typeof portSettings> {
  const { settings } = row;
  const own = { port_settings_id: row.id };
  return view(portSettings, {
    ...row,
    port: { ...own, geometry: settings.geometry },
    groups: settings.groups.map((group) => ({ ...own, port_settings_group_id: group })),
    links: settings.links.map(({ tx_eq, lldp, ...link }) => ({
      ...own,
      ...link,
      tx_eq_config: tx_eq ?? null,
      lldp_link_config: { ...lldp, id: row.id },
    })),
    interfaces: settings.interfaces.map(({ link_name: interface_name, ...rest }) => ({
      ...own,
      interface_name,
      ...rest,
    })),
    addresses: settings.addresses.map(({ link_name: interface_name, ...rest }) => ({
      ...own,
      interface_name,
      address_lot_name: tables.addressLots.find({ id: rest.address_lot_id })?.name ?? "",
      ...rest,
    })),
    routes: settings.routes.map(({ link_name: interface_name, vid, ...rest }) => ({
      ...own,
      interface_name,
      vlan_id: vid,
      ...rest,
    })),
    bgp_peers: settings.bgp_peers.map(({ link_name: _, ...peer }) => peer),
  });
}

/** Operations on switch ports. */
export const switchPortOperations: Operations = (api, context) => {
  const { store } = context;
  const { portSettings: table, switchPorts } = store.tables;
  const path = "/v1/system/hardware/switch-port/{port}";
  const one = { params: z.strictObject({ port: name }), query: atSwitch };
  operation(
    api,
    context,
    {
      ...one,
      id: "networking_switch_port_apply_settings",
      method: "post",
      path: `${path}/settings`,
      summary: "Apply switch port settings",
      body: z.strictObject({ port_settings: nameOrId }),
    },
    ({ params: { port }, query, body }) => {
      const settings = topLevel(table, "switch-port-settings", "port_settings", body.port_settings);
      applyPortSettings(store, switchPortOf(store, port, query), settings);
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "networking_switch_port_clear_settings",
      method: "delete",
      path: `${path}/settings`,
      summary: "Clear switch port settings",
    },
    ({ params: { port }, query }) => {
      switchPorts.update({ id: switchPortOf(store, port, query).id }, { port_settings_id: null });
    },
  );
  const silent: LldpLinkSettings = { enabled: false };
  operation(
    api,
    context,
    {
      ...one,
      id: "networking_switch_port_lldp_config_view",
      method: "get",
      path: `${path}/lldp/config`,
      summary: "Fetch the LLDP configuration for a switch port",
      answer: lldpShown,
    },
    ({ params: { port }, query }) => {
      const row = switchPortOf(store, port, query);
      const applied = row.port_settings_id === null ? undefined : table.find({ id: row.port_settings_id });
      return { ...(row.lldp ?? applied?.settings.links[0]?.lldp ?? silent), id: row.id };
    },
  );
  operation(
    api,
    context,
    {
      ...one,
      id: "networking_switch_port_lldp_config_update",
      method: "post",
      path: `${path}/lldp/config`,
      summary: "Update the LLDP configuration for a switch port",
      body: lldpCreate.extend({ id: id.optional() }),
    },
    ({ params: { port }, query, body: { id: _, ...lldp } }) => {
      switchPorts.update({ id: switchPortOf(store, port, query).id }, { lldp });
    },
  );
};
