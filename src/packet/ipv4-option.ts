import { empty, header, list, sequence } from "./body.ts";
import { bits, ipv4Field } from "./field.ts";
import { byteEnvelope } from "./envelope.ts";
import type { OptionFormat, UnknownOption, UnreadableOptions } from "./option-list.ts";
import { variant } from "./variant.ts";

/** An IPv4 option (RFC 791 section 3.1). The filling at the end of the list is not one. */
export type Ipv4Option =
  | { readonly option: "no-operation" }
  /** `pointer` counts from 1, at the option's type, to the next free address. */
  | { readonly option: "record-route"; readonly pointer: number; readonly route: readonly string[] }
  | { readonly option: "loose-source-route"; readonly pointer: number; readonly route: readonly string[] }
  | { readonly option: "strict-source-route"; readonly pointer: number; readonly route: readonly string[] }
  /** RFC 2113; value 0 asks every router to examine the packet. */
  | { readonly option: "router-alert"; readonly value: number }
  | UnknownOption
  | UnreadableOptions;

const route = sequence(header<{ pointer: number }>({ pointer: bits(8) }), list("route", ipv4Field()));

/** How IPv4 options are written. */
export const ipv4Options: OptionFormat<Ipv4Option> = {
  known: {
    "no-operation": variant(1, empty),
    "record-route": variant(7, route),
    "loose-source-route": variant(131, route),
    "strict-source-route": variant(137, route),
    "router-alert": variant(148, header<{ value: number }>({ value: bits(16) })),
  },

  envelope: byteEnvelope({ single: [1], end: 0, countsItself: true }),
  padding: (length) => Buffer.alloc(-length & 3),
};
