import type { Expression } from "../syntax/ast.ts";
import { evaluate } from "./constant.ts";
import type { Context } from "./context.ts";
import { castHint, isAssignable, warnUnlessFitting } from "./convert.ts";
import { checkExpression } from "./expression.ts";
import { formatType, sameType, type Type, unknownType } from "./types.ts";

/** Check a key set (of a select, a table entry, a switch) against the types of the keys. */
export function checkKeyset(context: Context, keyset: Expression, keys: readonly Type[], valueSets = false): void {
  if (keyset.kind === "default" || keyset.kind === "dont-care") {
    context.semantics.types.set(keyset, { kind: "dont-care" });
    return;
  }
  if (keyset.kind === "list" && (keys.length > 1 || keyset.elements.length === 1)) {
    if (keyset.elements.length !== keys.length) {
      context.error(keyset.span, `there are ${keys.length} keys, found ${keyset.elements.length} values for them`);
    }
    context.semantics.types.set(keyset, { kind: "tuple", elements: keys });
    keyset.elements.forEach((element, index) => {
      checkElement(context, element, keys[index] ?? unknownType, false);
    });
    return;
  }
  const [single] = keys;
  if (valueSets && checkValueSet(context, keyset, keys)) return;
  if (keys.length === 1 && single !== undefined) checkElement(context, keyset, single, valueSets);
  else {
    checkExpression(context, keyset);
    context.error(
      keyset.span,
      `there are ${keys.length} keys, found one value for them`,
      "put the values into parentheses",
    );
  }
}

/** A set that the control plane fills stands for all the keys at once. */
function checkValueSet(context: Context, keyset: Expression, keys: readonly Type[]): boolean {
  if (keyset.kind !== "path" || context.scope.find(keyset.name)[0]?.kind !== "value-set") return false;
  const type = checkExpression(context, keyset);
  if (type.kind !== "set") return true;
  const { element } = type;
  const parts =
    element.kind === "tuple"
      ? element.elements
      : element.kind === "struct"
        ? context.semantics.fieldsOf(element).map((field) => field.type)
        : [element];
  if (parts.length !== keys.length || !parts.every((part, index) => sameType(part, keys[index] ?? unknownType))) {
    context.error(
      keyset.span,
      `the value set is for ${parts.map(formatType).join(", ")}, the keys are ${keys.map(formatType).join(", ")}`,
    );
  }
  return true;
}

function checkElement(context: Context, element: Expression, key: Type, valueSets: boolean): void {
  if (element.kind === "dont-care" || element.kind === "default") {
    context.semantics.types.set(element, { kind: "dont-care" });
    return;
  }
  const found = checkExpression(context, element, key);
  const type = found.kind === "set" ? found.element : found;
  if (key.kind === "unknown" || type.kind === "unknown") return;
  if (!isAssignable(context.semantics, type, key)) {
    context.error(element.span, `the key is ${formatType(key)}, found ${formatType(type)}`, castHint(type, key));
    return;
  }
  const parts =
    element.kind === "mask"
      ? [element.value, element.mask]
      : element.kind === "range"
        ? [element.low, element.high]
        : [element];
  for (const part of parts) {
    warnUnlessFitting(context, part, context.semantics.typeOf(part), key);
    if (!valueSets || context.semantics.typeOf(part).kind !== "set") context.constant(part, "a value of a key set");
  }
  if (element.kind === "range") {
    const [low, high] = [evaluate(context.semantics, element.low), evaluate(context.semantics, element.high)];
    if (typeof low === "bigint" && typeof high === "bigint" && low > high) {
      context.error(element.span, `nothing is in the range from ${low} to ${high}`);
    }
  }
}
