import { packetFaults } from "./dataplane.ts";
import type { DataOperator } from "./format/expression.ts";
import type { FieldType } from "./format/program.ts";

/** Longest shift to the left that is carried out; beyond it nothing is left of any value. */
const longestShift = 65_535n;

/**
 * An operator on integers of any size. What the reference leaves undefined ends the packet: throws a PacketFault for
 * division by zero or of a negative number, and for shifts by a negative number.
 */
export function operate(op: DataOperator, left: bigint, right: bigint): bigint {
  switch (op) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      checkDivision(left, right);
      return left / right;
    case "%":
      checkDivision(left, right);
      return left % right;
    case "<<":
      if (right < 0n) throw packetFaults["negative shift"];
      return right > longestShift ? 0n : left << right;
    case ">>":
      if (right < 0n) throw packetFaults["negative shift"];
      return left >> right;
    case "&":
      return left & right;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "two_comp_mod":
      return BigInt.asIntN(Number(right), left);
    case "sat_cast":
      return clamp(left, -(1n << (right - 1n)), (1n << (right - 1n)) - 1n);
    case "usat_cast":
      return clamp(left, 0n, (1n << right) - 1n);
  }
}

function checkDivision(left: bigint, right: bigint): void {
  if (right === 0n) throw packetFaults["division by zero"];
  if (left < 0n || right < 0n) throw packetFaults["division of a negative number"];
}

function clamp(value: bigint, low: bigint, high: bigint): bigint {
  if (value < low) return low;
  return value > high ? high : value;
}

/** The bits that a field keeps of a value: cut to its width, or clamped where it saturates. */
export function storedBits({ width, signed, saturating }: FieldType, value: bigint): bigint {
  if (!saturating) return BigInt.asUintN(width, value);
  return BigInt.asUintN(width, operate(signed ? "sat_cast" : "usat_cast", value, BigInt(width)));
}

/** The number that a field's bits stand for. */
export function fieldNumber({ width, signed }: FieldType, bits: bigint): bigint {
  return signed ? BigInt.asIntN(width, bits) : bits;
}

/** The text of a log_msg: each `{}` replaced by the next value, in decimal. */
export function formatLog(format: string, values: readonly bigint[]): string {
  let next = 0;
  return format.replaceAll("{}", (braces) => {
    const value = values[next];
    next += 1;
    return value === undefined ? braces : value.toString();
  });
}
