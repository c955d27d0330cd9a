import type { Schema } from "./body.ts";
import { named, spare } from "./field.ts";

/** Address family (IANA) as BGP names it. */
export type BgpFamily = "ipv4" | "ipv6" | number;

/** What the routes of a family are for (RFC 4760 section 6). */
export type BgpSubsequentFamily = "unicast" | "multicast" | number;

/** Which routes something is about. */
export interface BgpFamilies {
  readonly family: BgpFamily;
  readonly subsequentFamily: BgpSubsequentFamily;
}

/** Address family, 16 bits. */
export const familyField = named(16, { ipv4: 1, ipv6: 2 });

const subsequentFamilies = { unicast: 1, multicast: 2 };

/** Subsequent address family, 8 bits. */
export const subsequentFamilyField = named(8, subsequentFamilies);

/** Subsequent address family, 16 bits. */
export const wideSubsequentFamilyField = named(16, subsequentFamilies);

/** Family, spare byte, subsequent family, as several messages have them. */
export const spacedFamilies: Schema<BgpFamilies & { readonly reserved?: number }> = {
  family: familyField,
  reserved: spare(8),
  subsequentFamily: subsequentFamilyField,
};
