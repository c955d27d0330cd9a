import { empty, header, list } from "./body.ts";
import { bits, type Field } from "./field.ts";
import { byteEnvelope } from "./envelope.ts";
import type { OptionFormat, UnknownOption, UnreadableOptions } from "./option-list.ts";
import { variant } from "./variant.ts";

/** Sequence numbers that have arrived: from `left` on, up to but without `right` (RFC 2018). */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

/** A TCP option (RFC 9293 section 3.2, RFC 7323, RFC 2018). The filling at the end of the list is not one. */
export type TcpOption =
  | { readonly option: "no-operation" }
  | { readonly option: "maximum-segment-size"; readonly size: number }
  /** Windows are to be shifted left by so many bits. */
  | { readonly option: "window-scale"; readonly shift: number }
  | { readonly option: "sack-permitted" }
  | { readonly option: "sack"; readonly blocks: readonly SackBlock[] }
  | { readonly option: "timestamps"; readonly value: number; readonly echoReply: number }
  | UnknownOption
  | UnreadableOptions;

const edge = bits(32);

const sackBlock: Field<SackBlock> = {
  bits: 64,
  read: (bytes, bit) => ({ left: edge.read(bytes, bit), right: edge.read(bytes, bit + 32) }),
  write(bytes, bit, { left, right }) {
    edge.write(bytes, bit, left);
    edge.write(bytes, bit + 32, right);
  },
  fault: ({ left, right }) => edge.fault(left) ?? edge.fault(right),
};

/** How TCP options are written. */
export const tcpOptions: OptionFormat<TcpOption> = {
  known: {
    "no-operation": variant(1, empty),
    "maximum-segment-size": variant(2, header<{ size: number }>({ size: bits(16) })),
    "window-scale": variant(3, header<{ shift: number }>({ shift: bits(8) })),
    "sack-permitted": variant(4, empty),
    sack: variant(5, list("blocks", sackBlock)),
    timestamps: variant(8, header<{ value: number; echoReply: number }>({ value: bits(32), echoReply: bits(32) })),
  },

  envelope: byteEnvelope({ single: [1], end: 0, countsItself: true }),
  padding: (length) => Buffer.alloc(-length & 3),
};
