/** Operators on values: folded where everything is known, and cut to what their shape holds. */
import { evaluateIntegers, saturate } from "../check/integer-arithmetic.ts";
import { type BitType, bitType } from "../check/types.ts";
import type { BinaryOperator } from "../syntax/ast.ts";
import {
  boolShape,
  constant,
  integerShape,
  knownValue,
  truth,
  widthOf,
  type OperationValue,
  type Shape,
  type Value,
} from "./value.ts";

function operation(operator: string, left: Value | undefined, right: Value, shape: Shape): OperationValue {
  return left === undefined
    ? { kind: "operation", operator, right, shape }
    : { kind: "operation", operator, left, right, shape };
}

/** Brings an intermediate result, which BMv2 keeps at any size, back to what its shape holds. */
function wrap(value: Value, shape: BitType): Value {
  if (value.kind === "constant") return constant(value.value, shape);
  const { width, signed } = shape;
  if (signed) return operation("two_comp_mod", value, constant(BigInt(width), integerShape), shape);
  return operation("&", value, constant((1n << BigInt(width)) - 1n, shape), shape);
}

/** `left operator right`, operands of one shape (but for shifts and `++`). */
export function binary(operator: BinaryOperator, left: Value, right: Value, shape: Shape): Value {
  switch (operator) {
    case "&&":
    case "||":
      return logical(operator, left, right);
    case "++":
      return concatenate(left, right, shape);
    case "|+|":
    case "|-|":
      return saturating(operator, left, right, shape);
    case "<<":
    case ">>":
      return shift(operator, left, right, shape);
    default:
      return plain(operator, left, right, shape);
  }
}

function plain(operator: BinaryOperator, left: Value, right: Value, shape: Shape): Value {
  const [a, b] = [knownValue(left), knownValue(right)];
  if (a !== undefined && b !== undefined) {
    const result = evaluateIntegers(operator, a, b);
    if (typeof result === "boolean") return truth(result);
    if (result !== undefined) return constant(result, shape);
  }
  const result = operation(operator, left, right, shape);
  const mayOverflow = operator === "+" || operator === "-" || operator === "*";
  return mayOverflow && shape.kind === "bits" ? wrap(result, shape) : result;
}

function logical(operator: "&&" | "||", left: Value, right: Value): Value {
  const decisive = operator === "&&" ? 0n : 1n;
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const known = knownValue(one);
    if (known !== undefined) return known === decisive ? truth(decisive === 1n) : other;
  }
  return operation(operator === "&&" ? "and" : "or", left, right, boolShape);
}

/** The bits of a number as an unsigned one, whatever its sign. */
function unsigned(value: Value): Value {
  return value.shape.kind === "bits" && value.shape.signed ? wrap(value, bitType(value.shape.width)) : value;
}

function concatenate(left: Value, right: Value, shape: Shape): Value {
  const low = widthOf(right.shape);
  const [a, b] = [knownValue(left), knownValue(right)];
  if (a !== undefined && b !== undefined) return constant((a << BigInt(low)) | BigInt.asUintN(low, b), shape);
  const moved = operation("<<", unsigned(left), constant(BigInt(low), integerShape), shape);
  const joined = operation("|", moved, unsigned(right), shape);
  return shape.kind === "bits" && shape.signed ? wrap(joined, shape) : joined;
}

function saturating(operator: "|+|" | "|-|", left: Value, right: Value, shape: Shape): Value {
  if (shape.kind !== "bits") return left;
  const [a, b] = [knownValue(left), knownValue(right)];
  const plain = operator === "|+|" ? "+" : "-";
  if (a !== undefined && b !== undefined) {
    return constant(saturate(plain === "+" ? a + b : a - b, shape.width, shape.signed), shape);
  }
  const result = operation(plain, left, right, shape);
  return operation(shape.signed ? "sat_cast" : "usat_cast", result, constant(BigInt(shape.width), integerShape), shape);
}

/** Amounts that BMv2 takes as they are; more bits than this are compared with the width first. */
const plainAmountBits = 8;

