import { type Body, copied, empty, header } from "./body.ts";
import { bits, named, spare } from "./field.ts";
import type { UnreadableOptions } from "./option-list.ts";
import { decodeVariant, variant, variants } from "./variant.ts";

/** The class of the options of Oxide's packet transformation engine, OPTE. */
export const opteOptionClass = 0x0129;

/** Bit of an option's type: who does not know the option must drop the packet (RFC 8926 section 3.5.1). */
export const criticalOptionType = 0x80;

/** An option of Geneve that is not known here. */
export interface UnknownGeneveOption {
  readonly option: "unknown";
  /** Who defines the type: an organisation's number (RFC 8926 section 3.5). */
  readonly class: number;
  /** 0 to 255, {@link criticalOptionType} included. */
  readonly type: number;
  /** Three spare bits; absent if zero. */
  readonly reserved?: number;
  /** A multiple of 4 bytes, up to 124. */
  readonly data: Uint8Array;
}

/** An option of Geneve (RFC 8926 section 3.5): those of OPTE by name, the others as bytes. */
export type GeneveOption =
  /** The packet came from outside of the rack. */
  | { readonly option: "external" }
  /** Where the switch is to send copies of a multicast packet: to its customers' ports, its underlay ports, or both. */
  | {
      readonly option: "multicast";
      readonly replication: "external" | "underlay" | "both" | number;
      /** Thirty spare bits; absent if zero. */
      readonly reserved?: number;
    }
  /** The maximum segment size of the guest's TCP; zero if the packet is a segment already. */
  | { readonly option: "maximum-segment-size"; readonly size: number }
  | UnknownGeneveOption
  | UnreadableOptions;

const known = variants({
  external: variant(0, empty),
  multicast: variant(
    1,
    header<{ replication: "external" | "underlay" | "both" | number; reserved?: number }>({
      replication: named(2, { external: 0, underlay: 1, both: 2 }),
      reserved: spare(30),
    }),
  ),
  "maximum-segment-size": variant(2, header<{ size: number }>({ size: bits(32) })),
});

interface Head {
  readonly class: number;
  readonly type: number;
  readonly reserved?: number;
  /** Of the data, in units of 4 bytes. */
  readonly words: number;
}

const head = header<Head>({ class: bits(16), type: bits(8), reserved: spare(3), words: bits(5) });

/** One option, or all the bytes there are if they do not hold one. */
export const geneveOption: Body<GeneveOption> = {
  decode(bytes) {
    const begin = head.decode(bytes);
    const length = head.size + (begin?.values.words ?? 0) * 4;
    if (begin === undefined || length > bytes.length) {
      return { values: { option: "unreadable", data: copied(bytes) }, length: bytes.length };
    }
    const { words: _, ...values } = begin.values;
    const data = bytes.subarray(head.size, length);
    const isOpte = values.class === opteOptionClass && values.reserved === undefined;
    const decoded = isOpte ? decodeVariant(known, values.type, data) : undefined;
    if (decoded?.length === data.length) {
      return { values: { option: decoded.name, ...decoded.values } as GeneveOption, length };
    }
    return { values: { option: "unknown", ...values, data: copied(data) }, length };
  },
  encode(option) {
    if (option.option === "unreadable") return Buffer.from(option.data);
    const { data, ...begin } = contentOf(option);
    const words = Math.ceil(data.length / 4);
    return Buffer.concat([head.encode({ ...begin, words }), data], head.size + words * 4);
  },
  faults(option) {
    if (option.option === "unreadable") return lengthFaults(option.data, 252);
    if (option.option === "unknown") {
      return [...head.faults({ ...option, words: 0 }), ...lengthFaults(option.data, 124)];
    }
    const body = known.byName.get(option.option)?.body;
    return body?.faults(option) ?? [`option: expected one of ${names}, found "${option.option}"`];
  },
};

const names = [...known.byName.keys(), "unknown"].join(", ");

/** Whether who does not know the option must drop the packet. */
export function isCriticalOption(option: GeneveOption): boolean {
  return option.option === "unknown" && option.type >= criticalOptionType;
}

function contentOf(option: Exclude<GeneveOption, UnreadableOptions>): Omit<Head, "words"> & { data: Uint8Array } {
  if (option.option === "unknown") return option;
  const found = known.byName.get(option.option);
  return { class: opteOptionClass, type: found?.type ?? 0, data: found?.body.encode(option) ?? Buffer.alloc(0) };
}

function lengthFaults(data: Uint8Array, max: number): readonly string[] {
  if (data.length % 4 === 0 && data.length <= max) return [];
  return [`data: expected 0, 4, … ${max} bytes, found ${data.length}`];
}
