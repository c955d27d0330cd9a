import { PacketError, canonicalIpv6, formatPrefix, parsePrefix } from "../../../packet/index.ts";

/**
 * Names what is announced: an underlay prefix by its own text ("fd00:1::/64"), a tunnel origin by all its fields. Both go
 * through the same table and the same queues, and what a key stands for can be read back from it.
 */
export type RouteKey = string;

/** An overlay prefix that is reached through a boundary tunnel endpoint (section 1.6). */
export interface TunnelOrigin {
  readonly overlayPrefix: string;
  readonly boundaryAddress: string;
  /** 24 bits. */
  readonly vni: number;
  /** 32 bits; of the origins of one overlay prefix, those with a metric win over those without (section 1.10). */
  readonly metric: number;
}

const tunnelMark = "tunnel ";

/** The key of an underlay prefix, in its one canonical form; undefined for a text that is no IPv6 prefix. */
export function underlayKey(text: string): RouteKey | undefined {
  const prefix = prefixText(text);
  return prefix?.includes(":") === true ? prefix : undefined;
}

/** The key of a tunnel origin; undefined if a field is none. */
export function tunnelKey({ overlayPrefix, boundaryAddress, vni, metric }: TunnelOrigin): RouteKey | undefined {
  const overlay = prefixText(overlayPrefix);
  const boundary = addressText(boundaryAddress);
  return overlay === undefined || boundary === undefined
    ? undefined
    : `${tunnelMark}${overlay} ${boundary} ${vni} ${metric}`;
}

/** Whether the key is a tunnel origin's. */
export function isTunnelKey(key: RouteKey): boolean {
  return key.startsWith(tunnelMark);
}

/** What a tunnel origin's key stands for. */
export function tunnelOfKey(key: RouteKey): TunnelOrigin {
  const [overlayPrefix = "", boundaryAddress = "", vni, metric] = key.slice(tunnelMark.length).split(" ");
  return { overlayPrefix, boundaryAddress, vni: Number(vni), metric: Number(metric) };
}

/** An address in its one canonical form, without a zone; undefined for a text that is no IPv6 address. */
export function addressText(text: string): string | undefined {
  return attempt(() => canonicalIpv6(text.replace(/%.*$/, "")));
}

function prefixText(text: string): string | undefined {
  return attempt(() => formatPrefix(parsePrefix(text)));
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}
