import { header, sequence } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, flag, ipv6Field, spare } from "./field.ts";
import { messageCodec, messages } from "./message.ts";
import { type MldV1, mldV1, type MldV2Query, mldV2Query, type MldV2Report, mldV2Report } from "./mld.ts";
import { type NdpOption, ndpOptions } from "./ndp-option.ts";
import { optionList } from "./option-list.ts";
import { pseudoHeaderSum } from "./pseudo-header.ts";
import { variant } from "./variant.ts";

/** Fields of echo request and reply (RFC 4443 section 4). */
export interface Echo {
  readonly code?: number;
  readonly identifier: number;
  readonly sequence: number;
}

/** Fields of a router advertisement (RFC 4861 section 4.2). */
export interface RouterAdvertisement {
  readonly message: "router-advertisement";
  readonly code?: number;
  /** Zero: the router does not say. */
  readonly hopLimit: number;
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
  readonly reservedBits?: number;
  /** Seconds; zero: not a default router. */
  readonly lifetime: number;
  /** Milliseconds; zero: the router does not say. */
  readonly reachableTime: number;
  /** Milliseconds; zero: the router does not say. */
  readonly retransmitTimer: number;
  readonly options: readonly NdpOption[];
}

/**
 * What an ICMPv6 message says: errors and echo (RFC 4443), neighbour discovery (RFC 4861), multicast listeners (RFC 2710
 * and RFC 3810). Spare fields, of a code or bits that are nearly always zero, are absent if zero. What follows, as
 * the quoted packet of an error, is the payload.
 */
export type Icmpv6Message =
  | { readonly message: "destination-unreachable"; readonly code: number; readonly unused?: number }
  | { readonly message: "packet-too-big"; readonly code?: number; readonly mtu: number }
  | { readonly message: "time-exceeded"; readonly code: number; readonly unused?: number }
  | { readonly message: "parameter-problem"; readonly code: number; readonly pointer: number }
  | ({ readonly message: "echo-request" | "echo-reply" } & Echo)
  | {
      readonly message: "router-solicitation";
      readonly code?: number;
      readonly reserved?: number;
      readonly options: readonly NdpOption[];
    }
  | RouterAdvertisement
  | {
      readonly message: "neighbor-solicitation";
      readonly code?: number;
      readonly reserved?: number;
      readonly target: string;
      readonly options: readonly NdpOption[];
    }
  | {
      readonly message: "neighbor-advertisement";
      readonly code?: number;
      readonly router: boolean;
      readonly solicited: boolean;
      readonly override: boolean;
      readonly reserved?: number;
      readonly target: string;
      readonly options: readonly NdpOption[];
    }
  | {
      readonly message: "redirect";
      readonly code?: number;
      readonly reserved?: number;
      readonly target: string;
      readonly destination: string;
      readonly options: readonly NdpOption[];
    }
  | ({ readonly message: "mldv1-query" | "mldv1-report" | "mldv1-done" } & MldV1)
  | ({ readonly message: "mldv2-query" } & MldV2Query)
  | ({ readonly message: "mldv2-report" } & MldV2Report)
  | { readonly message: "other"; readonly type: number; readonly code: number };

/** A message of ICMPv6 (RFC 4443). */
export type Icmpv6 = Icmpv6Message & {
  readonly layer: "icmpv6";
  /** Left out: the right one. */
  readonly checksum?: number;
};

/** An ICMPv6 message. */
export function icmpv6(fields: Icmpv6Message & { readonly checksum?: number }): Icmpv6 {
  return { layer: "icmpv6", ...fields };
}

type Fields<Name extends Icmpv6Message["message"]> = Omit<
  Extract<Icmpv6Message, { message: Name }>,
  "message" | "options"
>;

const options = optionList(ndpOptions);
const code = spare(8);
const echo = header<Echo>({ code, identifier: bits(16), sequence: bits(16) });

