import { blockOf, familyOf } from "../engine/ip-block.ts";
import type {
  BgpPeerSettings,
  PortSettings,
  PortSettingsRow,
  SwitchPortRow,
  SwitchSlot,
} from "../engine/fabric-rows.ts";
import type { Store } from "../store/store.ts";
import { blockFor } from "./address-lots.ts";
import { requireFreeName, topLevel } from "./lookup.ts";
import { invalid, notFound } from "./refusals.ts";

/** What is said of new settings: as the API has them, by link. */
export interface PortSettingsCreate {
  readonly name: string;
  readonly description: string;
  readonly port_config: { readonly geometry: PortSettings["geometry"] };
  readonly groups: readonly string[];
  readonly links: PortSettings["links"];
  readonly interfaces: readonly Omit<PortSettings["interfaces"][number], "id">[];
  readonly addresses: readonly {
    readonly link_name: string;
    readonly addresses: readonly {
      readonly address: string;
      readonly address_lot: string;
      readonly vlan_id?: number | null | undefined;
    }[];
  }[];
  readonly routes: readonly {
    readonly link_name: string;
    readonly routes: readonly {
      readonly dst: string;
      readonly gw: string;
      readonly rib_priority?: number | null | undefined;
      readonly vid?: number | null | undefined;
    }[];
  }[];
  readonly bgp_peers: readonly { readonly link_name: string; readonly peers: readonly BgpPeerSettings[] }[];
}

/** Make settings of a port. @throws ApiError (400) for a link, lot or BGP configuration that there is not */
export function createPortSettings(store: Store, wanted: PortSettingsCreate): PortSettingsRow {
  const { portSettings } = store.tables;
  const { name, description, port_config: port, links, groups } = wanted;
  requireFreeName(portSettings, "switch-port-settings", { name });
  const known = requireLinks(wanted);
  const settings: PortSettings = {
    geometry: port.geometry,
    groups: groups.map((group, at) => topLevel(portSettings, "switch-port-settings", `groups.${at}`, group).id),
    links,
    interfaces: wanted.interfaces.map((each, at) => {
      known(each.link_name, `interfaces.${at}.link_name`);
      return { id: store.newId(), ...each };
    }),
    addresses: wanted.addresses.flatMap(({ link_name, addresses }, at) => {
      known(link_name, `addresses.${at}.link_name`);
      return addresses.map((each, of) => ({ link_name, ...addressOf(store, each, `addresses.${at}.addresses.${of}`) }));
    }),
    routes: wanted.routes.flatMap(({ link_name, routes }, at) => {
      known(link_name, `routes.${at}.link_name`);
      return routes.map(({ dst, gw, rib_priority, vid }, of) => {
        if (familyOf(dst) !== familyOf(gw)) {
          throw invalid(`routes.${at}.routes.${of}.gw`, `${gw} is of another family than ${dst}`);
        }
        return { link_name, dst, gw, rib_priority: rib_priority ?? null, vid: vid ?? null };
      });
    }),
    bgp_peers: wanted.bgp_peers.flatMap(({ link_name, peers }, at) => {
      known(link_name, `bgp_peers.${at}.link_name`);
      return peers.map((peer, of) => {
        const field = `bgp_peers.${at}.peers.${of}.bgp_config`;
        return {
          ...peer,
          link_name,
          bgp_config: topLevel(store.tables.bgpConfigs, "bgp-config", field, peer.bgp_config).id,
        };
      });
    }),
  };
  return portSettings.insert({ ...store.newIdentity({ name, description }), settings });
}

function requireLinks({ links }: PortSettingsCreate): (name: string, field: string) => void {
  const names = new Set<string>();
  for (const [at, { link_name: name }] of links.entries()) {
    if (names.has(name)) throw invalid(`links.${at}.link_name`, `"${name}" is the name of another link`);
    names.add(name);
  }
  return (name, field) => {
    if (!names.has(name)) throw invalid(field, `no link "${name}"; there are: ${[...names].join(", ") || "none"}`);
  };
}

function addressOf(
  store: Store,
  { address, address_lot: lot, vlan_id }: PortSettingsCreate["addresses"][number]["addresses"][number],
  field: string,
): Omit<PortSettings["addresses"][number], "link_name"> {
  const [bare = ""] = address.split("/");
  const block = blockFor(store, lot, bare, `${field}.address_lot`, `${field}.address`);
  return {
    address,
    address_lot_id: block.address_lot_id,
    address_lot_block_id: block.id,
    vlan_id: vlan_id ?? null,
  };
}

/** @throws ApiError (400) while a port has them */
export function deletePortSettings({ tables }: Store, { id, name }: PortSettingsRow): void {
  const port = tables.switchPorts.find({ port_settings_id: id });
  if (port !== undefined) {
    throw invalid(
      "port_settings",
      `"${name}" is applied to ${port.port_name} of ${port.switch_slot}: clear that first`,
    );
  }
  tables.portSettings.delete({ id });
}

/** A port of a switch. @throws ApiError (404) */
export function switchPortOf(
  { tables }: Store,
  port: string,
  where: { readonly rack_id: string; readonly switch_slot: SwitchSlot },
): SwitchPortRow {
  const row = tables.switchPorts.find({ ...where, port_name: port });
  if (row === undefined) throw notFound("switch-port", "port", port);
  return row;
}

/** Let a port be as settings say. @throws ApiError (400) if another port of the rack has one of their addresses */
export function applyPortSettings({ tables }: Store, port: SwitchPortRow, { id, settings }: PortSettingsRow): void {
  const own = new Set(settings.addresses.map(({ address }) => blockOf(address.split("/")[0] ?? "").first));
  for (const other of tables.switchPorts.list({ rack_id: port.rack_id })) {
    if (other.id === port.id || other.port_settings_id === null) continue;
    const applied = tables.portSettings.find({ id: other.port_settings_id })?.settings.addresses ?? [];
    const shared = applied.find(({ address }) => own.has(blockOf(address.split("/")[0] ?? "").first));
    if (shared !== undefined) {
      throw invalid("port_settings", `${shared.address} is an address of ${other.port_name} of ${other.switch_slot}`);
    }
  }
  tables.switchPorts.update({ id: port.id }, { port_settings_id: id });
}
