import { type Body, copied } from "./body.ts";
import type { Envelope } from "./envelope.ts";
import { decodeVariant, type Variant, type Variants, variants } from "./variant.ts";

/** An option whose type is not known here, or whose body is not as its type asks. */
export interface UnknownOption {
  readonly option: "unknown";
  readonly type: number;
  readonly data: Uint8Array;
}

/** The end of an option list that is not made of options: what follows an end-of-list, or a length that lies. */
export interface UnreadableOptions {
  readonly option: "unreadable";
  readonly data: Uint8Array;
}

/** How a protocol writes the list of its options `O`, which are told apart by their field `K`. */
export interface OptionFormat<O, K extends string = "option"> extends OptionShape {
  readonly known: Readonly<Record<Exclude<NamesOf<O, K>, "unknown" | "unreadable">, Variant>>;
}

/** How the options of a protocol look like, whichever there are. */
export interface OptionShape {
  readonly envelope: Envelope;
  /** The bytes that fill the list up after `length` bytes of options; left out: none. */
  readonly padding?: (length: number) => Buffer;
}

/** The names of a union of options that are told apart by their field `K`. */
type NamesOf<O, K extends PropertyKey> = O extends Readonly<Record<K, infer Name extends string>> ? Name : never;

/**
 * The option list of a header, taking all the bytes there are. Filling at its end is left out where it is what building
 * puts there again.
 */
export function optionList<O>(format: OptionFormat<O>): Body<{ readonly options: readonly O[] }> {
  return variantList("options", "option", format);
}

/** An {@link optionList} of a protocol that calls its options otherwise: the list `key` of items named by `name`. */
export function variantList<K extends string, N extends string, O>(
  key: K,
  name: N,
  { known, envelope, padding = noPadding }: OptionFormat<O, N>,
): Body<Readonly<Record<K, readonly O[]>>> {
  const format: Format = { envelope, padding, name, variants: variants(known) };
  return {
    decode(bytes) {
      const items: Item[] = [];
      let at = 0;
      while (at < bytes.length) {
        if (bytes.length - at <= maxPadding && bytes.subarray(at).equals(padding(at))) break;
        const place = envelope.read(bytes.subarray(at));
        if (place === undefined || at + place.end > bytes.length) {
          items.push({ [name]: "unreadable", data: copied(bytes.subarray(at)) });
          break;
        }
        items.push(decodeItem(format, place.type, bytes.subarray(at + place.begin, at + place.end)));
        at += place.end;
      }
      return { values: { [key]: items } as unknown as Record<K, readonly O[]>, length: bytes.length };
    },
    encode(values) {
      const parts = itemsOf(values[key]).map((item) => encodeItem(format, item));
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      return Buffer.concat([...parts, padding(length)]);
    },
    faults: (values) =>
      itemsOf(values[key]).flatMap((item, i) => itemFaults(format, item).map((fault) => `${key}[${i}].${fault}`)),
  };
}

/** Lists are filled up to 8 bytes at most. */
const maxPadding = 7;

function noPadding(): Buffer {
  return Buffer.alloc(0);
}

type Item = Readonly<Record<string, unknown>>;

interface Format extends Required<OptionShape> {
  readonly name: string;
  readonly variants: Variants;
}

function itemsOf(list: readonly unknown[]): readonly Item[] {
  return list as readonly Item[];
}

function decodeItem({ variants: known, name }: Format, type: number, data: Buffer): Item {
  const decoded = decodeVariant(known, type, data);
  if (decoded?.length === data.length) return { [name]: decoded.name, ...decoded.values };
  return { [name]: "unknown", type, data: copied(data) };
}

function encodeItem(format: Format, item: Item): Buffer {
  const name = item[format.name];
  if (name === "unreadable") return Buffer.from(item["data"] as Uint8Array);
  const { type, data } = contentOf(format, item);
  return format.envelope.write(type, data);
}

function contentOf({ variants: known, name }: Format, item: Item): { type: number; data: Buffer } {
  if (item[name] === "unknown") return { type: item["type"] as number, data: Buffer.from(item["data"] as Uint8Array) };
  const variant = known.byName.get(item[name] as string);
  return { type: variant?.type ?? 0, data: variant?.body.encode(item) ?? Buffer.alloc(0) };
}

function itemFaults(format: Format, item: Item): readonly string[] {
  const name = item[format.name] as string;
  if (name === "unreadable") return bytesFaults(item);
  const known = format.variants.byName.get(name);
  if (name !== "unknown" && known === undefined) {
    return [`${format.name}: expected one of ${[...format.variants.byName.keys()].join(", ")}, found "${name}"`];
  }
  const { maxType, maxData } = format.envelope;
  const faults = known?.body.faults(item) ?? [...typeFaults(item["type"], maxType), ...bytesFaults(item)];
  if (faults.length > 0) return faults;
  const { length } = contentOf(format, item).data;
  return length <= maxData ? [] : [`data: expected at most ${maxData} bytes, found ${length}`];
}

function typeFaults(type: unknown, max: number): readonly string[] {
  const fits = typeof type === "number" && Number.isInteger(type) && type >= 0 && type <= max;
  return fits ? [] : [`type: expected 0 to ${max}, found ${String(type)}`];
}

function bytesFaults({ data }: Item): readonly string[] {
  return data instanceof Uint8Array ? [] : ["data: expected bytes"];
}
