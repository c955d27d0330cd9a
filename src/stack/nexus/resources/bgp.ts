import { isGiven } from "../engine/given.ts";
import type { AnnounceSetRow, BgpConfigRow } from "../engine/fabric-rows.ts";
import type { Store } from "../store/store.ts";
import { blockFor } from "./address-lots.ts";
import { requireFreeName, topLevel } from "./lookup.ts";
import { identityChanges, type IdentityChange } from "./projects.ts";
import { alreadyExists, invalid } from "./refusals.ts";

/** Make a BGP router. @throws ApiError (400) for an AS number that another has */
export function createBgpConfig(
  store: Store,
  wanted: Pick<BgpConfigRow, "name" | "description" | "asn" | "vrf" | "max_paths"> & { readonly announceSet: string },
): BgpConfigRow {
  const { bgpConfigs, announceSets } = store.tables;
  const { announceSet, asn, vrf, max_paths, ...naming } = wanted;
  requireFreeName(bgpConfigs, "bgp-config", { name: naming.name });
  if (bgpConfigs.find({ asn }) !== undefined) throw alreadyExists("bgp-config of AS number", String(asn), "asn");
  const set = topLevel(announceSets, "bgp-announce-set", "bgp_announce_set_id", announceSet);
  return bgpConfigs.insert({ ...store.newIdentity(naming), asn, vrf, max_paths, bgp_announce_set_id: set.id });
}

/** Null and undefined leave what is. */
export function updateBgpConfig(
  store: Store,
  config: BgpConfigRow,
  {
    bgp_announce_set_id: announceSet,
    max_paths: maxPaths,
    ...change
  }: IdentityChange & {
    readonly bgp_announce_set_id?: string | null | undefined;
    readonly max_paths?: number | null | undefined;
  },
): BgpConfigRow {
  const { bgpConfigs, announceSets } = store.tables;
  if (isGiven(change.name)) requireFreeName(bgpConfigs, "bgp-config", { name: change.name }, config.id);
  const set = !isGiven(announceSet)
    ? undefined
    : topLevel(announceSets, "bgp-announce-set", "bgp_announce_set_id", announceSet);
  const changes = {
    ...identityChanges(store, change),
    ...(set === undefined ? {} : { bgp_announce_set_id: set.id }),
    ...(!isGiven(maxPaths) ? {} : { max_paths: maxPaths }),
  };
  bgpConfigs.update({ id: config.id }, changes);
  return { ...config, ...changes };
}

/** @throws ApiError (400) while a port has a peer of it */
export function deleteBgpConfig({ tables }: Store, { id, name }: BgpConfigRow): void {
  const user = tables.portSettings
    .list()
    .find(({ settings }) => settings.bgp_peers.some((peer) => peer.bgp_config === id));
  if (user !== undefined) throw invalid("name_or_id", `"${name}" is in use by switch port settings "${user.name}"`);
  tables.bgpConfigs.delete({ id });
}

/** Make a set of announcements, or put these in the place of those that it has. */
export function setAnnounceSet(
  store: Store,
  {
    announcement,
    ...naming
  }: Pick<AnnounceSetRow, "name" | "description"> & {
    readonly announcement: readonly { readonly address_lot_block: string; readonly network: string }[];
  },
): AnnounceSetRow {
  const { announceSets, announcements } = store.tables;
  const before = announceSets.find({ name: naming.name });
  const set = before ?? announceSets.insert(store.newIdentity(naming));
  const changes = { description: naming.description, time_modified: store.timeText() };
  if (before !== undefined) announceSets.update({ id: set.id }, changes);
  announcements.delete({ announce_set_id: set.id });
  const networks = new Map<string, number>();
  for (const [at, { address_lot_block: lot, network }] of announcement.entries()) {
    const field = `announcement.${at}`;
    const first = networks.get(network);
    if (first !== undefined) throw invalid(`${field}.network`, `${network} is announcement.${first} too`);
    networks.set(network, at);
    const block = blockFor(store, lot, network, `${field}.address_lot_block`, `${field}.network`);
    announcements.insert({ id: store.newId(), announce_set_id: set.id, address_lot_block_id: block.id, network });
  }
  return { ...set, ...changes };
}

/** @throws ApiError (400) while a BGP router has it */
export function deleteAnnounceSet({ tables }: Store, { id, name }: AnnounceSetRow): void {
  const user = tables.bgpConfigs.find({ bgp_announce_set_id: id });
  if (user !== undefined) throw invalid("announce_set", `"${name}" is in use by BGP configuration "${user.name}"`);
  tables.announceSets.delete({ id });
}
