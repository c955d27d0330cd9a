import { canonicalIpv4, canonicalIpv6, parseMac, parsePrefix, formatPrefix } from "../../../packet/index.ts";
import type { NatState, SwitchState } from "../../nexus/sled-interface/switch-state.ts";
import type { LearntRoute, OutsidePath } from "./learnt-route.ts";
import type { DpdUplink, DpdWanted } from "./wanted.ts";

/** Owner of what mgd tells dpd. */
export const dpdTag = "mgd";

/** A request to dpd's API. */
export interface DpdRequest {
  readonly method: "PUT" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

/** A link of dpd, as far as it matters here. */
export interface DpdLink extends Pick<DpdUplink, "port" | "ipv6"> {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Those of mgd. */
  readonly addresses: readonly string[];
}

/** What dpd has of what nexus says. */
export interface DpdPresent {
  /** Uplinks: ports out of the rack that have a link. */
  readonly links: readonly DpdLink[];
  readonly nat: SwitchState["nat"];
  readonly attachedSubnets: SwitchState["attached_subnets"];
  /** Those of mgd. */
  readonly loopbacks: readonly string[];
}

/**
 * Requests after which dpd has what is wanted; none if it has that already. What goes, goes first: dpd refuses a range of ports for
 * another guest while it has one.
 */
export function dpdRequests(wanted: DpdWanted, present: DpdPresent): readonly DpdRequest[] {
  const released = present.links.map((link) => release(link, wanted.uplinks));
  return [
    ...released.flatMap(({ requests }) => requests),
    ...wanted.uplinks.flatMap((uplink) =>
      uplinkRequests(
        uplink,
        released.map(({ link }) => link),
      ),
    ),
    ...loopbackRequests(wanted.loopbacks, present.loopbacks),
    ...natRequests(wanted.nat, present.nat),
    ...subnetRequests(wanted.attachedSubnets, present.attachedSubnets),
  ];
}

/** A link without the addresses that it shall have no more: another may be to have them. */
function release(
  link: DpdLink,
  uplinks: readonly DpdUplink[],
): { readonly link: DpdLink; readonly requests: readonly DpdRequest[] } {
  const { port, parameters, ipv6 } = link;
  const uplink = uplinks.find((other) => other.port === port);
  const wanted = new Set(uplink?.addresses.map(canonical));
  const addresses = link.addresses.filter((address) => wanted.has(address));
  const requests = [
    ...(addresses.length === link.addresses.length ? [] : [settingsRequest(port, parameters, addresses)]),
    ...(uplink === undefined && ipv6 ? [ipv6Request(port, false)] : []),
  ];
  return { link: { ...link, addresses }, requests };
}

function ipv6Request(port: string, isEnabled: boolean): DpdRequest {
  return { method: "PUT", path: `/ports/${port}/links/0/ipv6_enabled`, body: isEnabled };
}

function uplinkRequests(uplink: DpdUplink, links: readonly DpdLink[]): readonly DpdRequest[] {
  const { port, parameters, ipv6 } = uplink;
  const addresses = uplink.addresses.map(canonical);
  const link = links.find((other) => other.port === port);
  const isSet =
    link !== undefined && sameAddresses(addresses, link.addresses) && sameParameters(parameters, link.parameters);
  return [
    ...(isSet ? [] : [settingsRequest(port, parameters, addresses)]),
    // A new link of an uplink has no link-local address.
    ...(ipv6 === (link?.ipv6 ?? false) ? [] : [ipv6Request(port, ipv6)]),
  ];
}

function settingsRequest(port: string, params: object, addrs: readonly string[]): DpdRequest {
  return { method: "POST", path: `/port/${port}/settings?tag=${dpdTag}`, body: { links: { 0: { params, addrs } } } };
}

function sameAddresses(wanted: readonly string[], present: readonly string[]): boolean {
  return wanted.length === present.length && wanted.every((address) => present.includes(address));
}

function sameParameters(wanted: DpdUplink["parameters"], present: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => JSON.stringify(value) === JSON.stringify(present[name] ?? null),
  );
}

function loopbackRequests(wanted: readonly string[], present: readonly string[]): readonly DpdRequest[] {
  const addresses = wanted.map(canonical);
  return [
    ...present
      .filter((address) => !addresses.includes(address))
      .map((address) => ({ method: "DELETE", path: `/loopback/${familyName(address)}/${address}` }) as const),
    ...addresses
      .filter((addr) => !present.includes(addr))
      .map((addr) => ({ method: "POST", path: `/loopback/${familyName(addr)}`, body: { tag: dpdTag, addr } }) as const),
  ];
}

