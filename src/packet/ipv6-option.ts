import { empty, header, rest } from "./body.ts";
import { bits } from "./field.ts";
import { byteEnvelope } from "./envelope.ts";
import type { OptionFormat, UnknownOption, UnreadableOptions } from "./option-list.ts";
import { variant } from "./variant.ts";

/**
 * An option of a hop-by-hop or destination options header (RFC 8200 section 4.2). Padding at the end of the list, up to
 * the multiple of 8 bytes that building pads to, is not one.
 */
export type Ipv6Option =
  | { readonly option: "pad-1" }
  | { readonly option: "pad-n"; readonly data: Uint8Array }
  /** RFC 2711; value 0 announces an MLD message. */
  | { readonly option: "router-alert"; readonly value: number }
  /** RFC 2675. */
  | { readonly option: "jumbo-payload"; readonly length: number }
  | UnknownOption
  | UnreadableOptions;

/** How the options of IPv6 extension headers are written. */
export const ipv6Options: OptionFormat<Ipv6Option> = {
  known: {
    "pad-1": variant(0, empty),
    "pad-n": variant(1, rest("data")),
    "router-alert": variant(5, header<{ value: number }>({ value: bits(16) })),
    "jumbo-payload": variant(0xc2, header<{ length: number }>({ length: bits(32) })),
  },

  envelope: byteEnvelope({ single: [0], countsItself: false }),
  // Next header and length, two bytes, precede the options and count for the alignment.
  padding(length) {
    const padding = Buffer.alloc(-(length + 2) & 7);
    if (padding.length >= 2) padding.set([1, padding.length - 2]);
    return padding;
  },
};
