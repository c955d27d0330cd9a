import type { TableKey } from "../switch/format/program.ts";
import type { KeyPart } from "../switch/state/key.ts";

/** Why a text is not what it should be, in words that follow "expected". */
export class BadValue extends Error {}

/** A number: decimal, 0x…, 0o…, 0b… or an IPv4 address. Throws {@link BadValue}. */
export function number(text: string): bigint {
  if (/^(\d+|0x[0-9a-f]+|0o[0-7]+|0b[01]+)$/i.test(text)) return BigInt(text);
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (octets?.every((octet) => octet <= 255) === true) {
    return octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  }
  throw new BadValue("a number (decimal, 0x…, 0b…, 0o… or 10.0.0.1)");
}

/** One part of a key in the form that its match kind has. Throws {@link BadValue}. */
export function keyPart({ kind, width }: TableKey, text: string): KeyPart {
  switch (kind) {
    case "exact":
      return { kind, value: number(text) };
    case "valid":
      return { kind, value: number(text) !== 0n };
    case "lpm": {
      const [value = "", length] = text.split("/", 2);
      if (length === undefined && value.includes("*")) return starredPrefix(value, width);
      if (length !== undefined && !/^\d+$/.test(length)) throw new BadValue("a prefix as value/length");
      return { kind, value: number(value), prefixLength: length === undefined ? width : Number(length) };
    }
    case "ternary":
      return { kind, ...ternary(text) };
    case "range": {
      const [start = "", end = start] = text.split("->", 2);
      return { kind, start: number(start), end: number(end) };
    }
  }
}

/** What a key is that a test does not name: anything, or 0 where there has to be a value. */
export function leftOut({ kind, width }: TableKey): KeyPart {
  switch (kind) {
    case "exact":
      return { kind, value: 0n };
    case "valid":
      return { kind, value: false };
    case "lpm":
      return { kind, value: 0n, prefixLength: 0 };
    case "ternary":
      return { kind, value: 0n, mask: 0n };
    case "range":
      return { kind, start: 0n, end: (1n << BigInt(width)) - 1n };
  }
}

const bases: Readonly<Record<string, bigint>> = { "0x": 4n, "0o": 3n, "0b": 1n };

/** `value&&&mask`, or digits of which a `*` counts for nothing; bits above the first digit count for nothing either. */
function ternary(text: string): { value: bigint; mask: bigint } {
  const [written = "", mask] = text.split("&&&", 2);
  if (mask !== undefined) return { value: number(written), mask: number(mask) };
  const bits = bases[text.slice(0, 2).toLowerCase()];
  const digits = text.slice(2);
  if (bits === undefined || digits === "") {
    throw new BadValue("a value whose digits make the mask: 0x…, 0b…, 0o…, with * for those that do not count");
  }
  const ones = (1n << bits) - 1n;
  const care = Array.from(digits).reduce((sum, digit) => (sum << bits) | (digit === "*" ? 0n : ones), 0n);
  return { value: number(text.slice(0, 2) + digits.replaceAll("*", "0")), mask: care };
}

/** Digits with `*` at the end for those behind the prefix. */
function starredPrefix(text: string, width: number): KeyPart {
  const bits = bases[text.slice(0, 2).toLowerCase()];
  const stars = /\*+$/.exec(text)?.[0].length ?? 0;
  if (bits === undefined || text.slice(0, text.length - stars).includes("*")) {
    throw new BadValue("a prefix as value/length, or 0x… or 0b… with * at the end");
  }
  const prefixLength = width - Number(bits) * stars;
  if (prefixLength < 0) throw new BadValue(`at most ${width} bits`);
  return { kind: "lpm", value: number(text.replaceAll("*", "0")), prefixLength };
}
