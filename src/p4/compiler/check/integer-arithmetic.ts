import type { BinaryOperator } from "../syntax/ast.ts";

/** A shift further than this is refused: its result would fill the memory. */
const furthestShift = 8192n;

/**
 * An operation on integers of any size. `undefined` where there is no result: division by zero, a shift by a negative or
 * absurd number, and operators that are not for integers.
 */
export function evaluateIntegers(operator: BinaryOperator, left: bigint, right: bigint): bigint | boolean | undefined {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return right === 0n ? undefined : left / right;
    case "%":
      return right === 0n ? undefined : left % right;
    case "<<":
      return right < 0n || right > furthestShift ? undefined : left << right;
    case ">>":
      return right < 0n ? undefined : left >> (right > furthestShift ? furthestShift : right);
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "|+|":
    case "|-|":
    case "++":
    case "&&":
    case "||":
      return undefined;
  }
}

/** The value that `width` bits hold of an integer: modulo 2^width, or two's complement when signed. */
export function truncate(value: bigint, width: number, signed: boolean): bigint {
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

/** The nearest value that `width` bits can hold. */
export function saturate(value: bigint, width: number, signed: boolean): bigint {
  const { least, most } = boundsOf(width, signed);
  return value < least ? least : value > most ? most : value;
}

/** The smallest and the greatest value of `width` bits. */
export function boundsOf(width: number, signed: boolean): { readonly least: bigint; readonly most: bigint } {
  if (!signed) return { least: 0n, most: (1n << BigInt(width)) - 1n };
  const half = width === 0 ? 0n : 1n << BigInt(width - 1);
  return { least: -half, most: half - 1n };
}