function shift(operator: "<<" | ">>", left: Value, amount: Value, shape: Shape): Value {
  const [a, b] = [knownValue(left), knownValue(amount)];
  const width = widthOf(shape);
  if (b !== undefined && shape.kind === "bits" && b >= BigInt(width)) {
    // Nothing is left of it but the sign.
    if (operator === "<<" || !shape.signed) return constant(0n, shape);
    return operation(">>", left, constant(BigInt(width - 1), integerShape), shape);
  }
  if (a !== undefined && b !== undefined) {
    const result = evaluateIntegers(operator, a, b);
    if (typeof result === "bigint") return constant(result, shape);
  }
  const moved = operation(operator, left, amount, shape);
  const result = operator === "<<" && shape.kind === "bits" ? wrap(moved, shape) : moved;
  if (b !== undefined || widthOf(amount.shape) <= plainAmountBits) return result;
  const tooFar = operation(">=", amount, constant(BigInt(width), amount.shape), boolShape);
  const leftOver =
    operator === ">>" && shape.kind === "bits" && shape.signed
      ? operation(">>", left, constant(BigInt(width - 1), integerShape), shape)
      : constant(0n, shape);
  return choose(tooFar, leftOver, result);
}

/** `condition ? then : otherwise`. */
export function choose(condition: Value, then: Value, otherwise: Value): Value {
  const known = knownValue(condition);
  if (known !== undefined) return known === 0n ? otherwise : then;
  if (then.shape.kind === "bool")
    return logical("||", logical("&&", condition, then), logical("&&", not(condition), otherwise));
  return { kind: "operation", operator: "?", condition, left: then, right: otherwise, shape: then.shape };
}

/** `!value`. */
export function not(value: Value): Value {
  const known = knownValue(value);
  return known === undefined ? operation("not", undefined, value, boolShape) : truth(known === 0n);
}

/** `-value`. */
export function negate(value: Value): Value {
  return binary("-", constant(0n, value.shape), value, value.shape);
}

/** `~value`. */
export function complement(value: Value): Value {
  const known = knownValue(value);
  if (known !== undefined) return constant(~known, value.shape);
  const result = operation("~", undefined, value, value.shape);
  return value.shape.kind === "bits" ? wrap(result, value.shape) : result;
}

/** Bits `high` to `low` of a value. */
export function slice(value: Value, high: number, low: number): Value {
  const shape = bitType(high - low + 1);
  const known = knownValue(value);
  if (known !== undefined) return constant(known >> BigInt(low), shape);
  const { shape: whole } = value;
  if (low === 0 && whole.kind === "bits" && !whole.signed && high === whole.width - 1) return value;
  const moved = low === 0 ? value : operation(">>", value, constant(BigInt(low), integerShape), whole);
  return wrap(moved, shape);
}

/** A value with bits `high` to `low` replaced. */
export function replaceSlice(value: Value, high: number, low: number, part: Value): Value {
  const { shape } = value;
  const width = widthOf(shape);
  const hole = ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
  const kept = operation("&", value, constant(((1n << BigInt(width)) - 1n) ^ hole, bitType(width)), shape);
  const known = knownValue(part);
  const moved =
    known === undefined
      ? operation(
          "&",
          operation("<<", part, constant(BigInt(low), integerShape), shape),
          constant(hole, bitType(width)),
          shape,
        )
      : constant((known << BigInt(low)) & hole, bitType(width));
  const result = operation("|", kept, moved, shape);
  return shape.kind === "bits" && shape.signed ? wrap(result, shape) : result;
}

/** A value as one of another shape, as a cast has it. */
export function cast(value: Value, shape: Shape): Value {
  const { shape: from } = value;
  const known = knownValue(value);
  if (shape.kind === "bool") {
    if (from.kind === "bool") return value;
    return known === undefined ? binary("==", value, constant(1n, from), boolShape) : truth(known !== 0n);
  }
  if (from.kind === "bool") {
    if (known !== undefined) return constant(known, shape);
    return operation("b2d", undefined, value, shape);
  }
  if (known !== undefined) return constant(known, shape);
  if (shape.kind !== "bits" || from.kind !== "bits") return value;
  const fits = from.signed === shape.signed && shape.width >= from.width;
  if (fits || (!from.signed && shape.width > from.width)) return widen(value, shape);
  return wrap(value, shape);
}

/** The same number as one of more bits. */
function widen(value: Value, shape: Shape): Value {
  if (value.kind === "operation") return { ...value, shape };
  return { kind: "widened", value: value.kind === "widened" ? value.value : value, shape };
}
