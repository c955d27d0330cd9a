import { type BgpFamilies, familyField, subsequentFamilyField } from "./bgp-family.ts";
import { type Body, header, sequence } from "./body.ts";
import { measured, repeated } from "./compound-body.ts";
import { spare } from "./field.ts";
import { faultOf } from "./packet-error.ts";
import { ipv4PrefixBody, ipv6PrefixBody } from "./prefix-body.ts";
import { parseAddress } from "./prefix.ts";
import { formatAddress } from "./text.ts";

/** Routes of any family that can be reached (RFC 4760 section 3): of unicast and multicast prefixes of IPv4 and IPv6. */
export interface MpReach extends BgpFamilies {
  /** One address, or a global and a link-local one (RFC 2545); of IPv6 for IPv4 routes too (RFC 8950). */
  readonly nextHops: readonly string[];
  readonly reserved?: number;
  readonly prefixes: readonly string[];
}

/** Routes of any family that cannot be reached any more (RFC 4760 section 4). */
export interface MpUnreach extends BgpFamilies {
  readonly prefixes: readonly string[];
}

const families = header<BgpFamilies>({ family: familyField, subsequentFamily: subsequentFamilyField });

const nextHops: Body<Pick<MpReach, "nextHops">> = {
  decode(bytes) {
    const parts = bytes.length === 32 ? [bytes.subarray(0, 16), bytes.subarray(16)] : [bytes];
    const addresses = parts.flatMap((part) => formatAddress(part) ?? []);
    return addresses.length < parts.length ? undefined : { values: { nextHops: addresses }, length: bytes.length };
  },
  encode: (values) => Buffer.concat(values.nextHops.map(parseAddress)),
  faults: (values) =>
    values.nextHops.flatMap((address, i) => {
      const fault = faultOf(() => parseAddress(address));
      return fault === undefined ? [] : [`nextHops[${i}]: ${fault}`];
    }),
};

type Prefixes = Body<{ readonly prefixes: readonly string[] }>;

const prefixes = { ipv4: repeated("prefixes", ipv4PrefixBody), ipv6: repeated("prefixes", ipv6PrefixBody) };

function prefixesOf({ family, subsequentFamily }: BgpFamilies): Prefixes | undefined {
  return typeof family === "number" || typeof subsequentFamily === "number" ? undefined : prefixes[family];
}

/** `begin` and then prefixes of the family that it says. */
function withPrefixes<T extends BgpFamilies>(begin: Body<T>): Body<T & { readonly prefixes: readonly string[] }> {
  return {
    decode(bytes) {
      const start = begin.decode(bytes);
      const rest = start && prefixesOf(start.values)?.decode(bytes.subarray(start.length));
      if (start === undefined || rest === undefined) return undefined;
      return { values: { ...start.values, ...rest.values }, length: start.length + rest.length };
    },
    encode: (values) => Buffer.concat([begin.encode(values), prefixesOf(values)?.encode(values) ?? Buffer.alloc(0)]),
    faults(values) {
      const unknown = ["family: expected ipv4 or ipv6, and unicast or multicast"];
      return [...begin.faults(values), ...(prefixesOf(values)?.faults(values) ?? unknown)];
    },
  };
}

/** MP_REACH_NLRI. */
export const mpReachBody: Body<MpReach> = withPrefixes(
  sequence(families, sequence(measured(8, nextHops), header<{ reserved?: number }>({ reserved: spare(8) }))),
);

/** MP_UNREACH_NLRI. */
export const mpUnreachBody: Body<MpUnreach> = withPrefixes(families);
