import { canonicalIpv4, canonicalIpv6 } from "../../../packet/index.ts";
import type { NexusConfiguration } from "../configuration.ts";
import { addressText, blockOfPrefix, familyOf } from "../engine/ip-block.ts";
import type { BgpPeerSettings } from "../engine/fabric-rows.ts";
import { createAddressLot } from "../resources/address-lots.ts";
import { createBgpConfig, setAnnounceSet } from "../resources/bgp.ts";
import { addRange, createPool, defaultPool, linkPool } from "../resources/pools.ts";
import { applyPortSettings, createPortSettings, switchPortOf } from "../resources/port-settings.ts";
import { notFound } from "../resources/refusals.ts";
import type { Store } from "../store/store.ts";
import { makeDeclared } from "./declared-once.ts";

type Boundary = NexusConfiguration["boundary"];
type Uplink = Boundary["uplinks"][number];

const description = "declared by the topology";
const own = "declared";
const link = "phy0";
/** Between two packets of a declared BFD session, microseconds; of three none has come when it is down. */
const bfdIntervalMicros = 300_000;
const bfdThreshold = 3;

/**
 * Make the pools, the BGP router and the uplinks that the configuration declares and that are not there. @throws ApiError for what
 * cannot be made; nothing is then
 */
export function applyDeclaredBoundary(store: Store, boundary: Boundary): void {
  const { pools, bgp, uplinks } = boundary;
  makeDeclared(store, "declared_boundary", boundary, {
    isEmpty: pools.length === 0 && bgp === undefined && uplinks.length === 0,
    make: () => {
      for (const pool of pools) applyPool(store, pool);
      if (bgp !== undefined) applyBgp(store, bgp);
      for (const uplink of uplinks) applyUplink(store, uplink);
    },
  });
}

function applyPool(store: Store, { name, prefixes }: Boundary["pools"][number]): void {
  const { ipPools, silos } = store.tables;
  const silo = silos.find({ name: "default" });
  if (silo === undefined || ipPools.find({ name }) !== undefined) return;
  const [first = ""] = prefixes;
  const ip_version = familyOf(first) === 4 ? "v4" : "v6";
  const pool = createPool(store, { name, description, ip_version, pool_type: "unicast", assignment: "silos" });
  for (const prefix of prefixes) {
    const { family, first: low, last: high } = blockOfPrefix(prefix);
    addRange(store, pool, { first: addressText(family, low), last: addressText(family, high) });
  }
  linkPool(store, pool, silo.id, defaultPool(store, ip_version) === undefined);
}

function applyBgp(store: Store, { asn, max_paths }: NonNullable<Boundary["bgp"]>): void {
  if (store.tables.bgpConfigs.find({ name: own }) !== undefined) return;
  setAnnounceSet(store, { name: own, description, announcement: [] });
  createBgpConfig(store, { name: own, description, asn, vrf: null, max_paths, announceSet: own });
}

function applyUplink(store: Store, { rack, slot, port, addresses, peers, routes }: Uplink): void {
  const { racks, portSettings, bfdSessions } = store.tables;
  const rackRow = racks.find({ name: rack });
  if (rackRow === undefined) throw notFound("rack", "rack", rack);
  const name = `${own}-${rack}-${slot}-${port}`;
  if (portSettings.find({ name }) !== undefined) return;
  const bare = (address: string): string => canonical(address.replace(/\/\d+$/, ""));
  const blocks = addresses.map((address) => ({ first_address: bare(address), last_address: bare(address) }));
  if (blocks.length > 0) createAddressLot(store, { name, description, kind: "infra", blocks });
  const settings = createPortSettings(store, {
    ...{ name, description, groups: [], port_config: { geometry: "qsfp28x1" } },
    links: [
      {
        link_name: link,
        mtu: 1500,
        speed: "speed100_g",
        fec: "rs",
        autoneg: false,
        tx_eq: null,
        lldp: { enabled: true },
      },
    ],
    interfaces: [
      { link_name: link, kind: { type: "primary" }, v6_enabled: addresses.some((text) => text.includes(":")) },
    ],
    addresses: [
      {
        link_name: link,
        addresses: addresses.map((address) => ({
          address: `${bare(address)}/${address.split("/")[1] ?? ""}`,
          address_lot: name,
        })),
      },
    ],
    routes: [{ link_name: link, routes: routes.map(({ to: dst, via: gw }) => ({ dst, gw })) }],
    bgp_peers: [{ link_name: link, peers: peers.map(peerSettings) }],
  });
  applyPortSettings(store, switchPortOf(store, port, { rack_id: rackRow.id, switch_slot: slot }), settings);
  for (const { address, bfd } of peers) {
    if (
      !bfd ||
      address === undefined ||
      bfdSessions.find({ switch_slot: slot, remote: canonical(address) }) !== undefined
    ) {
      continue;
    }
    bfdSessions.insert({
      ...{ id: store.newId(), switch_slot: slot, remote: canonical(address), local: null, mode: "single_hop" },
      ...{ detection_threshold: bfdThreshold, required_rx: bfdIntervalMicros },
    });
  }
}

function peerSettings({ address, asn, hold_time }: Uplink["peers"][number]): BgpPeerSettings {
  return {
    addr:
      address === undefined ? { type: "unnumbered", router_lifetime: 0 } : { type: "numbered", ip: canonical(address) },
    bgp_config: own,
    allowed_export: { type: "no_filtering" },
    allowed_import: { type: "no_filtering" },
    communities: [],
    connect_retry: 3,
    delay_open: 0,
    enforce_first_as: false,
    hold_time,
    idle_hold_time: 0,
    keepalive: Math.floor(hold_time / 3),
    ...(asn === undefined ? {} : { remote_asn: asn }),
  };
}

function canonical(address: string): string {
  return address.includes(":") ? canonicalIpv6(address) : canonicalIpv4(address);
}
