import type { Field } from "./field.ts";

/** A run of bytes that is known as a record of values: a header, the body of a message or of an option. */
export interface Body<T> {
  /** The values at the begin of `bytes` and how many bytes they take; undefined if `bytes` cannot be one. */
  readonly decode: (bytes: Buffer) => { readonly values: T; readonly length: number } | undefined;
  /** The bytes of values without faults; optional ones that are left out become zero. */
  readonly encode: (values: T) => Buffer;
  /** Every reason why `values` cannot be encoded, each beginning with the name of its field. */
  readonly faults: (values: T) => readonly string[];
}

/** A body of fixed size. */
export interface Header<T> extends Body<T> {
  /** Bytes. */
  readonly size: number;
}

/** The fields of a header in the order of the wire. */
export type Schema<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> };

interface Place {
  readonly name: string;
  readonly bit: number;
  readonly field: Field<unknown>;
}

/** A header of fixed size whose fields follow each other as in `schema`; their bits add up to whole bytes. */
export function header<T extends object>(schema: Schema<T>): Header<T> {
  const places: Place[] = [];
  let end = 0;
  for (const [name, field] of Object.entries<Field<unknown>>(schema as Record<string, Field<unknown>>)) {
    places.push({ name, bit: end, field });
    end += field.bits;
  }
  const size = end / 8;
  return {
    size,
    decode(bytes) {
      if (bytes.length < size) return undefined;
      const values: Record<string, unknown> = {};
      for (const { name, bit, field } of places) {
        const value = field.read(bytes, bit);
        if (field.omitted === undefined || value !== field.omitted) values[name] = value;
      }
      return { values: values as T, length: size };
    },
    encode(values) {
      const bytes = Buffer.alloc(size);
      for (const { name, bit, field } of places) {
        const value = (values as Record<string, unknown>)[name] ?? field.omitted;
        if (value !== undefined) field.write(bytes, bit, value);
      }
      return bytes;
    },
    faults(values) {
      const faults: string[] = [];
      for (const { name, field } of places) {
        const value = (values as Record<string, unknown>)[name];
        const fault = value === undefined ? undefined : field.fault(value);
        if (fault !== undefined) faults.push(`${name}: ${fault}`);
      }
      return faults;
    },
  };
}

/** A body that takes all the bytes there are, as the one value `key`. */
export function rest<K extends string>(key: K): Body<Record<K, Uint8Array>> {
  return {
    decode: (bytes) => ({ values: { [key]: copied(bytes) } as Record<K, Uint8Array>, length: bytes.length }),
    encode: (values) => Buffer.from(values[key]),
    faults: (values) => (values[key] instanceof Uint8Array ? [] : [`${key}: expected bytes`]),
  };
}

/** A body that takes all the bytes there are as items of one size, known as the list `key`. */
export function list<K extends string, T>(key: K, field: Field<T>): Body<Record<K, readonly T[]>> {
  const size = field.bits / 8;
  return {
    decode(bytes) {
      if (bytes.length % size !== 0) return undefined;
      const items = Array.from({ length: bytes.length / size }, (_, i) => field.read(bytes, i * size * 8));
      return { values: { [key]: items } as unknown as Record<K, readonly T[]>, length: bytes.length };
    },
    encode(values) {
      const bytes = Buffer.alloc(values[key].length * size);
      for (const [i, item] of values[key].entries()) field.write(bytes, i * size * 8, item);
      return bytes;
    },
    faults: (values) =>
      values[key].flatMap((item, i) => {
        const fault = field.fault(item);
        return fault === undefined ? [] : [`${key}[${i}]: ${fault}`];
      }),
  };
}

/** One body after the other. */
export function sequence<A extends object, B extends object>(first: Body<A>, second: Body<B>): Body<A & B> {
  return {
    decode(bytes) {
      const begin = first.decode(bytes);
      const end = begin === undefined ? undefined : second.decode(bytes.subarray(begin.length));
      if (begin === undefined || end === undefined) return undefined;
      return { values: { ...begin.values, ...end.values }, length: begin.length + end.length };
    },
    encode: (values) => Buffer.concat([first.encode(values), second.encode(values)]),
    faults: (values) => [...first.faults(values), ...second.faults(values)],
  };
}

/** A body of no bytes and no values. */
export const empty: Header<object> = header({});

/** Bytes of one's own, that do not change with the frame they were read from. */
export function copied(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}
