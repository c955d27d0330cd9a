import { header } from "./body.ts";
import type { Codec } from "./codec.ts";
import { bits, ipv4Field, spare } from "./field.ts";
import type { Echo } from "./icmpv6.ts";
import { messageCodec, messages } from "./message.ts";
import { variant } from "./variant.ts";

/**
 * What an ICMP message says (RFC 792). Spare fields, of a code or bits that are nearly always zero, are absent if zero.
 * What follows the header, as the quoted packet of an error, is the payload.
 */
export type IcmpMessage =
  | ({ readonly message: "echo-request" | "echo-reply" } & Echo)
  | {
      readonly message: "destination-unreachable";
      readonly code: number;
      readonly unused?: number;
      /** Of the quoted packet in units of 4 bytes (RFC 4884). */
      readonly length?: number;
      /** Of code 4, fragmentation needed (RFC 1191); absent if zero. */
      readonly nextHopMtu?: number;
    }
  | { readonly message: "time-exceeded"; readonly code: number; readonly unused?: number }
  | { readonly message: "parameter-problem"; readonly code: number; readonly pointer: number; readonly unused?: number }
  | { readonly message: "redirect"; readonly code: number; readonly gateway: string }
  | { readonly message: "other"; readonly type: number; readonly code: number };

/** A message of the Internet Control Message Protocol (RFC 792). */
export type Icmp = IcmpMessage & {
  readonly layer: "icmp";
  /** Left out: the right one. */
  readonly checksum?: number;
};

/** An ICMP message. */
export function icmp(fields: IcmpMessage & { readonly checksum?: number }): Icmp {
  return { layer: "icmp", ...fields };
}

const echo = header<Echo>({
  code: spare(8),
  identifier: bits(16),
  sequence: bits(16),
});

const known = messages({
  "echo-reply": variant(0, echo),
  "destination-unreachable": variant(
    3,
    header<{ code: number; unused?: number; length?: number; nextHopMtu?: number }>({
      code: bits(8),
      unused: spare(8),
      length: spare(8),
      nextHopMtu: spare(16),
    }),
  ),
  redirect: variant(5, header<{ code: number; gateway: string }>({ code: bits(8), gateway: ipv4Field() })),
  "echo-request": variant(8, echo),
  "time-exceeded": variant(11, header<{ code: number; unused?: number }>({ code: bits(8), unused: spare(32) })),
  "parameter-problem": variant(
    12,
    header<{ code: number; pointer: number; unused?: number }>({ code: bits(8), pointer: bits(8), unused: spare(24) }),
  ),
});

/** Reads and writes ICMP. */
export const icmpCodec: Codec<Icmp> = messageCodec<Icmp>(
  { layer: "icmp", title: "ICMP", carriedBy: [{ ipProtocol: 1 }], describe },
  known,
  () => 0,
);

function describe(layer: Icmp): string {
  const name = `ICMP ${layer.message.replaceAll("-", " ")}`;
  switch (layer.message) {
    case "echo-request":
    case "echo-reply":
      return `${name} id ${layer.identifier} seq ${layer.sequence}`;
    case "destination-unreachable":
      return `${name} code ${layer.code}${layer.nextHopMtu === undefined ? "" : ` mtu ${layer.nextHopMtu}`}`;
    case "redirect":
      return `${name} to ${layer.gateway}`;
    case "time-exceeded":
    case "parameter-problem":
      return `${name} code ${layer.code}`;
    case "other":
      return `ICMP type ${layer.type} code ${layer.code}`;
  }
}
