import { pseudoHeaderSumIpv4, pseudoHeaderSumIpv6 } from "./checksum.ts";
import { parseIpv4 } from "./ipv4-address.ts";
import { formatIpv6, parseIpv6 } from "./ipv6-address.ts";
import type { Layer, LayerName } from "./layers.ts";
import type { Routing } from "./ipv6-extension.ts";

/**
 * The sum of the pseudo header for the upper layer at `index` of `layers`, whose header and data are `length` bytes:
 * of the IP header below it, extension headers between. Zero if there is none.
 */
export function pseudoHeaderSum(layers: readonly Layer[], index: number, protocol: number, length: number): number {
  let finalDestination: string | undefined;
  for (const below of layers.slice(0, index).reverse()) {
    if (below.layer === "ipv4") {
      return pseudoHeaderSumIpv4(parseIpv4(below.src), parseIpv4(below.dst), protocol, length);
    }
    if (below.layer === "ipv6") {
      const dst = parseIpv6(finalDestination ?? below.dst);
      return pseudoHeaderSumIpv6(parseIpv6(below.src), dst, protocol, length);
    }
    if (below.layer === "routing") finalDestination ??= lastSegment(below);
    else if (!extensionHeaders.has(below.layer)) return 0;
  }
  return 0;
}

const extensionHeaders: ReadonlySet<LayerName> = new Set([
  "hop-by-hop",
  "destination-options",
  "fragment",
  "extension",
  "ddm",
] as const);

/**
 * Where a packet goes in the end while segments are left (RFC 8200 section 8.1): the last address of types 0 and 2,
 * the first of the reversed list of segment routing (type 4, RFC 8754).
 */
function lastSegment({ routingType, segmentsLeft, data }: Routing): string | undefined {
  if (segmentsLeft === 0 || data.length < 20) return undefined;
  if (routingType === 4) return formatIpv6(data, 4);
  return routingType === 0 || routingType === 2 ? formatIpv6(data, data.length - 16) : undefined;
}
