import type { Span } from "../diagnostics/source-file.ts";
import type { Expression } from "../syntax/ast.ts";
import { evaluate } from "./constant.ts";
import type { Context } from "./context.ts";
import { boundsOf } from "./integer-arithmetic.ts";
import type { Semantics } from "./semantics.ts";
import { formatType, isHeader, isUnion, sameType, storedType, type Type } from "./types.ts";

/** Whether a value of one type is taken for one of another without a cast. */
export function isAssignable(semantics: Semantics, from: Type, to: Type): boolean {
  if (sameType(from, to)) return true;
  if (to.kind === "bits" && from.kind === "integer") return true;
  if (from.kind === "enum" && from.underlying !== undefined && sameType(from.underlying, to)) return true;
  if (from.kind === "dont-care") return true;
  if (from.kind === "invalid-header") return isHeader(to) || isUnion(to);
  const targets = elementTypes(semantics, to);
  if (targets === undefined) return false;
  if (from.kind === "tuple") {
    return (
      from.elements.length === targets.length &&
      from.elements.every((element, index) => {
        const target = targets[index]?.type;
        return target !== undefined && isAssignable(semantics, element, target);
      })
    );
  }
  if (from.kind === "record") {
    return (
      from.fields.size === targets.length &&
      targets.every(({ name, type }) => {
        const field = from.fields.get(name);
        return field !== undefined && isAssignable(semantics, field, type);
      })
    );
  }
  return false;
}

/** The parts that a list or record of values may be given for. */
export function elementTypes(
  semantics: Semantics,
  type: Type,
): readonly { readonly name: string; readonly type: Type }[] | undefined {
  if (type.kind === "struct" && type.declaration.kind !== "header_union") return semantics.fieldsOf(type);
  if (type.kind === "tuple") return type.elements.map((element, index) => ({ name: String(index), type: element }));
  if (type.kind === "stack") {
    return Array.from({ length: type.size }, (_, index) => ({ name: String(index), type: type.element }));
  }
  return undefined;
}

/** Report when a value cannot stand where a type is expected; warn when a number does not fit. */
export function requireAssignable(context: Context, expression: Expression, from: Type, to: Type, what: string): void {
  if (!isAssignable(context.semantics, from, to)) {
    context.error(expression.span, `${what} is ${formatType(to)}, found ${formatType(from)}`, castHint(from, to));
    return;
  }
  warnUnlessFitting(context, expression, from, to);
}

/** Warn when a number without a width loses bits where it is put. */
export function warnUnlessFitting(context: Context, expression: Expression, from: Type, to: Type): void {
  const stored = storedType(to);
  if (from.kind !== "integer" || stored.kind !== "bits") return;
  const value = evaluate(context.semantics, expression);
  if (typeof value !== "bigint") return;
  const { least, most } = boundsOf(stored.width, stored.signed);
  // -1 for "all ones" is common and means what it says.
  const lowest = stored.signed ? least : -(most + 1n) / 2n;
  if (value < lowest || value > most) {
    context.diagnostics.warn(expression.span, `${value} does not fit into ${formatType(to)}: bits are cut off`);
  }
}

/** Whether `(to) value` has a meaning. */
export function isCastable(semantics: Semantics, from: Type, to: Type): boolean {
  if (isAssignable(semantics, from, to)) return true;
  const [source, target] = [storedType(from), storedType(to)];
  if (to.kind === "new" || from.kind === "new" || to.kind === "enum" || from.kind === "enum") {
    if (source !== from || target !== to) return isCastable(semantics, source, target);
    return false;
  }
  if (target.kind === "bits") {
    if (source.kind === "bits") return source.signed === target.signed || source.width === target.width;
    if (source.kind === "bool") return target.width === 1 && !target.signed;
    return source.kind === "integer";
  }
  if (target.kind === "bool")
    return (source.kind === "bits" && source.width === 1 && !source.signed) || source.kind === "integer";
  if (target.kind === "integer") return source.kind === "bits";
  return false;
}

/** What would make a value fit. */
export function castHint(from: Type, to: Type): string | undefined {
  if (from.kind === "bool" && to.kind === "bits") return "write condition ? 1 : 0, or cast it to bit<1>";
  if (to.kind === "bool" && from.kind === "bits") return "compare it: value != 0";
  if (from.kind === "bits" && to.kind === "bits") {
    if (from.signed !== to.signed && from.width !== to.width) {
      return `cast in two steps: (${formatType(to)})(${formatType({ ...to, signed: from.signed })}) value`;
    }
    return `cast it: (${formatType(to)}) value`;
  }
  if (to.kind === "new" || to.kind === "enum") return `cast it: (${formatType(to)}) value`;
  return undefined;
}

/** Report an operand of a type that an operator has no use for. */
export function wrongOperand(context: Context, span: Span, operator: string, expected: string, found: Type): Type {
  return context.error(span, `${operator} needs ${expected}, found ${formatType(found)}`);
}
