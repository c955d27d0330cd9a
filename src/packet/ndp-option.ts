import { header, list, rest, sequence } from "./body.ts";
import { bits, flag, ipv6Field, macField, spare } from "./field.ts";
import { byteEnvelope } from "./envelope.ts";
import type { OptionFormat, UnknownOption, UnreadableOptions } from "./option-list.ts";
import { variant } from "./variant.ts";

/** What a router says about a prefix of the link (RFC 4861 section 4.6.2). */
export interface PrefixInformation {
  readonly option: "prefix-information";
  /** Bits. */
  readonly prefixLength: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly reservedBits?: number;
  /** Seconds; 0xffffffff is forever. */
  readonly validLifetime: number;
  /** Seconds; 0xffffffff is forever. */
  readonly preferredLifetime: number;
  readonly reserved?: number;
  readonly prefix: string;
}

/** An option of neighbour discovery (RFC 4861 section 4.6, RFC 8106). */
export type NdpOption =
  | { readonly option: "source-link-layer-address"; readonly mac: string }
  | { readonly option: "target-link-layer-address"; readonly mac: string }
  | PrefixInformation
  /** `data` is as much of the redirected packet as there is, in 8-byte units. */
  | {
      readonly option: "redirected-header";
      readonly reserved?: number;
      readonly reservedWord?: number;
      readonly data: Uint8Array;
    }
  | { readonly option: "mtu"; readonly reserved?: number; readonly mtu: number }
  /** `lifetime` in seconds. */
  | {
      readonly option: "recursive-dns-server";
      readonly reserved?: number;
      readonly lifetime: number;
      readonly servers: readonly string[];
    }
  | UnknownOption
  | UnreadableOptions;

const linkLayerAddress = header<{ mac: string }>({ mac: macField() });

/** How options of neighbour discovery are written. */
export const ndpOptions: OptionFormat<NdpOption> = {
  known: {
    "source-link-layer-address": variant(1, linkLayerAddress),
    "target-link-layer-address": variant(2, linkLayerAddress),
    "prefix-information": variant(
      3,
      header<Omit<PrefixInformation, "option">>({
        prefixLength: bits(8),
        onLink: flag(),
        autonomous: flag(),
        reservedBits: spare(6),
        validLifetime: bits(32),
        preferredLifetime: bits(32),
        reserved: spare(32),
        prefix: ipv6Field(),
      }),
    ),
    "redirected-header": variant(
      4,
      sequence(
        header<{ reserved?: number; reservedWord?: number }>({ reserved: spare(16), reservedWord: spare(32) }),
        rest("data"),
      ),
    ),
    mtu: variant(5, header<{ reserved?: number; mtu: number }>({ reserved: spare(16), mtu: bits(32) })),
    "recursive-dns-server": variant(
      25,
      sequence(
        header<{ reserved?: number; lifetime: number }>({ reserved: spare(16), lifetime: bits(32) }),
        list("servers", ipv6Field()),
      ),
    ),
  },

  envelope: byteEnvelope({ unit: 8, countsItself: true }),
};
