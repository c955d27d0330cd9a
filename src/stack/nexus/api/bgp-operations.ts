import { z } from "@hono/zod-openapi";
import type { SwitchRow } from "../engine/fabric-rows.ts";
import { topLevel } from "../resources/lookup.ts";
import {
  createBgpConfig,
  deleteAnnounceSet,
  deleteBgpConfig,
  setAnnounceSet,
  updateBgpConfig,
} from "../resources/bgp.ts";
import { operation, type Operations, type SwitchStatus, view } from "./operation.ts";
import { pageByName, pageOf, pageRows } from "./paging.ts";
import { identity, identityCreate, identityUpdate, ipNet, name, nameOrId, switchSlot, wholeNumber } from "./values.ts";

const asn = z.int().min(1).max(0xffff_ffff);
const maxPaths = z.int().min(1).max(32);
const config = z.object({ ...identity, asn, vrf: z.string().nullable(), max_paths: z.int() }).openapi("BgpConfig");
const announceSet = z.object(identity).openapi("BgpAnnounceSet");
const announcement = z
  .object({ announce_set_id: z.string(), address_lot_block_id: z.string(), network: z.string() })
  .openapi("BgpAnnouncement");
const peerStatus = z
  .object({
    addr: z.string(),
    peer_id: z.string(),
    local_asn: z.int(),
    remote_asn: z.int(),
    state: z.string(),
    state_duration_millis: z.int(),
    switch: switchSlot,
  })
  .openapi("BgpPeerStatus");
const exported = z.object({ peer_id: z.string(), prefix: z.string(), switch: switchSlot }).openapi("BgpExported");
const imported = z
  .object({ id: z.int(), nexthop: z.string(), prefix: z.string(), switch: switchSlot })
  .openapi("BgpImported");

/** Operations on BGP. */
export const bgpOperations: Operations = (api, context) => {
  const { store } = context;
  const { bgpConfigs, announceSets, announcements } = store.tables;
  const path = "/v1/system/networking/bgp";
  const byName = z.strictObject({ name_or_id: nameOrId });
  const find = (value: string) => topLevel(bgpConfigs, "bgp-config", "name_or_id", value);
  operation(
    api,
    context,
    {
      id: "networking_bgp_config_list",
      method: "get",
      path,
      summary: "List BGP configurations",
      query: z.strictObject(pageByName),
      answer: pageOf(config),
    },
    ({ query }) => pageRows(bgpConfigs, {}, query, (row) => view(config, row)),
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_config_create",
      method: "post",
      path,
      summary: "Create BGP configuration",
      body: z.strictObject({
        ...identityCreate,
        asn,
        bgp_announce_set_id: nameOrId,
        max_paths: maxPaths.default(1),
        vrf: name.nullish(),
      }),
      answer: config,
      status: 201,
    },
    ({ body: { bgp_announce_set_id, vrf, ...rest } }) =>
      view(config, createBgpConfig(store, { ...rest, vrf: vrf ?? null, announceSet: bgp_announce_set_id })),
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_config_update",
      method: "put",
      path,
      summary: "Update BGP configuration",
      query: byName,
      body: z.strictObject({
        ...identityUpdate,
        bgp_announce_set_id: nameOrId.nullish(),
        max_paths: maxPaths.nullish(),
      }),
      answer: config,
    },
    ({ query, body }) => view(config, updateBgpConfig(store, find(query.name_or_id), body)),
  );
  operation(
    api,
    context,
    { id: "networking_bgp_config_delete", method: "delete", path, summary: "Delete BGP configuration", query: byName },
    ({ query }) => {
      deleteBgpConfig(store, find(query.name_or_id));
    },
  );

  const sets = "/v1/system/networking/bgp-announce-set";
  const params = z.strictObject({ announce_set: nameOrId });
  const findSet = (value: string) => topLevel(announceSets, "bgp-announce-set", "announce_set", value);
  operation(
    api,
    context,
    {
      id: "networking_bgp_announce_set_list",
      method: "get",
      path: sets,
      summary: "List BGP announce sets",
      query: z.strictObject(pageByName),
      answer: z.array(announceSet),
    },
    ({ query }) => pageRows(announceSets, {}, query, (row) => view(announceSet, row)).items,
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_announce_set_update",
      method: "put",
      path: sets,
      summary: "Update BGP announce set",
      body: z.strictObject({
        ...identityCreate,
        announcement: z.array(z.strictObject({ address_lot_block: nameOrId, network: ipNet })).max(1024),
      }),
      answer: announceSet,
      status: 201,
    },
    ({ body }) => view(announceSet, setAnnounceSet(store, body)),
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_announce_set_delete",
      method: "delete",
      path: `${sets}/{announce_set}`,
      summary: "Delete BGP announce set",
      params,
    },
    ({ params: { announce_set: value } }) => {
      deleteAnnounceSet(store, findSet(value));
    },
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_announcement_list",
      method: "get",
      path: `${sets}/{announce_set}/announcement`,
      summary: "Get originated routes for a specified BGP announce set",
      params,
      answer: z.array(announcement),
    },
    ({ params: { announce_set: value } }) =>
      announcements.list({ announce_set_id: findSet(value).id }).map((row) => view(announcement, row)),
  );
};

/** What switches tell of their BGP sessions. */
export const bgpStatusOperations: Operations = (api, context) => {
  const { store, fabric } = context;
  const path = "/v1/system/networking/bgp";
  const fromSwitches = <T>(take: (status: SwitchStatus, slot: SwitchRow["switch_slot"]) => T[]): T[] =>
    store.tables.switches.list({ is_present: true }).flatMap(({ id, switch_slot }) => {
      const status = fabric.switchReport(id);
      return status === undefined ? [] : take(status, switch_slot);
    });
  operation(
    api,
    context,
    {
      id: "networking_bgp_status",
      method: "get",
      path: `${path}-status`,
      summary: "Get BGP peer status",
      answer: z.array(peerStatus),
    },
    () => fromSwitches(({ bgp_peers }, slot) => bgp_peers.map((peer) => ({ ...peer, switch: slot }))),
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_exported",
      method: "get",
      path: `${path}-exported`,
      summary: "List BGP exported routes",
      answer: z.array(exported),
    },
    () => fromSwitches(({ bgp_exported }, slot) => bgp_exported.map((route) => ({ ...route, switch: slot }))),
  );
  operation(
    api,
    context,
    {
      id: "networking_bgp_imported",
      method: "get",
      path: `${path}-imported`,
      summary: "Get imported BGP routes",
      query: z.strictObject({ asn: wholeNumber(1, 0xffff_ffff) }),
      answer: z.array(imported),
    },
    ({ query }) =>
      fromSwitches(({ bgp_imported }, slot) =>
        bgp_imported
          .filter((route) => route.asn === query.asn)
          .map(({ asn: _, ...route }) => ({ ...route, switch: slot })),
      ),
  );
};