function natRequests(wanted: readonly NatState[], present: readonly NatState[]): readonly DpdRequest[] {
  const [want, have] = [new Map(wanted.map(natEntry)), new Map(present.map(natEntry))];
  const path = ({ external_ip: ip, first_port: first }: NatState): string =>
    `/nat/${familyName(ip)}/${canonical(ip)}/${first}`;
  return [
    ...[...have].flatMap(([key, entry]) => (want.has(key) ? [] : [{ method: "DELETE", path: path(entry) } as const])),
    ...[...want].flatMap(([key, entry]) =>
      have.has(key)
        ? []
        : [{ method: "PUT", path: `${path(entry)}/${entry.last_port}`, body: guestBody(entry.target) } as const],
    ),
  ];
}

function natEntry(entry: NatState): readonly [string, NatState] {
  const { external_ip: ip, first_port: first, last_port: last, target } = entry;
  return [[canonical(ip), first, last, guestKey(target)].join(" "), entry];
}

function subnetRequests(
  wanted: SwitchState["attached_subnets"],
  present: SwitchState["attached_subnets"],
): readonly DpdRequest[] {
  const key = ({ subnet, target }: SwitchState["attached_subnets"][number]): string =>
    `${prefixText(subnet)} ${guestKey(target)}`;
  const path = (subnet: string): string => `/attached_subnet/${encodeURIComponent(prefixText(subnet))}`;
  const [want, have] = [new Set(wanted.map(key)), new Set(present.map(key))];
  return [
    ...present
      .filter((each) => !want.has(key(each)))
      .map(({ subnet }) => ({ method: "DELETE", path: path(subnet) }) as const),
    ...wanted
      .filter((each) => !have.has(key(each)))
      .map(({ subnet, target }) => ({ method: "PUT", path: path(subnet), body: guestBody(target) }) as const),
  ];
}

/** Requests after which mgd's routes in dpd are these: new targets come before old ones go, so that there is always one. */
export function routeRequests(wanted: readonly LearntRoute[], present: readonly LearntRoute[]): readonly DpdRequest[] {
  const [want, have] = [pathsByKey(wanted), pathsByKey(present)];
  return [
    ...[...want].flatMap(([key, { prefix, path }]) => (have.has(key) ? [] : [addTarget(prefix, path)])),
    ...[...have].flatMap(
      ([
        key,
        {
          prefix,
          path: { port, link, nextHop },
        },
      ]) =>
        want.has(key)
          ? []
          : [
              {
                method: "DELETE",
                path: `/route/${familyName(prefix)}/${encodeURIComponent(prefix)}/${port}/${link}/${nextHop}`,
              } as const,
            ],
    ),
  ];
}

function addTarget(prefix: string, { port, link, nextHop }: OutsidePath): DpdRequest {
  const target = { tag: dpdTag, port_id: port, link_id: link, tgt_ip: nextHop, vlan_id: null };
  const tagged = nextHop.includes(":") ? { V6: target } : { V4: target };
  const isIpv6 = prefix.includes(":");
  const body = { cidr: prefix, target: isIpv6 ? target : tagged, replace: false };
  return { method: "POST", path: `/route/${familyName(prefix)}`, body };
}

function pathsByKey(
  routes: readonly LearntRoute[],
): ReadonlyMap<string, { readonly prefix: string; readonly path: OutsidePath }> {
  return new Map(
    routes.flatMap(({ prefix: text, paths }) => {
      const prefix = prefixText(text);
      return paths.map((path) => [`${prefix} ${path.port}/${path.link} ${canonical(path.nextHop)}`, { prefix, path }]);
    }),
  );
}

function guestBody({ internal_ip, inner_mac, vni }: NatState["target"]): object {
  return { internal_ip, inner_mac: { a: [...parseMac(inner_mac)] }, vni };
}

function guestKey({ internal_ip: ip, inner_mac: mac, vni }: NatState["target"]): string {
  return `${canonical(ip)} ${mac.toLowerCase()} ${vni}`;
}

function familyName(text: string): string {
  return text.includes(":") ? "ipv6" : "ipv4";
}

function canonical(address: string): string {
  return address.includes(":") ? canonicalIpv6(address) : canonicalIpv4(address);
}

function prefixText(text: string): string {
  return formatPrefix(parsePrefix(text));
}
