import { formatIpv4 } from "../packet/ipv4-address.ts";
import { formatIpv6 } from "../packet/ipv6-address.ts";
import { formatMac } from "../packet/mac.ts";

/** The kernel's numbers for address families. */
export const family = { unspecified: 0, ipv4: 2, ipv6: 10 } as const;

/** The family that an address of this many bytes belongs to. */
export function familyOf(address: Uint8Array): number {
  return address.length === 4 ? family.ipv4 : family.ipv6;
}

/** An IPv4 or IPv6 address as text; undefined for any other number of bytes. */
export function addressText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length === 4) return formatIpv4(bytes);
  return bytes?.length === 16 ? formatIpv6(bytes) : undefined;
}

/** A MAC address as text; undefined for a hardware address of another length. */
export function macText(bytes: Uint8Array | undefined): string | undefined {
  return bytes?.length === 6 ? formatMac(bytes) : undefined;
}
