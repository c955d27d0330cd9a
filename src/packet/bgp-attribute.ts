import { type Body, copied, empty, header, list, sequence } from "./body.ts";
import { counted, repeated, single } from "./compound-body.ts";
import { bits, flags, ipv4Field, named } from "./field.ts";
import { communityField, largeCommunityField } from "./bgp-community.ts";
import { type MpReach, mpReachBody, type MpUnreach, mpUnreachBody } from "./bgp-multiprotocol.ts";
import { decodeVariant, type Variant, variant, variants } from "./variant.ts";

const flagNames = ["optional", "transitive", "partial", "extended-length"] as const;

/** A flag of a path attribute (RFC 4271 section 4.3), in the order of the wire. */
export type BgpAttributeFlag = (typeof flagNames)[number];

/** Part of an AS path; AS numbers have four bytes (RFC 6793). */
export interface AsPathSegment {
  readonly type: "set" | "sequence" | "confederation-sequence" | "confederation-set" | number;
  readonly asNumbers: readonly number[];
}

/** What a path attribute says. */
type Content =
  | { readonly attribute: "origin"; readonly origin: "igp" | "egp" | "incomplete" | number }
  | { readonly attribute: "as-path"; readonly segments: readonly AsPathSegment[] }
  | { readonly attribute: "next-hop"; readonly address: string }
  | { readonly attribute: "multi-exit-discriminator"; readonly metric: number }
  | { readonly attribute: "local-preference"; readonly preference: number }
  | { readonly attribute: "atomic-aggregate" }
  | { readonly attribute: "aggregator"; readonly asNumber: number; readonly address: string }
  /** As `65000:1` (RFC 1997). */
  | { readonly attribute: "communities"; readonly communities: readonly string[] }
  /** RFC 4456. */
  | { readonly attribute: "originator-id"; readonly identifier: string }
  /** RFC 4456. */
  | { readonly attribute: "cluster-list"; readonly identifiers: readonly string[] }
  | ({ readonly attribute: "mp-reach" } & MpReach)
  | ({ readonly attribute: "mp-unreach" } & MpUnreach)
  /** As `4200000000:1:2` (RFC 8092). */
  | { readonly attribute: "large-communities"; readonly communities: readonly string[] }
  | { readonly attribute: "unknown"; readonly type: number; readonly data: Uint8Array };

/** What an UPDATE message says about its routes (RFC 4271 section 5, RFC 4760). */
export type BgpAttribute = Content & {
  /** Left out: the usual ones of the attribute, and `extended-length` where it is needed. */
  readonly flags?: readonly BgpAttributeFlag[];
};

interface Known {
  readonly variant: Variant;
  readonly usual: readonly BgpAttributeFlag[];
}

const wellKnown: readonly BgpAttributeFlag[] = ["transitive"];
const optional: readonly BgpAttributeFlag[] = ["optional"];
const optionalTransitive: readonly BgpAttributeFlag[] = ["optional", "transitive"];

const segment: Body<AsPathSegment> = sequence(
  header<Pick<AsPathSegment, "type">>({
    type: named(8, { set: 1, sequence: 2, "confederation-sequence": 3, "confederation-set": 4 }),
  }),
  counted("asNumbers", 8, single("asNumber", bits(32))),
);

