import { header } from "./body.ts";
import { internetChecksum } from "./checksum.ts";
import type { Codec } from "./codec.ts";
import { bits, flag, ipv4Field, spareFlag } from "./field.ts";
import { canonicalIpv4 } from "./ipv4-address.ts";
import { type Ipv4Option, ipv4Options } from "./ipv4-option.ts";
import { optionList } from "./option-list.ts";

/** IPv4 (RFC 791). */
export interface Ipv4 {
  readonly layer: "ipv4";
  /** Differentiated services code point (RFC 2474), 0 to 63. */
  readonly dscp: number;
  /** Explicit congestion notification (RFC 3168), 0 to 3. */
  readonly ecn: number;
  /** Bytes of header and data. Left out: as many as there are. */
  readonly totalLength?: number;
  readonly identification: number;
  /** The first of the three flags, set only in faulty packets. */
  readonly reservedFlag?: boolean;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In units of 8 bytes. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  /** Left out: that of the next layer. */
  readonly protocol?: number;
  /** Left out: the right one. */
  readonly checksum?: number;
  readonly src: string;
  readonly dst: string;
  readonly options: readonly Ipv4Option[];
}

/** An IPv4 header: TTL 64, not a fragment, no options unless said. Throws `PacketError` if an address is none. */
export function ipv4(fields: Partial<Ipv4> & Pick<Ipv4, "src" | "dst">): Ipv4 {
  return {
    dscp: 0,
    ecn: 0,
    identification: 0,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    options: [],
    ...fields,
    layer: "ipv4",
    src: canonicalIpv4(fields.src),
    dst: canonicalIpv4(fields.dst),
  };
}

interface Fixed extends Omit<Ipv4, "layer" | "options"> {
  readonly version: number;
  /** In units of 4 bytes. */
  readonly headerLength: number;
}

const fixed = header<Fixed>({
  version: bits(4),
  headerLength: bits(4),
  dscp: bits(6),
  ecn: bits(2),
  totalLength: bits(16),
  identification: bits(16),
  reservedFlag: spareFlag(),
  dontFragment: flag(),
  moreFragments: flag(),
  fragmentOffset: bits(13),
  ttl: bits(8),
  protocol: bits(8),
  checksum: bits(16),
  src: ipv4Field(),
  dst: ipv4Field(),
});

const optionsBody = optionList(ipv4Options);

/** Reads and writes IPv4 headers. */
export const ipv4Codec: Codec<Ipv4> = {
  layer: "ipv4",
  title: "IPv4",
  carriedBy: [{ etherType: 0x0800 }, { ipProtocol: 4 }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected at least ${fixed.size} bytes, found ${bytes.length}`;
    const { version, headerLength: words, ...values } = decoded.values;
    const headerLength = words * 4;
    if (version !== 4) return `expected version 4, found ${version}`;
    if (headerLength < fixed.size || headerLength > bytes.length) {
      return `expected a header length from ${fixed.size} to ${bytes.length} bytes, found ${headerLength}`;
    }
    const options = optionsBody.decode(bytes.subarray(fixed.size, headerLength))?.values.options ?? [];
    const { totalLength = 0, protocol = 0, fragmentOffset } = values;
    const believed = totalLength >= headerLength && totalLength <= bytes.length;
    return {
      layer: { layer: "ipv4", ...values, options },
      headerLength,
      end: believed ? totalLength : undefined,
      // Only the first fragment begins with a header of the next layer.
      next: fragmentOffset === 0 ? [{ space: "ipProtocol", number: protocol }] : undefined,
    };
  },
  derive(layer, { body, nextNumber }) {
    const protocol = nextNumber("ipProtocol");
    const totalLength = encode(layer).length + body.length;
    const summed = encode({ protocol, totalLength, ...layer, checksum: 0 });
    return { protocol, totalLength, checksum: internetChecksum(summed) };
  },
  encode,
  faults(layer) {
    const faults = [...fixed.faults({ ...layer, version: 4, headerLength: 5 }), ...optionsBody.faults(layer)];
    if (faults.length > 0) return faults;
    const length = optionsBody.encode(layer).length;
    return length > 40 ? [`options: expected at most 40 bytes, found ${length}`] : [];
  },
  describe({ src, dst, ttl, fragmentOffset, moreFragments }) {
    const fragment = fragmentOffset > 0 || moreFragments ? ` fragment at ${fragmentOffset * 8}` : "";
    return `IPv4 ${src} > ${dst} ttl ${ttl}${fragment}`;
  },
};

function encode(layer: Ipv4): Buffer {
  const options = optionsBody.encode(layer);
  const headerLength = (fixed.size + options.length) / 4;
  return Buffer.concat([fixed.encode({ ...layer, version: 4, headerLength }), options]);
}
