import type { Type } from "../check/types.ts";
import type { Expression } from "../syntax/ast.ts";
import { lowerValue } from "./expression.ts";
import type { Frame } from "./lowering.ts";
import type { KeyMatch } from "./operation.ts";
import { binary } from "./arithmetic.ts";
import { boolShape, knownValue, type Shape, shapeOf, truth, type Value, widthOf } from "./value.ts";

/** The values that a key may have, as one of the forms of a key set. */
export type KeySet =
  | { readonly kind: "any" }
  | { readonly kind: "value"; readonly value: bigint }
  | { readonly kind: "mask"; readonly value: bigint; readonly mask: bigint }
  | { readonly kind: "range"; readonly low: bigint; readonly high: bigint };

/** Work out one element of a key set, for a key of a type. Numbers come as the unsigned bits of the key. */
export function evaluateKeyset(frame: Frame, element: Expression, type: Type): KeySet {
  const shape: Shape = shapeOf(type) ?? { kind: "integer" };
  const width = widthOf(shape);
  const bits = (expression: Expression): bigint => {
    const known = knownValue(lowerValue(frame, expression, shape));
    if (known === undefined)
      frame.lowering.error(expression.span, "a key set is made of values that are known at compile time");
    return BigInt.asUintN(width, known ?? 0n);
  };
  switch (element.kind) {
    case "default":
    case "dont-care":
      return { kind: "any" };
    case "mask": {
      const [value, mask] = [bits(element.value), bits(element.mask)];
      return { kind: "mask", value: value & mask, mask };
    }
    case "range":
      return { kind: "range", low: bits(element.low), high: bits(element.high) };
    default:
      return { kind: "value", value: bits(element) };
  }
}

/** The elements of a key set for several keys. `undefined` when it stands for all keys at once. */
export function elementsOf(keyset: Expression, keys: number): readonly Expression[] | undefined {
  if (keyset.kind === "list" && (keys > 1 || keyset.elements.length === 1)) return keyset.elements;
  if (keyset.kind === "default" || keyset.kind === "dont-care") return undefined;
  return [keyset];
}

/** The condition that a value is in a key set. */
export function matchesKey(frame: Frame, value: Value, type: Type, label: Expression): Value {
  const shape = shapeOf(type) ?? value.shape;
  const part = (expression: Expression): Value => lowerValue(frame, expression, shape);
  switch (label.kind) {
    case "default":
    case "dont-care":
      return truth(true);
    case "mask": {
      const mask = part(label.mask);
      return binary("==", binary("&", value, mask, shape), binary("&", part(label.value), mask, shape), boolShape);
    }
    case "range":
      return binary(
        "&&",
        binary(">=", value, part(label.low), boolShape),
        binary("<=", value, part(label.high), boolShape),
        boolShape,
      );
    default:
      return binary("==", value, part(label), boolShape);
  }
}

/** Values and masks that together cover a range: the fewest prefixes. */
export function prefixesOf(low: bigint, high: bigint, width: number): readonly { value: bigint; mask: bigint }[] {
  const all = (1n << BigInt(width)) - 1n;
  const prefixes: { value: bigint; mask: bigint }[] = [];
  for (let start = low; start <= high;) {
    let size = 1n;
    while ((start & (size * 2n - 1n)) === 0n && start + size * 2n - 1n <= high && size * 2n - 1n <= all) size *= 2n;
    prefixes.push({ value: start, mask: all & ~(size - 1n) });
    start += size;
  }
  return prefixes;
}

/** What a table entry says about a key, as its match kind has it; undefined when the kind cannot say that. */
export function keyMatch(set: KeySet, matchKind: string, width: number): KeyMatch | undefined {
  const all = (1n << BigInt(width)) - 1n;
  switch (matchKind) {
    case "exact":
      return set.kind === "value" ? { kind: "exact", value: set.value } : undefined;
    case "lpm": {
      if (set.kind === "any") return { kind: "lpm", value: 0n, prefix: 0 };
      if (set.kind === "value") return { kind: "lpm", value: set.value, prefix: width };
      if (set.kind !== "mask") return undefined;
      const prefix = prefixLength(set.mask, width);
      return prefix === undefined ? undefined : { kind: "lpm", value: set.value, prefix };
    }
    case "ternary":
    case "optional":
      if (set.kind === "any") return { kind: "ternary", value: 0n, mask: 0n };
      if (set.kind === "value") return { kind: "ternary", value: set.value, mask: all };
      return set.kind === "mask" && matchKind === "ternary"
        ? { kind: "ternary", value: set.value, mask: set.mask }
        : undefined;
    case "range":
      if (set.kind === "any") return { kind: "range", low: 0n, high: all };
      if (set.kind === "value") return { kind: "range", low: set.value, high: set.value };
      return set.kind === "range" ? { kind: "range", low: set.low, high: set.high } : undefined;
    default:
      return undefined;
  }
}

/** How many leading ones a mask has, when there is nothing but zeros behind them. */
function prefixLength(mask: bigint, width: number): number | undefined {
  for (let length = 0; length <= width; length++) {
    const all = (1n << BigInt(width)) - 1n;
    if (mask === (all & ~((1n << BigInt(width - length)) - 1n))) return length;
  }
  return undefined;
}
