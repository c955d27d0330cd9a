import { truncate } from "../check/integer-arithmetic.ts";
import { type BitType, bitType, storedType, type Type } from "../check/types.ts";

/** What a scalar is to BMv2: a number of some width, a truth value, a number without width, or a varbit. */
export type Shape =
  | BitType
  | { readonly kind: "bool" }
  | { readonly kind: "integer" }
  | { readonly kind: "varbit"; readonly width: number };

/** A header, as it is or by its place in a stack. */
export type HeaderReference =
  | { readonly kind: "instance"; readonly name: string }
  | { readonly kind: "element"; readonly stack: string; readonly index: Value };

/** A scalar that BMv2 works out when it is needed. A truth value that is constant is 0 or 1. */
export type Value =
  | ConstantValue
  | FieldValue
  | {
      readonly kind: "element-field";
      readonly stack: string;
      readonly index: Value;
      readonly field: number;
      readonly shape: Shape;
    }
  | {
      readonly kind: "last-field";
      readonly stack: string;
      readonly name: string;
      readonly field: number;
      readonly shape: Shape;
    }
  | { readonly kind: "parameter"; readonly index: number; readonly shape: Shape }
  | { readonly kind: "lookahead"; readonly offset: number; readonly width: number; readonly shape: Shape }
  | { readonly kind: "valid"; readonly header: HeaderReference; readonly shape: Shape }
  | { readonly kind: "last-index"; readonly stack: string; readonly shape: Shape }
  /** A number that is taken for one of more bits: the same to BMv2, but no place of that width. */
  | { readonly kind: "widened"; readonly value: Value; readonly shape: Shape }
  | OperationValue;

/** A number. */
export interface ConstantValue {
  readonly kind: "constant";
  readonly value: bigint;
  readonly shape: Shape;
}

/** A field of a header instance. */
export interface FieldValue {
  readonly kind: "field";
  readonly header: string;
  readonly field: string;
  readonly shape: Shape;
}

/** An operator of BMv2 with its operands; unary ones have no left. */
export interface OperationValue {
  readonly kind: "operation";
  readonly operator: string;
  readonly left?: Value;
  readonly right: Value;
  readonly condition?: Value;
  readonly shape: Shape;
}

export const boolShape: Shape = { kind: "bool" };
export const integerShape: Shape = { kind: "integer" };

/** The shape of a type without parts; undefined for one with parts. Errors and enumerations take 32 bits. */
export function shapeOf(type: Type): Shape | undefined {
  const stored = storedType(type);
  switch (stored.kind) {
    case "bits":
    case "varbit":
      return stored;
    case "bool":
      return boolShape;
    case "integer":
      return integerShape;
    case "enum":
    case "error":
      return bitType(32);
    default:
      return undefined;
  }
}

/** How many bits a field of this shape has. */
export function widthOf(shape: Shape): number {
  return shape.kind === "bool" ? 1 : shape.kind === "integer" ? 32 : shape.width;
}

/** A number, cut to its shape. */
export function constant(value: bigint, shape: Shape): ConstantValue {
  return { kind: "constant", value: shape.kind === "bits" ? truncate(value, shape.width, shape.signed) : value, shape };
}

/** True or false. */
export function truth(value: boolean): ConstantValue {
  return { kind: "constant", value: value ? 1n : 0n, shape: boolShape };
}

/** The value when it is known. */
export function knownValue(value: Value): bigint | undefined {
  return value.kind === "constant" ? value.value : undefined;
}

/** A number without a width as one of a shape; others as they are. */
export function coerce(value: Value, shape: Shape): Value {
  return value.kind === "constant" && value.shape.kind === "integer" ? constant(value.value, shape) : value;
}

/** Every value inside of a value, itself included. */
export function* partsOf(value: Value): Generator<Value> {
  yield value;
  switch (value.kind) {
    case "operation":
      if (value.condition !== undefined) yield* partsOf(value.condition);
      if (value.left !== undefined) yield* partsOf(value.left);
      yield* partsOf(value.right);
      return;
    case "widened":
      yield* partsOf(value.value);
      return;
    case "element-field":
      yield* partsOf(value.index);
      return;
    case "valid":
      if (value.header.kind === "element") yield* partsOf(value.header.index);
      return;
    default:
      return;
  }
}

/** Whether a value is so large that it is better worked out once than written down twice. */
export function isLarge(value: Value): boolean {
  let parts = 0;
  for (const _part of partsOf(value)) if (++parts > 12) return true;
  return false;
}
