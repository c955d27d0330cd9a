import { type Body, header } from "./body.ts";
import { bits, type Field } from "./field.ts";

/** A number of `countBits` bits and then so many items, known as the list `key`. */
export function counted<K extends string, T>(key: K, countBits: number, item: Body<T>): Body<Record<K, readonly T[]>> {
  const count = header<{ count: number }>({ count: bits(countBits) });
  return {
    decode(bytes) {
      const begin = count.decode(bytes);
      if (begin === undefined) return undefined;
      const items = decodeItems(item, bytes.subarray(count.size), begin.values.count);
      if (items === undefined) return undefined;
      const values = { [key]: items.items } as unknown as Record<K, readonly T[]>;
      return { values, length: count.size + items.length };
    },
    encode: (values) =>
      Buffer.concat([count.encode({ count: values[key].length }), ...values[key].map((each) => item.encode(each))]),
    faults: (values) => [...count.faults({ count: values[key].length }), ...itemFaults(key, item, values[key])],
  };
}

/** Items, one after the other, that take all the bytes there are, known as the list `key`. */
export function repeated<K extends string, T>(key: K, item: Body<T>): Body<Record<K, readonly T[]>> {
  return {
    decode(bytes) {
      const items: T[] = [];
      let length = 0;
      while (length < bytes.length) {
        const decoded = item.decode(bytes.subarray(length));
        // An item of no bytes would be read for ever.
        if (decoded === undefined || decoded.length === 0) return undefined;
        items.push(decoded.values);
        length += decoded.length;
      }
      return { values: { [key]: items } as unknown as Record<K, readonly T[]>, length };
    },
    encode: (values) => Buffer.concat(values[key].map((each) => item.encode(each))),
    faults: (values) => itemFaults(key, item, values[key]),
  };
}

/** A length in bytes, of `lengthBits` bits, and then a body that takes exactly so many. */
export function measured<T>(lengthBits: number, body: Body<T>): Body<T> {
  const measure = header<{ length: number }>({ length: bits(lengthBits) });
  return {
    decode(bytes) {
      const begin = measure.decode(bytes);
      if (begin === undefined) return undefined;
      const length = measure.size + begin.values.length;
      if (length > bytes.length) return undefined;
      const decoded = body.decode(bytes.subarray(measure.size, length));
      return decoded?.length === begin.values.length ? { values: decoded.values, length } : undefined;
    },
    encode(values) {
      const bytes = body.encode(values);
      return Buffer.concat([measure.encode({ length: bytes.length }), bytes]);
    },
    faults(values) {
      const faults = body.faults(values);
      return faults.length > 0 ? faults : measure.faults({ length: body.encode(values).length });
    },
  };
}

/** A body that takes all the bytes there are as text in UTF-8, known as `key`. */
export function text<K extends string>(key: K): Body<Record<K, string>> {
  return {
    decode: (bytes) => ({ values: { [key]: bytes.toString("utf8") } as Record<K, string>, length: bytes.length }),
    encode: (values) => Buffer.from(values[key], "utf8"),
    faults: (values) => (typeof values[key] === "string" ? [] : [`${key}: expected text`]),
  };
}

/** So many items, one after the other, and the bytes they take; undefined if one cannot be read. */
export function decodeItems<T>(
  item: Body<T>,
  bytes: Buffer,
  count: number,
): { items: T[]; length: number } | undefined {
  const items: T[] = [];
  let length = 0;
  for (let i = 0; i < count; i++) {
    const decoded = item.decode(bytes.subarray(length));
    if (decoded === undefined) return undefined;
    items.push(decoded.values);
    length += decoded.length;
  }
  return { items, length };
}

function itemFaults<T>(key: string, item: Body<T>, items: readonly T[]): readonly string[] {
  return items.flatMap((each, i) => item.faults(each).map((fault) => `${key}[${i}].${fault}`));
}

/** Bytes that are always the same, and no value. */
export function constant(bytes: Uint8Array): Body<object> {
  return {
    decode: (found) =>
      found.subarray(0, bytes.length).equals(bytes) ? { values: {}, length: bytes.length } : undefined,
    encode: () => Buffer.from(bytes),
    faults: () => [],
  };
}

/** One value by itself; `name` is for its faults. */
export function single<T>(name: string, field: Field<T>): Body<T> {
  const size = field.bits / 8;
  return {
    decode: (bytes) => (bytes.length < size ? undefined : { values: field.read(bytes, 0), length: size }),
    encode(value) {
      const bytes = Buffer.alloc(size);
      field.write(bytes, 0, value);
      return bytes;
    },
    faults(value) {
      const fault = field.fault(value);
      return fault === undefined ? [] : [`${name}: ${fault}`];
    },
  };
}