const known = messages({
  "destination-unreachable": variant(
    1,
    header<Fields<"destination-unreachable">>({ code: bits(8), unused: spare(32) }),
  ),
  "packet-too-big": variant(2, header<Fields<"packet-too-big">>({ code, mtu: bits(32) })),
  "time-exceeded": variant(3, header<Fields<"time-exceeded">>({ code: bits(8), unused: spare(32) })),
  "parameter-problem": variant(4, header<Fields<"parameter-problem">>({ code: bits(8), pointer: bits(32) })),
  "echo-request": variant(128, echo),
  "echo-reply": variant(129, echo),
  "mldv2-query": variant(130, mldV2Query),
  "mldv1-query": variant(130, mldV1),
  "mldv1-report": variant(131, mldV1),
  "mldv1-done": variant(132, mldV1),
  "router-solicitation": variant(
    133,
    sequence(header<Fields<"router-solicitation">>({ code, reserved: spare(32) }), options),
  ),
  "router-advertisement": variant(
    134,
    sequence(
      header<Fields<"router-advertisement">>({
        code,
        hopLimit: bits(8),
        managed: flag(),
        otherConfiguration: flag(),
        reservedBits: spare(6),
        lifetime: bits(16),
        reachableTime: bits(32),
        retransmitTimer: bits(32),
      }),
      options,
    ),
  ),
  "neighbor-solicitation": variant(
    135,
    sequence(header<Fields<"neighbor-solicitation">>({ code, reserved: spare(32), target: ipv6Field() }), options),
  ),
  "neighbor-advertisement": variant(
    136,
    sequence(
      header<Fields<"neighbor-advertisement">>({
        code,
        router: flag(),
        solicited: flag(),
        override: flag(),
        reserved: spare(29),
        target: ipv6Field(),
      }),
      options,
    ),
  ),
  redirect: variant(
    137,
    sequence(
      header<Fields<"redirect">>({ code, reserved: spare(32), target: ipv6Field(), destination: ipv6Field() }),
      options,
    ),
  ),
  "mldv2-report": variant(143, mldV2Report),
});

/** Reads and writes ICMPv6. */
export const icmpv6Codec: Codec<Icmpv6> = messageCodec<Icmpv6>(
  { layer: "icmpv6", title: "ICMPv6", carriedBy: [{ ipProtocol: 58 }], describe },
  known,
  ({ layers, index }, length) => pseudoHeaderSum(layers, index, 58, length),
);

function describe(layer: Icmpv6): string {
  const name = `ICMPv6 ${layer.message.replaceAll("-", " ")}`;
  switch (layer.message) {
    case "echo-request":
    case "echo-reply":
      return `${name} id ${layer.identifier} seq ${layer.sequence}`;
    case "destination-unreachable":
    case "time-exceeded":
      return `${name} code ${layer.code}`;
    case "packet-too-big":
      return `${name} mtu ${layer.mtu}`;
    case "parameter-problem":
      return `${name} code ${layer.code} at ${layer.pointer}`;
    case "neighbor-solicitation":
      return `${name} who has ${layer.target}?`;
    case "neighbor-advertisement":
      return `${name} ${layer.target}${linkLayerAddress(layer.options)}`;
    case "redirect":
      return `${name} ${layer.destination} by ${layer.target}`;
    case "router-solicitation":
      return name;
    case "router-advertisement":
      return `${name} lifetime ${layer.lifetime} s${prefixes(layer.options)}`;
    case "mldv1-query":
    case "mldv1-report":
    case "mldv1-done":
    case "mldv2-query":
      return `${name} ${layer.group}`;
    case "mldv2-report":
      return `${name} ${layer.records.map(({ type, group }) => `${type} ${group}`).join(", ")}`;
    case "other":
      return `ICMPv6 type ${layer.type} code ${layer.code}`;
  }
}

function linkLayerAddress(options: readonly NdpOption[]): string {
  for (const option of options) if (option.option === "target-link-layer-address") return ` is at ${option.mac}`;
  return "";
}

function prefixes(options: readonly NdpOption[]): string {
  return options.map((o) => (o.option === "prefix-information" ? ` ${o.prefix}/${o.prefixLength}` : "")).join("");
}
