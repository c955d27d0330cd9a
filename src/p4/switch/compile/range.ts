import type { Data } from "../format/expression.ts";

/** Bounds of an integer, inclusive. */
export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** An integer that generated code has computed already. */
export interface Computed {
  readonly op: "computed";
  readonly type: "number" | "bigint";
  /** A name or a literal. */
  readonly code: string;
  readonly range: Range;
}

/** An unsigned integer that generated code has as 32-bit words, most significant first. */
export interface ComputedWords {
  readonly op: "words";
  readonly words: readonly string[];
  readonly range: Range;
}

/** What values are generated from. */
export type Value = Data | Computed | ComputedWords;

const largestSafe = BigInt(Number.MAX_SAFE_INTEGER);
/** Shifts beyond this are not followed. */
const followedShift = 256n;

/** Bounds of an expression whatever the packet; undefined where they are too wide to follow. */
export function rangeOf(value: Value): Range | undefined {
  if ("left" in value) return operatorRange(value);
  switch (value.op) {
    case "computed":
    case "words":
      return value.range;
    case "constant":
      return { low: value.value, high: value.value };
    case "parameter":
      return unsigned(value.width);
    case "field":
      return value.field.type.signed ? signed(value.field.type.width) : unsigned(value.field.type.width);
    case "elementField":
      return value.type.signed ? signed(value.type.width) : unsigned(value.type.width);
    case "register":
      return unsigned(value.array.width);
    case "validity":
    case "fromBoolean":
      return unsigned(1);
    case "lastIndex":
      return unsigned(64);
    case "stackSize": {
      const size = BigInt("unions" in value.stack ? value.stack.unions.length : value.stack.headers.length);
      return { low: size, high: size };
    }
    case "~": {
      const right = rangeOf(value.right);
      return right === undefined ? undefined : { low: -right.high - 1n, high: -right.low - 1n };
    }
    case "choose": {
      const a = rangeOf(value.whenTrue);
      const b = rangeOf(value.whenFalse);
      return a === undefined || b === undefined ? undefined : { low: min(a.low, b.low), high: max(a.high, b.high) };
    }
  }
}

function operatorRange(value: Extract<Data, { readonly left: Data; readonly right: Data }>): Range | undefined {
  const a = rangeOf(value.left);
  const b = rangeOf(value.right);
  switch (value.op) {
    case "two_comp_mod":
    case "sat_cast":
      return value.right.op === "constant" ? signed(Number(value.right.value)) : undefined;
    case "usat_cast":
      return value.right.op === "constant" ? unsigned(Number(value.right.value)) : undefined;
    case "&":
      // One side that is never negative is a bound, whatever the other.
      if (a !== undefined && a.low >= 0n)
        return { low: 0n, high: b !== undefined && b.low >= 0n ? min(a.high, b.high) : a.high };
      if (b !== undefined && b.low >= 0n) return { low: 0n, high: b.high };
      return a === undefined || b === undefined ? undefined : bitwise(a, b);
    case "%":
      if (b === undefined || b.high < 1n) return b === undefined ? undefined : { low: 0n, high: 0n };
      return { low: 0n, high: a === undefined ? b.high - 1n : max(0n, min(a.high, b.high - 1n)) };
    case "/":
      return a === undefined ? undefined : { low: 0n, high: max(0n, a.high) };
    case ">>":
      if (a === undefined) return undefined;
      if (value.right.op === "constant" && value.right.value >= 0n) {
        return { low: a.low >> value.right.value, high: a.high >> value.right.value };
      }
      return { low: min(a.low, 0n), high: max(a.high, 0n) };
    case "<<": {
      if (a === undefined || b === undefined || b.high > followedShift) return undefined;
      const most = max(b.high, 0n);
      return { low: min(a.low, a.low << most), high: max(a.high, a.high << most) };
    }
    case "+":
      return a === undefined || b === undefined ? undefined : { low: a.low + b.low, high: a.high + b.high };
    case "-":
      return a === undefined || b === undefined ? undefined : { low: a.low - b.high, high: a.high - b.low };
    case "*": {
      if (a === undefined || b === undefined) return undefined;
      const products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
      return { low: products.reduce(min), high: products.reduce(max) };
    }
    case "|":
    case "^":
      return a === undefined || b === undefined ? undefined : bitwise(a, b);
  }
}

/** Bounds of or, exclusive or, and of two numbers that may both be negative. */
function bitwise(a: Range, b: Range): Range {
  const bits = BigInt(Math.max(bitLength(a), bitLength(b)));
  return { low: a.low < 0n || b.low < 0n ? -(1n << bits) : 0n, high: (1n << bits) - 1n };
}

/** Bits of the largest magnitude in the range, without a sign. */
function bitLength({ low, high }: Range): number {
  const magnitude = max(high < 0n ? -high - 1n : high, low < 0n ? -low - 1n : low);
  return magnitude === 0n ? 0 : magnitude.toString(2).length;
}

/** Bits of two's complement that hold all of the range. */
export function twosComplementBits(range: Range): number {
  return bitLength(range) + 1;
}

/** Whether every value of the range is an exact JavaScript number. */
export function isSafe(range: Range | undefined): boolean {
  return range !== undefined && range.low >= -largestSafe && range.high <= largestSafe;
}

/** Whether the range lies within `low..high`. */
export function isWithin(range: Range | undefined, low: bigint, high: bigint): boolean {
  return range !== undefined && range.low >= low && range.high <= high;
}

/** Bounds of an unsigned number. */
export function unsigned(width: number): Range {
  return { low: 0n, high: (1n << BigInt(width)) - 1n };
}

function signed(width: number): Range {
  return { low: -(1n << BigInt(width - 1)), high: (1n << BigInt(width - 1)) - 1n };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
