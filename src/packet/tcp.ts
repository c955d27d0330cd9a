import { header } from "./body.ts";
import { internetChecksum } from "./checksum.ts";
import type { Codec } from "./codec.ts";
import { bits, flags, spare } from "./field.ts";
import { optionList } from "./option-list.ts";
import { pseudoHeaderSum } from "./pseudo-header.ts";
import { type TcpOption, tcpOptions } from "./tcp-option.ts";

const flagNames = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"] as const;

/** A control bit of TCP. */
export type TcpFlag = (typeof flagNames)[number];

/** TCP (RFC 9293). */
export interface Tcp {
  readonly layer: "tcp";
  readonly srcPort: number;
  readonly dstPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  /** Four spare bits; absent if zero. */
  readonly reserved?: number;
  /** Those that are set, in the order of the wire. */
  readonly flags: readonly TcpFlag[];
  readonly window: number;
  /** Left out: the right one. */
  readonly checksum?: number;
  readonly urgentPointer: number;
  readonly options: readonly TcpOption[];
}

/** A TCP header: numbers zero, window 65535, no flags, no options unless said. */
export function tcp(fields: Partial<Tcp> & Pick<Tcp, "srcPort" | "dstPort">): Tcp {
  const { flags = [] } = fields;
  return {
    sequence: 0,
    acknowledgment: 0,
    window: 65535,
    urgentPointer: 0,
    options: [],
    ...fields,
    layer: "tcp",
    flags: flagNames.filter((name) => flags.includes(name)),
  };
}

interface Fixed extends Omit<Tcp, "layer" | "options"> {
  /** In units of 4 bytes. */
  readonly dataOffset: number;
}

const fixed = header<Fixed>({
  srcPort: bits(16),
  dstPort: bits(16),
  sequence: bits(32),
  acknowledgment: bits(32),
  dataOffset: bits(4),
  reserved: spare(4),
  flags: flags(flagNames),
  window: bits(16),
  checksum: bits(16),
  urgentPointer: bits(16),
});

const optionsBody = optionList(tcpOptions);
const protocol = 6;

/** Reads and writes TCP headers. */
export const tcpCodec: Codec<Tcp> = {
  layer: "tcp",
  title: "TCP",
  carriedBy: [{ ipProtocol: protocol }],
  decode(bytes) {
    const decoded = fixed.decode(bytes);
    if (decoded === undefined) return `expected at least ${fixed.size} bytes, found ${bytes.length}`;
    const { dataOffset, ...values } = decoded.values;
    const headerLength = dataOffset * 4;
    if (headerLength < fixed.size || headerLength > bytes.length) {
      return `expected a data offset from ${fixed.size} to ${bytes.length} bytes, found ${headerLength}`;
    }
    const options = optionsBody.decode(bytes.subarray(fixed.size, headerLength))?.values.options ?? [];
    return {
      layer: { layer: "tcp", ...values, options },
      headerLength,
      next: [
        { space: "tcpPort", number: values.dstPort },
        { space: "tcpSourcePort", number: values.srcPort },
      ],
    };
  },
  derive(layer, { layers, index, body }) {
    const summed = Buffer.concat([encode({ ...layer, checksum: 0 }), body]);
    return { checksum: internetChecksum(summed, pseudoHeaderSum(layers, index, protocol, summed.length)) };
  },
  encode,
  faults(layer) {
    const faults = [...fixed.faults({ ...layer, dataOffset: 5 }), ...optionsBody.faults(layer)];
    if (faults.length > 0) return faults;
    const length = optionsBody.encode(layer).length;
    return length > 40 ? [`options: expected at most 40 bytes, found ${length}`] : [];
  },
  describe: ({ srcPort, dstPort, flags, sequence, acknowledgment }) =>
    `TCP ${srcPort} > ${dstPort} [${flags.join(" ")}] seq ${sequence} ack ${acknowledgment}`,
};

function encode(layer: Tcp): Buffer {
  const options = optionsBody.encode(layer);
  const dataOffset = (fixed.size + options.length) / 4;
  return Buffer.concat([fixed.encode({ ...layer, dataOffset }), options]);
}
