import { header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, ipv6Field } from "./field.ts";
import { canonicalIpv6 } from "./ipv6-address.ts";

/** The IPv6 header (RFC 8200 section 3). */
export interface Ipv6 {
  readonly layer: "ipv6";
  /** Differentiated services code point (RFC 2474), 0 to 63. */
  readonly dscp: number;
  /** Explicit congestion notification (RFC 3168), 0 to 3. */
  readonly ecn: number;
  readonly flowLabel: number;
  /** Bytes after this header. Left out: as many as there are. */
  readonly payloadLength?: number;
  /** Left out: that of the next layer. */
  readonly nextHeader?: number;
  readonly hopLimit: number;
  readonly src: string;
  readonly dst: string;
}

/** An IPv6 header: hop limit 64, flow label 0 unless said. Throws `PacketError` if an address is none. */
export function ipv6(fields: Partial<Ipv6> & Pick<Ipv6, "src" | "dst">): Ipv6 {
  return {
    dscp: 0,
    ecn: 0,
    flowLabel: 0,
    hopLimit: 64,
    ...fields,
    layer: "ipv6",
    src: canonicalIpv6(fields.src),
    dst: canonicalIpv6(fields.dst),
  };
}

const fixed = header<Omit<Ipv6, "layer"> & { readonly version: number }>({
  version: bits(4),
  dscp: bits(6),
  ecn: bits(2),
  flowLabel: bits(20),
  payloadLength: bits(16),
  nextHeader: bits(8),
  hopLimit: bits(8),
  src: ipv6Field(),
  dst: ipv6Field(),
});

const hopByHop = 0;

/** Reads and writes IPv6 headers. */
export const ipv6Codec: Codec<Ipv6> = {
  layer: "ipv6",
  title: "IPv6",
  carriedBy: [{ etherType: 0x86dd }, { ipProtocol: 41 }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected at least ${fixed.size} bytes, found ${bytes.length}`;
    const { version, ...values } = decoded.values;
    if (version !== 6) return `expected version 6, found ${version}`;
    const { payloadLength = 0, nextHeader = 0 } = values;
    const end = fixed.size + payloadLength;
    // A jumbogram (RFC 2675) has no length here, and a hop-by-hop header that tells it.
    const believed = end <= bytes.length && !(payloadLength === 0 && nextHeader === hopByHop);
    return {
      layer: { layer: "ipv6", ...values },
      headerLength: fixed.size,
      end: believed ? end : undefined,
      next: [{ space: "ipProtocol", number: nextHeader }],
    };
  },
  derive: (_layer, { body, nextNumber }) => ({ payloadLength: body.length, nextHeader: nextNumber("ipProtocol") }),
  encode: (layer) => fixed.encode({ ...layer, version: 6 }),
  faults: (layer) => fixed.faults({ ...layer, version: 6 }),
  describe: ({ src, dst, hopLimit }) => `IPv6 ${src} > ${dst} hlim ${hopLimit}`,
};
