import { parseAddress } from "../../../packet/index.ts";

/** What servers answer for: every VPC has a zone of its own, by its VNI, so that names of two VPCs never meet. */
export const servedZone = "internal";

/** The zone of the racks' own services. */
export const servicesZone = "services.internal";

/** The zone of a VPC at the servers. Guests know theirs as `VPC.PROJECT.internal`. */
export function vpcZone(vni: number): string {
  return `${vni}.vpc.internal`;
}

/** Whether a name is `zone` or lies in it; both in lower case. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** The name by which an address is looked up (RFC 1035 section 3.5, RFC 3596 section 2.5). Throws PacketError for none. */
export function reverseName(address: string): string {
  const bytes = [...parseAddress(address)].toReversed();
  if (bytes.length === 4) return `${bytes.join(".")}.in-addr.arpa`;
  return `${bytes.flatMap((byte) => [(byte & 15).toString(16), (byte >> 4).toString(16)]).join(".")}.ip6.arpa`;
}

/** Reverse names of addresses that mean something inside of a network alone (RFC 1918, RFC 4193; RFC 6303 section 4). */
const privateReverse = /(?:^|\.)(?:10|168\.192|(?:1[6-9]|2\d|3[01])\.172)\.in-addr\.arpa$|(?:^|\.)[cd]\.f\.ip6\.arpa$/;

/** Whether a name is the reverse one of a private address. */
export function isPrivateReverse(name: string): boolean {
  return privateReverse.test(name);
}
