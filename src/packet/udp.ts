import { header } from "./body.ts";
import { internetChecksum, udpChecksum } from "./checksum.ts";
import type { Codec } from "./codec.ts";
import { bits } from "./field.ts";
import { pseudoHeaderSum } from "./pseudo-header.ts";

/** UDP (RFC 768). */
export interface Udp {
  readonly layer: "udp";
  readonly srcPort: number;
  readonly dstPort: number;
  /** Bytes of header and data. Left out: as many as there are. */
  readonly length?: number;
  /** Left out: the right one. Zero: none, as tunnels over IPv6 may send too (RFC 6935). */
  readonly checksum?: number;
}

/** A UDP header. */
export function udp(fields: Omit<Udp, "layer">): Udp {
  return { layer: "udp", ...fields };
}

const fixed = header<Omit<Udp, "layer">>({
  srcPort: bits(16),
  dstPort: bits(16),
  length: bits(16),
  checksum: bits(16),
});

const protocol = 17;

/** Reads and writes UDP headers. */
export const udpCodec: Codec<Udp> = {
  layer: "udp",
  title: "UDP",
  carriedBy: [{ ipProtocol: protocol }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected ${fixed.size} bytes, found ${bytes.length}`;
    const { length = 0, srcPort, dstPort } = decoded.values;
    return {
      layer: { layer: "udp", ...decoded.values },
      headerLength: fixed.size,
      end: length >= fixed.size && length <= bytes.length ? length : undefined,
      next: [
        { space: "udpPort", number: dstPort },
        { space: "udpSourcePort", number: srcPort },
      ],
    };
  },
  derive(layer, { layers, index, body }) {
    const length = fixed.size + body.length;
    const summed = Buffer.concat([fixed.encode({ length, ...layer, checksum: 0 }), body]);
    return {
      length,
      checksum: udpChecksum(internetChecksum(summed, pseudoHeaderSum(layers, index, protocol, length))),
    };
  },
  encode: fixed.encode,
  faults: fixed.faults,
  describe: ({ srcPort, dstPort }) => `UDP ${srcPort} > ${dstPort}`,
};
