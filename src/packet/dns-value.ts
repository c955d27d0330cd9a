import type { DnsReader, DnsWriter } from "./dns-message.ts";
import { dnsNameFault } from "./dns-name.ts";
import type { Field } from "./field.ts";
import { textOrBytes } from "./text.ts";

/** One value of a question or a record, and how it stands in a message. */
export interface DnsValue<T> {
  /** `end` is where the record ends. */
  read(reader: DnsReader, end: number): T;
  write(writer: DnsWriter, value: T): void;
  /** Why `value` cannot be written. */
  fault(value: T): string | undefined;
}

/** Values in the order of the wire. */
export type DnsSchema<T> = { readonly [K in keyof T]-?: DnsValue<T[K]> };

/** A value of fixed size. */
export function fixedValue<T>(field: Field<T>): DnsValue<T> {
  const size = field.bits / 8;
  return {
    read: (reader) => field.read(reader.bytes(size), 0),
    write(writer, value) {
      const bytes = Buffer.alloc(size);
      field.write(bytes, 0, value);
      writer.bytes(bytes);
    },
    fault: (value) => field.fault(value),
  };
}

/** A name; newer types of records do not shorten theirs (RFC 3597 section 4). */
export function nameValue(mayShorten = true): DnsValue<string> {
  return {
    read: (reader) => reader.name(),
    write: (writer, value) => {
      writer.name(value, mayShorten);
    },
    fault: dnsNameFault,
  };
}

const maxString = 255;

/** Strings up to the end of the record, in UTF-8 or as bytes if they are not. */
export const stringsValue: DnsValue<readonly (string | Uint8Array)[]> = {
  read(reader, end) {
    const strings: (string | Uint8Array)[] = [];
    while (reader.at < end && !reader.hasFailed()) {
      const [length = 0] = reader.bytes(1);
      strings.push(textOrBytes(reader.bytes(length)));
    }
    return strings;
  },
  write(writer, value) {
    for (const each of value) {
      const bytes = Buffer.from(each);
      writer.bytes(Buffer.of(bytes.length));
      writer.bytes(bytes);
    }
  },
  fault(value) {
    const lengths = value.map((each) => Buffer.from(each).length);
    const long = lengths.find((length) => length > maxString);
    if (long !== undefined) return `expected at most ${maxString} bytes each, found ${long}`;
    const size = lengths.reduce((sum, length) => sum + 1 + length, 0);
    return size <= 0xffff ? undefined : `expected at most 65535 bytes in all, found ${size}`;
  },
};

/** Read values in the order of `schema`. */
export function readValues(schema: DnsSchema<object>, reader: DnsReader, end: number): Record<string, unknown> {
  return Object.fromEntries(entriesOf(schema).map(([name, value]) => [name, value.read(reader, end)]));
}

/** Write the values of `from` in the order of `schema`. */
export function writeValues(schema: DnsSchema<object>, writer: DnsWriter, from: object): void {
  for (const [name, value] of entriesOf(schema)) value.write(writer, (from as Record<string, unknown>)[name]);
}

/** Every reason why the values of `from` cannot be written, each beginning with the name of the value. */
export function valueFaults(schema: DnsSchema<object>, from: object): readonly string[] {
  return entriesOf(schema).flatMap(([name, value]) => {
    const fault = value.fault((from as Record<string, unknown>)[name]);
    return fault === undefined ? [] : [`${name}: ${fault}`];
  });
}

function entriesOf(schema: DnsSchema<object>): readonly [string, DnsValue<unknown>][] {
  return Object.entries(schema as Record<string, DnsValue<unknown>>);
}
