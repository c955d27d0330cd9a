import type { SwitchState, UplinkState } from "../../nexus/sled-interface/switch-state.ts";
import { vnis } from "../../opte/engine/vpc/configuration.ts";
import { bfdConfiguration } from "./bfd-configuration.ts";
import { bgpConfiguration } from "./bgp-configuration.ts";
import type { ConfigurationLine } from "./frr-configuration.ts";
import { interfaceOfLink, type LearntRoute } from "./learnt-route.ts";
import { staticConfiguration } from "./static-configuration.ts";

/** What each of those that mgd tells something shall have. */
export interface Wanted {
  /** dpd: uplinks, their addresses, and what leads to guests. */
  readonly dpd: DpdWanted;
  /** dpd: routes out of the rack. */
  readonly routes: readonly LearntRoute[];
  /** ddmd: prefixes that are reached by way of this switch. */
  readonly ddmd: readonly TunnelOrigin[];
  /** The kernel: addresses of uplinks, by interface. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly bgpd: readonly ConfigurationLine[];
  readonly bfdd: readonly ConfigurationLine[];
  readonly staticd: readonly ConfigurationLine[];
}

/** Whom mgd tells something. */
export type Subject = keyof Wanted;

/** What dpd shall have of what nexus says. */
export interface DpdWanted {
  readonly uplinks: readonly DpdUplink[];
  readonly nat: SwitchState["nat"];
  readonly attachedSubnets: SwitchState["attached_subnets"];
  readonly loopbacks: readonly string[];
}

/** An uplink in dpd's words; it has one link, number 0. */
export interface DpdUplink {
  readonly port: string;
  readonly parameters: {
    readonly speed: string;
    readonly fec: string | null;
    readonly autoneg: boolean;
    readonly kr: false;
    readonly tx_eq: UplinkState["links"][number]["tx_eq"];
    readonly allow_ddm_traffic: false;
  };
  /** Without lengths. */
  readonly addresses: readonly string[];
  /** Whether it has a link-local address. */
  readonly ipv6: boolean;
}

/** As ddmd's API has it. */
export interface TunnelOrigin {
  readonly overlay_prefix: string;
  readonly boundary_addr: string;
  readonly vni: number;
  readonly metric: number;
}

const fecNames: Readonly<Record<string, string>> = { none: "None", firecode: "Firecode", rs: "RS" };

/** What all shall have: what nexus wants, and what has been learnt of the outside. */
export function wantedOf(desired: SwitchState, learnt: readonly LearntRoute[], tunnelEndpoint: string): Wanted {
  const peers = desired.bgp.flatMap(({ peers: own }) => own);
  return {
    dpd: {
      uplinks: desired.uplinks.map((uplink) => dpdUplink(uplink, peers)),
      nat: desired.nat,
      attachedSubnets: desired.attached_subnets,
      loopbacks: desired.loopback_addresses.map(({ address }) => bare(address)),
    },
    routes: learnt,
    ddmd: learnt.map(({ prefix }) => ({
      overlay_prefix: prefix,
      boundary_addr: tunnelEndpoint,
      vni: vnis.boundary,
      metric: 0,
    })),
    addresses: Object.fromEntries(
      desired.uplinks.map(({ port_name: port, addresses }) => [
        interfaceOfLink(port, 0),
        addresses.filter(({ vlan_id: vlan }) => vlan === null).map(({ address }) => address),
      ]),
    ),
    bgpd: bgpConfiguration(desired),
    bfdd: bfdConfiguration(desired),
    staticd: staticConfiguration(desired),
  };
}

/** What of the desired state this switch cannot be: told to nexus as faults. */
export function unsupported({ bgp, uplinks }: SwitchState): readonly string[] {
  const vlans = new Set([
    ...uplinks.flatMap(({ port_name: port, addresses, static_routes: routes }) =>
      [...addresses, ...routes].flatMap(({ vlan_id: vlan }) => (vlan === null ? [] : [`${port} VLAN ${vlan}`])),
    ),
    ...bgp.flatMap(({ peers }) =>
      peers.flatMap(({ port_name: port, vlan_id: vlan }) => (vlan === null ? [] : [`${port} VLAN ${vlan}`])),
    ),
  ]);
  return [
    ...[...vlans].map((vlan) => `${vlan}: uplinks with VLANs are not supported`),
    ...uplinks
      .filter(({ links }) => links.length > 1)
      .map(({ port_name: port, links }) => `${port}: ${links.length} links, and the port has one lane`),
    ...bgp
      .slice(1)
      .map(({ asn }) => `BGP router ${asn}: this switch has one BGP router, ${String(bgp[0]?.asn)}, and no second`),
    ...bgp.flatMap(({ asn, vrf }) => (vrf === null ? [] : [`BGP router ${asn}: VRF ${vrf} is not supported`])),
  ];
}

function dpdUplink(
  { port_name: port, links, interfaces, addresses }: UplinkState,
  peers: SwitchState["bgp"][number]["peers"],
): DpdUplink {
  const [link] = links;
  const own = addresses.filter(({ vlan_id: vlan }) => vlan === null).map(({ address }) => bare(address));
  return {
    port,
    parameters: {
      speed: speedName(link?.speed),
      fec: fecNames[link?.fec ?? ""] ?? null,
      autoneg: link?.autoneg ?? false,
      kr: false,
      tx_eq: link?.tx_eq ?? null,
      allow_ddm_traffic: false,
    },
    addresses: own,
    // Neighbours of an IPv6 uplink are found from its link-local address.
    ipv6:
      own.some((address) => address.includes(":")) ||
      interfaces.some(({ v6_enabled: enabled }) => enabled) ||
      peers.some(({ port_name: at, addr }) => at === port && addr.type === "unnumbered"),
  };
}

/** dpd's name of a speed: `Speed100G` of `speed100_g`. */
function speedName(speed: string | undefined): string {
  const [, number = "100"] = /^speed(\d+)_g$/.exec(speed ?? "") ?? [];
  return `Speed${number}G`;
}

/** An address without its length. */
function bare(address: string): string {
  return address.replace(/\/\d+$/, "");
}
