import type { MatchParameter, Table, TableKey } from "../format/program.ts";
import { ControlError } from "./control-error.ts";

/** A number as a client gives it: as such, or as big-endian bytes of exactly the key's width. */
export type KeyValue = bigint | Uint8Array;

/** One part of a key as a client gives it. */
export type KeyPart =
  | { readonly kind: "exact"; readonly value: KeyValue }
  | { readonly kind: "valid"; readonly value: boolean }
  | { readonly kind: "lpm"; readonly value: KeyValue; readonly prefixLength: number }
  | { readonly kind: "ternary"; readonly value: KeyValue; readonly mask: KeyValue }
  | { readonly kind: "range"; readonly start: KeyValue; readonly end: KeyValue };

/** A key as a client gives it; a part that could not be understood is undefined, and refused in its turn. */
export type EntryKey = readonly (KeyPart | undefined)[];

/** Words that a value of `width` bits takes. */
export function wordCount(width: number): number {
  return Math.ceil(width / 32);
}

/** Write the low `32 * count` bits of `value` at `offset`, most significant word first. */
export function writeWords(value: bigint, target: Uint32Array, offset: number, count: number): void {
  let rest = value;
  for (let at = offset + count - 1; at >= offset; at -= 1) {
    target[at] = Number(rest & 0xffff_ffffn);
    rest >>= 32n;
  }
}

/** The inverse of {@link writeWords}. */
export function readWords(source: Uint32Array, offset: number, count: number): bigint {
  let value = 0n;
  for (let at = offset; at < offset + count; at += 1) value = (value << 32n) | BigInt(source[at] ?? 0);
  return value;
}

/** A number from big-endian bytes. */
export function bytesToNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0
    ? 0n
    : BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex")}`);
}

/** `value` in big-endian bytes, `length` of them. */
export function numberToBytes(value: bigint, length: number): Buffer {
  const digits = BigInt.asUintN(length * 8, value).toString(16);
  return Buffer.from(digits.padStart(length * 2, "0"), "hex");
}

/**
 * Where a table's key lies in words: parts in the order of the look-up structure (exact parts before the lpm part),
 * each in whole words, most significant first.
 */
export interface KeyLayout {
  readonly words: number;
  /** First word of each part, by position in the table's key. */
  readonly offsets: readonly number[];
}

/** The layout of a table's key. */
export function keyLayout(table: Table): KeyLayout {
  const offsets: number[] = [];
  let words = 0;
  const place = (last: boolean): void => {
    for (const [at, key] of table.keys.entries()) {
      if ((table.match === "lpm" && key.kind === "lpm") !== last) continue;
      offsets[at] = words;
      words += wordCount(key.width);
    }
  };
  place(false);
  place(true);
  return { words, offsets };
}

/** The key of an entry as it is kept. Throws BAD_MATCH_KEY. */
export function normalizeKey(table: Table, parts: EntryKey): readonly MatchParameter[] {
  if (parts.length !== table.keys.length) {
    throw badKey(`expected ${table.keys.length} parts, found ${parts.length}`);
  }
  return table.keys.map((key, at) => normalizePart(table, key, parts[at]));
}

function normalizePart(table: Table, key: TableKey, part: KeyPart | undefined): MatchParameter {
  if (part?.kind !== key.kind) throw badKey(`${key.name}: expected ${key.kind}, found ${part?.kind ?? "nothing"}`);
  const masksPrefix = table.match === "ternary" || table.match === "range";
  const number = (value: KeyValue): bigint => {
    if (typeof value === "bigint") return value;
    const expected = Math.ceil(key.width / 8);
    if (value.length !== expected) throw badKey(`${key.name}: expected ${expected} bytes, found ${value.length}`);
    return bytesToNumber(value);
  };
  const ones = (1n << BigInt(key.width)) - 1n;
  const cut = (value: KeyValue): bigint => number(value) & (key.mask ?? ones);
  switch (part.kind) {
    case "exact":
      return { kind: "exact", value: cut(part.value) };
    case "valid":
      return part;
    case "lpm": {
      const { prefixLength } = part;
      if (!Number.isInteger(prefixLength) || prefixLength < 0 || prefixLength > key.width) {
        throw badKey(`${key.name}: expected a prefix of 0 to ${key.width} bits, found ${prefixLength}`);
      }
      const value = cut(part.value);
      return { kind: "lpm", value: masksPrefix ? value & prefixMask(key.width, prefixLength) : value, prefixLength };
    }
    case "ternary": {
      const mask = number(part.mask);
      return { kind: "ternary", value: cut(part.value) & mask, mask };
    }
    case "range": {
      const start = cut(part.start);
      const end = number(part.end);
      if (start > end) throw badKey(`${key.name}: the range starts behind its end`);
      return { kind: "range", start, end };
    }
  }
}

/** The upper `length` of `width` bits. */
export function prefixMask(width: number, length: number): bigint {
  return ((1n << BigInt(length)) - 1n) << BigInt(width - length);
}

/** What makes two entries of a table the same. */
export function keyIdentity(table: Table, key: readonly MatchParameter[], priority: number): string {
  const parts = key.map((part, at) => {
    switch (part.kind) {
      case "exact":
        return part.value.toString(36);
      case "valid":
        return String(part.value);
      case "lpm":
        return `${(part.value & prefixMask(table.keys[at]?.width ?? 0, part.prefixLength)).toString(36)}/${part.prefixLength}`;
      case "ternary":
        return `${part.value.toString(36)}&${part.mask.toString(36)}`;
      case "range":
        return `${part.start.toString(36)}-${part.end.toString(36)}`;
    }
  });
  if (hasPriorities(table)) parts.push(String(priority));
  return parts.join(",");
}

/** Whether entries of the table have priorities that count. */
export function hasPriorities({ match }: Table): boolean {
  return match === "ternary" || match === "range";
}

function badKey(detail: string): ControlError {
  return new ControlError("table", "BAD_MATCH_KEY", detail);
}
