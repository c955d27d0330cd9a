import { formatIpv6, parseIpv6 } from "../../packet/ipv6-address.ts";
import { parsePrefix } from "../../packet/prefix.ts";

/**
 * The address in an underlay prefix that answers probes: the `::1` that every node has in its own /64. Undefined for a prefix of
 * another length, which is of several nodes or of none. Throws a PacketError for text that is no prefix.
 */
export function probeAddressOf(prefix: string): string | undefined {
  const { family, address, length } = parsePrefix(prefix);
  if (family !== 6 || length !== 64) return undefined;
  const bytes = parseIpv6(address);
  bytes[15] = 1;
  return formatIpv6(bytes);
}
