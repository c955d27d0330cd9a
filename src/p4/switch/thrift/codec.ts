import { type Reader, type Writer, wireType } from "./wire.ts";

/** How values of one type are written and read. */
export interface Codec<T> {
  readonly wire: number;
  /** What a missing field is. */
  readonly zero: () => T;
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => void;
}

export const bool: Codec<boolean> = {
  wire: wireType.bool,
  zero: () => false,
  read: (reader) => reader.i8() !== 0,
  write: (writer, value) => {
    writer.i8(value ? 1 : 0);
  },
};

export const i16: Codec<number> = {
  wire: wireType.i16,
  zero: () => 0,
  read: (reader) => reader.i16(),
  write: (writer, value) => {
    writer.i16(value);
  },
};

export const i32: Codec<number> = {
  wire: wireType.i32,
  zero: () => 0,
  read: (reader) => reader.i32(),
  write: (writer, value) => {
    writer.i32(value);
  },
};

export const i64: Codec<bigint> = {
  wire: wireType.i64,
  zero: () => 0n,
  read: (reader) => reader.i64(),
  write: (writer, value) => {
    writer.i64(value);
  },
};

export const double: Codec<number> = {
  wire: wireType.double,
  zero: () => 0,
  read: (reader) => reader.double(),
  write: (writer, value) => {
    writer.double(value);
  },
};

export const string: Codec<string> = {
  wire: wireType.string,
  zero: () => "",
  read: (reader) => reader.bytes().toString("utf8"),
  write: (writer, value) => {
    writer.bytes(Buffer.from(value, "utf8"));
  },
};

export const binary: Codec<Uint8Array> = {
  wire: wireType.string,
  zero: () => new Uint8Array(),
  read: (reader) => Uint8Array.from(reader.bytes()),
  write: (writer, value) => {
    writer.bytes(value);
  },
};

/** A list of one type. */
export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    wire: wireType.list,
    zero: () => [],
    read: (reader) => {
      const type = reader.i8();
      const count = reader.count();
      const items: T[] = [];
      for (let left = count; left > 0; left -= 1) {
        // Items of another type are as good as missing.
        if (type === item.wire) items.push(item.read(reader));
        else reader.skip(type);
      }
      return items;
    },
    write: (writer, items) => {
      writer.i8(item.wire);
      writer.i32(items.length);
      for (const value of items) item.write(writer, value);
    },
  };
}

/** A map from strings to strings. */
export const stringMap: Codec<ReadonlyMap<string, string>> = {
  wire: wireType.map,
  zero: () => new Map(),
  read: (reader) => {
    const key = reader.i8();
    const value = reader.i8();
    const map = new Map<string, string>();
    for (let left = reader.count(); left > 0; left -= 1) {
      if (key === wireType.string && value === wireType.string) map.set(string.read(reader), string.read(reader));
      else {
        reader.skip(key);
        reader.skip(value);
      }
    }
    return map;
  },
  write: (writer, map) => {
    writer.i8(wireType.string);
    writer.i8(wireType.string);
    writer.i32(map.size);
    for (const [key, value] of map) {
      string.write(writer, key);
      string.write(writer, value);
    }
  },
};

/** A type that may be left out of a struct. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    wire: codec.wire,
    zero: () => undefined,
    read: codec.read,
    write: (writer, value) => {
      if (value !== undefined) codec.write(writer, value);
    },
  };
}

/** The values of a struct with these fields. */
export type Values<F> = {
  readonly [Name in keyof F]: F[Name] extends readonly [number, Codec<infer T>] ? T : never;
};

type AnyCodec = Codec<unknown>;

/** A struct. Unknown fields, and fields of another wire type, are passed over; what is missing is zero. */
export function struct<const F extends Readonly<Record<string, readonly [number, unknown]>>>(
  fields: F,
): Codec<Values<F>> {
  const entries = Object.entries(fields) as [string, readonly [number, AnyCodec]][];
  return {
    wire: wireType.struct,
    zero: () => Object.fromEntries(entries.map(([name, [, codec]]) => [name, codec.zero()])) as Values<F>,
    read: (reader) => {
      const values = new Map<string, unknown>(entries.map(([name, [, codec]]) => [name, codec.zero()]));
      for (let type = reader.i8(); type !== wireType.stop; type = reader.i8()) {
        const id = reader.i16();
        const entry = entries.find(([, [candidate]]) => candidate === id);
        if (entry?.[1][1].wire === type) values.set(entry[0], entry[1][1].read(reader));
        else reader.skip(type);
      }
      return Object.fromEntries(values) as Values<F>;
    },
    write: (writer, values) => {
      for (const [name, [id, codec]] of entries) {
        const value = (values as Readonly<Record<string, unknown>>)[name];
        if (value === undefined) continue;
        writer.i8(codec.wire);
        writer.i16(id);
        codec.write(writer, value);
      }
      writer.i8(wireType.stop);
    },
  };
}
