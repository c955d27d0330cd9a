import { formatIpv4, parseIpv4 } from "./ipv4-address.ts";
import { formatIpv6, parseIpv6 } from "./ipv6-address.ts";
import { formatMac, parseMac } from "./mac.ts";
import { faultOf } from "./packet-error.ts";

/** How one field of a header stands on the wire, and as which value it is known. */
export interface Field<T> {
  readonly bits: number;
  /** The value at `bit`, counted from the most significant bit of the first byte. The bytes must be there. */
  read(bytes: Buffer, bit: number): T;
  /** Write a value without faults. */
  write(bytes: Buffer, bit: number, value: T): void;
  /** Why `value` has no place in the field: "expected 0 to 255, found 256". */
  fault(value: T): string | undefined;
  /** A value that is left out of what is read, and written where none is given: that of spare bits, nearly always zero. */
  readonly omitted?: T;
}

/** An unsigned number of up to 32 bits in network byte order, at any bit. */
export function bits(count: number): Field<number> {
  const limit = 2 ** count;
  return {
    bits: count,
    read(bytes, bit) {
      const { first, length, unit } = cover(bit, count);
      return Math.floor(bytes.readUIntBE(first, length) / unit) % limit;
    },
    write(bytes, bit, value) {
      const { first, length, unit } = cover(bit, count);
      const around = bytes.readUIntBE(first, length);
      const before = Math.floor(around / unit) % limit;
      bytes.writeUIntBE(around + (value - before) * unit, first, length);
    },
    fault(value) {
      if (Number.isInteger(value) && value >= 0 && value < limit) return undefined;
      return `expected 0 to ${limit - 1}, found ${value}`;
    },
  };
}

/** Spare bits: zero unless said, and left out of what is read where they are zero. */
export function spare(count: number): Field<number> {
  return { ...bits(count), omitted: 0 };
}

/** A number that is left out of what is read where it is `value`, as it nearly always is. */
export function usually(count: number, value: number): Field<number> {
  return { ...bits(count), omitted: value };
}

/** Bytes of which nothing is known but that they are zero. */
export function zeros(length: number): Field<number> {
  return { bits: length * 8, read: () => 0, write: () => undefined, fault: () => undefined, omitted: 0 };
}

/** One bit. */
export function flag(): Field<boolean> {
  return {
    bits: 1,
    read: (bytes, bit) => (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1,
    write(bytes, bit, value) {
      const mask = 0x80 >> (bit & 7);
      const byte = bytes[bit >> 3] ?? 0;
      bytes[bit >> 3] = value ? byte | mask : byte & ~mask;
    },
    fault: (value) => (typeof value === "boolean" ? undefined : `expected true or false, found ${String(value)}`),
  };
}

/** A bit that is left out of what is read where it is zero. */
export function spareFlag(): Field<boolean> {
  return { ...flag(), omitted: false };
}

/** A number of which some values have names; the others stay numbers. */
export function named<Name extends string>(count: number, names: Readonly<Record<Name, number>>): Field<Name | number> {
  const number = bits(count);
  const byNumber = new Map(Object.entries<number>(names).map(([name, value]) => [value, name as Name]));
  const toNumber = (value: Name | number): number => (typeof value === "number" ? value : names[value]);
  return {
    bits: count,
    read(bytes, bit) {
      const value = number.read(bytes, bit);
      return byNumber.get(value) ?? value;
    },
    write: (bytes, bit, value) => {
      number.write(bytes, bit, toNumber(value));
    },
    fault(value) {
      if (typeof value === "number" || Object.hasOwn(names, value)) return number.fault(toNumber(value));
      return `expected a number or one of ${Object.keys(names).join(", ")}, found "${value}"`;
    },
  };
}

/** Bits that each have a name, the first name being the most significant; the value lists those that are set. */
export function flags<Name extends string>(names: readonly Name[]): Field<readonly Name[]> {
  return {
    bits: names.length,
    read: (bytes, bit) => names.filter((_, i) => oneBit.read(bytes, bit + i)),
    write(bytes, bit, value) {
      for (const [i, name] of names.entries()) oneBit.write(bytes, bit + i, value.includes(name));
    },
    fault(value) {
      const strange = value.filter((name) => !names.includes(name));
      return strange.length === 0 ? undefined : `expected some of ${names.join(" ")}, found ${strange.join(" ")}`;
    },
  };
}

/** A MAC address as text; on a byte boundary, as the other address fields. */
export function macField(): Field<string> {
  return addressField(6, parseMac, formatMac);
}

/** An IPv4 address as text. */
export function ipv4Field(): Field<string> {
  return addressField(4, parseIpv4, formatIpv4);
}

/** An IPv6 address as text. */
export function ipv6Field(): Field<string> {
  return addressField(16, parseIpv6, formatIpv6);
}

/** So many bytes as they are, on a byte boundary. */
export function bytesField(length: number): Field<Uint8Array> {
  return {
    bits: length * 8,
    read: (bytes, bit) => Uint8Array.from(bytes.subarray(bit / 8, bit / 8 + length)),
    write: (bytes, bit, value) => {
      bytes.set(value, bit / 8);
    },
    fault(value) {
      if (value instanceof Uint8Array && value.length === length) return undefined;
      return `expected ${length} bytes, found ${value.length}`;
    },
  };
}

/** Text in UTF-8 in a place of so many bytes, zeros after it; left out of what is read where it is empty. */
export function textField(length: number): Field<string> {
  return {
    bits: length * 8,
    read(bytes, bit) {
      const place = bytes.subarray(bit / 8, bit / 8 + length);
      const end = place.indexOf(0);
      return place.toString("utf8", 0, end < 0 ? length : end);
    },
    write: (bytes, bit, value) => {
      bytes.write(value, bit / 8, length, "utf8");
    },
    fault(value) {
      if (value.includes("\0")) return "expected text without zero bytes";
      const size = Buffer.byteLength(value, "utf8");
      return size <= length ? undefined : `expected at most ${length} bytes, found ${size}`;
    },
    omitted: "",
  };
}

const oneBit = flag();

function addressField(
  length: number,
  parse: (text: string) => Uint8Array,
  format: (bytes: Uint8Array, offset: number) => string,
): Field<string> {
  return {
    bits: length * 8,
    read: (bytes, bit) => format(bytes, bit / 8),
    write: (bytes, bit, value) => {
      bytes.set(parse(value), bit / 8);
    },
    fault: (value) => faultOf(() => parse(value)),
  };
}

/** The bytes that a run of bits touches, and the value in them of the run's least significant bit. */
function cover(bit: number, count: number): { first: number; length: number; unit: number } {
  const first = bit >> 3;
  const length = ((bit + count + 7) >> 3) - first;
  return { first, length, unit: 2 ** ((first + length) * 8 - bit - count) };
}