const table: Readonly<Record<Exclude<Content["attribute"], "unknown">, Known>> = {
  origin: {
    variant: variant(
      1,
      header<{ origin: "igp" | "egp" | "incomplete" | number }>({
        origin: named(8, { igp: 0, egp: 1, incomplete: 2 }),
      }),
    ),
    usual: wellKnown,
  },
  "as-path": { variant: variant(2, repeated("segments", segment)), usual: wellKnown },
  "next-hop": { variant: variant(3, header<{ address: string }>({ address: ipv4Field() })), usual: wellKnown },
  "multi-exit-discriminator": {
    variant: variant(4, header<{ metric: number }>({ metric: bits(32) })),
    usual: optional,
  },
  "local-preference": {
    variant: variant(5, header<{ preference: number }>({ preference: bits(32) })),
    usual: wellKnown,
  },
  "atomic-aggregate": { variant: variant(6, empty), usual: wellKnown },
  aggregator: {
    variant: variant(7, header<{ asNumber: number; address: string }>({ asNumber: bits(32), address: ipv4Field() })),
    usual: optionalTransitive,
  },
  communities: { variant: variant(8, list("communities", communityField)), usual: optionalTransitive },
  "originator-id": {
    variant: variant(9, header<{ identifier: string }>({ identifier: ipv4Field() })),
    usual: optional,
  },
  "cluster-list": { variant: variant(10, list("identifiers", ipv4Field())), usual: optional },
  "mp-reach": { variant: variant(14, mpReachBody), usual: optional },
  "mp-unreach": { variant: variant(15, mpUnreachBody), usual: optional },
  "large-communities": { variant: variant(32, list("communities", largeCommunityField)), usual: optionalTransitive },
};

const known = variants(Object.fromEntries(Object.entries(table).map(([name, entry]) => [name, entry.variant])));

interface Head {
  readonly flags: readonly BgpAttributeFlag[];
  /** Four bits that must be zero. */
  readonly unused: number;
  readonly type: number;
}

const head = header<Head>({ flags: flags(flagNames), unused: bits(4), type: bits(8) });
const maxShort = 0xff;

/** One path attribute. */
export const bgpAttributeBody: Body<BgpAttribute> = {
  decode(bytes) {
    const begin = head.decode(bytes);
    if (begin?.values.unused !== 0) return undefined;
    const { flags: set, type } = begin.values;
    const lengthSize = set.includes("extended-length") ? 2 : 1;
    const start = head.size + lengthSize;
    if (bytes.length < start) return undefined;
    const length = start + bytes.readUIntBE(head.size, lengthSize);
    if (length > bytes.length) return undefined;
    const data = bytes.subarray(start, length);
    const decoded = decodeVariant(known, type, data);
    const content = (
      decoded?.length === data.length
        ? { attribute: decoded.name, ...decoded.values }
        : { attribute: "unknown", type, data: copied(data) }
    ) as Content;
    const isUsual = String(usualFlags(content, data.length)) === String(set);
    return { values: isUsual ? content : { ...content, flags: set }, length };
  },
  encode(attribute) {
    const { type, data } = contentOf(attribute);
    const { flags: set = usualFlags(attribute, data.length) } = attribute;
    const length = Buffer.alloc(set.includes("extended-length") ? 2 : 1);
    length.writeUIntBE(data.length, 0, length.length);
    return Buffer.concat([head.encode({ flags: set, unused: 0, type }), length, data]);
  },
  faults(attribute) {
    const body = known.byName.get(attribute.attribute)?.body;
    if (body === undefined && attribute.attribute !== "unknown") {
      return [`attribute: expected one of ${[...known.byName.keys()].join(", ")}, found "${attribute.attribute}"`];
    }
    const type = attribute.attribute === "unknown" ? attribute.type : 0;
    const set = attribute.flags ?? [];
    const faults = [...head.faults({ flags: set, unused: 0, type }), ...(body?.faults(attribute) ?? [])];
    if (faults.length > 0) return faults;
    const { length } = contentOf(attribute).data;
    const limit = attribute.flags === undefined || set.includes("extended-length") ? 0xffff : maxShort;
    return length <= limit ? [] : [`data: expected at most ${limit} bytes, found ${length}`];
  },
};

function usualFlags(content: Content, length: number): readonly BgpAttributeFlag[] {
  const usual = content.attribute === "unknown" ? optionalTransitive : table[content.attribute].usual;
  return length > maxShort ? [...usual, "extended-length"] : usual;
}

function contentOf(content: Content): { type: number; data: Buffer } {
  if (content.attribute === "unknown") return { type: content.type, data: Buffer.from(content.data) };
  const { type, body } = table[content.attribute].variant;
  return { type, data: body.encode(content) };
}
