import { canonicalIpv6 } from "../packet/index.ts";

/**
 * The addresses of a site (RFD 63, "Physical Network Architecture"): one /48, of which rack R has the /56 RR00, RR being
 * R + 1, and service discovery 0000; sled H of it the /64 RRHH, HH being H + 1; and switch S, as a tunnel endpoint, the /64 RRfS.
 */
const site = "fd00:1122:3344";

/** All addresses of the underlay. */
export const sitePrefix = `${site}::/48`;

/** Racks of a site, sleds of a rack and switches of a rack that there are numbers for. */
export const mostRacks = 0xfe;
export const mostSleds = 0xef;
export const mostSwitches = 0x10;

/** The /56 of a rack, by its index from 0. */
export function rackPrefix(rack: number): string {
  return `${network(rack, 0)}/56`;
}

/** The /64 of a sled, by the indexes of its rack and of the sled in it, from 0. */
export function sledPrefix(rack: number, sled: number): string {
  return `${network(rack, sled + 1)}/64`;
}

/** The /64 of a switch's tunnel endpoint, by the indexes of its rack and of the switch in it, from 0. */
export function switchPrefix(rack: number, index: number): string {
  return `${network(rack, 0xf0 + index)}/64`;
}

/** The /56 of service discovery: its parts are known in the whole site (RFD 63, "Service Discovery"). */
export const discoveryRange = `${site}::/56`;

/** The /64 of a service that is to be found, by its index from 0. It is wherever the service is. */
export function discoveryPrefix(index: number): string {
  return `${canonicalIpv6(`${site}:${(index + 1).toString(16)}::`)}/64`;
}

/** The address of a node in its own /64: `::1` of it. */
export function hostAddress(prefix: string): string {
  return canonicalIpv6(prefix.replace(/::\/64$/, "::1"));
}

function network(rack: number, part: number): string {
  return canonicalIpv6(`${site}:${(((rack + 1) << 8) | part).toString(16)}::`);
}
