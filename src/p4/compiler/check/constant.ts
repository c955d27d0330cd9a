import type { Expression } from "../syntax/ast.ts";
import { evaluateIntegers, saturate, truncate } from "./integer-arithmetic.ts";
import type { Semantics } from "./semantics.ts";
import { storedType, type Type } from "./types.ts";

/** A value that is known at compile time. Errors and members of plain enumerations are kept by name. */
export type Constant =
  | bigint
  | boolean
  | string
  | { readonly kind: "member"; readonly name: string }
  | { readonly kind: "list"; readonly elements: readonly Constant[] };

/**
 * The value of an expression that has been checked, when it is known at compile time; `undefined` otherwise, as when it
 * has no value (a division by zero).
 */
export function evaluate(semantics: Semantics, expression: Expression): Constant | undefined {
  const type = storedType(semantics.typeOf(expression));
  switch (expression.kind) {
    case "integer":
      return typed(expression.literal.value, type);
    case "boolean":
    case "string":
      return expression.value;
    case "path": {
      const declaration = semantics.references.get(expression);
      if (declaration?.kind !== "constant") return undefined;
      const value = semantics.constants.get(declaration.value);
      return value === undefined ? undefined : typed(value, storedType(semantics.typeOfDeclaration(declaration)));
    }
    case "member":
      return evaluateMember(semantics, expression, semantics.typeOf(expression));
    case "unary": {
      const operand = evaluate(semantics, expression.operand);
      if (typeof operand === "boolean") return expression.operator === "!" ? !operand : undefined;
      if (typeof operand !== "bigint") return undefined;
      const value = expression.operator === "-" ? -operand : expression.operator === "~" ? ~operand : operand;
      return typed(value, type);
    }
    case "binary":
      return evaluateBinary(semantics, expression, type);
    case "conditional": {
      const condition = evaluate(semantics, expression.condition);
      if (typeof condition !== "boolean") return undefined;
      const chosen = evaluate(semantics, condition ? expression.then : expression.otherwise);
      return chosen === undefined ? undefined : typed(chosen, type);
    }
    case "cast":
      return evaluateCast(evaluate(semantics, expression.operand), type);
    case "slice": {
      const base = evaluate(semantics, expression.base);
      const high = evaluate(semantics, expression.high);
      const low = evaluate(semantics, expression.low);
      if (typeof base !== "bigint" || typeof high !== "bigint" || typeof low !== "bigint") return undefined;
      return high < low || low < 0n ? undefined : BigInt.asUintN(Number(high - low) + 1, base >> low);
    }
    case "list": {
      const elements = expression.elements.map((element) => evaluate(semantics, element));
      return elements.includes(undefined) ? undefined : { kind: "list", elements: elements as readonly Constant[] };
    }
    case "record": {
      if (type.kind !== "struct") return undefined;
      const elements = type.declaration.fields.map(({ name }) => {
        const field = expression.fields.find((each) => each.name.text === name.text);
        return field === undefined ? undefined : evaluate(semantics, field.value);
      });
      return elements.includes(undefined) ? undefined : { kind: "list", elements: elements as readonly Constant[] };
    }
    case "call": {
      const target = semantics.calls.get(expression)?.target;
      if (target?.kind === "function" && target.declaration.name.text === "static_assert") {
        const [condition] = expression.arguments;
        return condition === undefined ? undefined : evaluate(semantics, condition.value);
      }
      return target?.kind === "builtin" ? sizeConstant(semantics, target.base, target.name) : undefined;
    }
    default:
      return undefined;
  }
}

/** A value as a type keeps it. */
export function typed(value: Constant, type: Type): Constant {
  return typeof value === "bigint" && type.kind === "bits" ? truncate(value, type.width, type.signed) : value;
}

function evaluateCast(operand: Constant | undefined, type: Type): Constant | undefined {
  if (operand === undefined) return undefined;
  if (typeof operand === "boolean" && type.kind === "bits") return operand ? 1n : 0n;
  if (typeof operand === "bigint" && type.kind === "bool") return operand !== 0n;
  return typed(operand, type);
}

function evaluateMember(
  semantics: Semantics,
  { base, member }: Extract<Expression, { kind: "member" }>,
  type: Type,
): Constant | undefined {
  if (base.kind === "path" && type.kind === "error" && base.name === "error")
    return { kind: "member", name: member.text };
  if (base.kind === "path" && type.kind === "enum" && semantics.references.get(base)?.kind === "enum") {
    return type.underlying === undefined ? { kind: "member", name: member.text } : type.values.get(member.text);
  }
  const baseType = semantics.typeOf(base);
  if (baseType.kind === "stack" && member.text === "size") return BigInt(baseType.size);
  const whole = evaluate(semantics, base);
  if (typeof whole !== "object" || whole.kind !== "list" || baseType.kind !== "struct") return undefined;
  const index = baseType.declaration.fields.findIndex(({ name }) => name.text === member.text);
  return whole.elements[index];
}

function evaluateBinary(
  semantics: Semantics,
  { operator, left, right }: Extract<Expression, { kind: "binary" }>,
  type: Type,
): Constant | undefined {
  const a = evaluate(semantics, left);
  if (operator === "&&" && a === false) return false;
  if (operator === "||" && a === true) return true;
  const b = evaluate(semantics, right);
  if (a === undefined || b === undefined) return undefined;
  if (operator === "&&" || operator === "||") return typeof b === "boolean" ? b : undefined;
  if (typeof a === "bigint" && typeof b === "bigint") {
    if (operator === "++") {
      const [leftType, rightType] = [semantics.typeOf(left), storedType(semantics.typeOf(right))];
      if (leftType.kind === "unknown" || rightType.kind !== "bits") return undefined;
      return typed((a << BigInt(rightType.width)) | BigInt.asUintN(rightType.width, b), type);
    }
    if (operator === "|+|" || operator === "|-|") {
      if (type.kind !== "bits") return undefined;
      return saturate(operator === "|+|" ? a + b : a - b, type.width, type.signed);
    }
    // A number without a width is one of the other operand's type here.
    const operandType = storedType(
      semantics.typeOf(left).kind === "integer" ? semantics.typeOf(right) : semantics.typeOf(left),
    );
    const shift = operator === "<<" || operator === ">>";
    const result = evaluateIntegers(
      operator,
      shift ? a : (typed(a, operandType) as bigint),
      shift ? b : (typed(b, operandType) as bigint),
    );
    return typeof result === "bigint" ? typed(result, type) : result;
  }
  if (operator !== "==" && operator !== "!=") return undefined;
  return sameConstant(a, b) === (operator === "==");
}

function sameConstant(a: Constant, b: Constant): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  if (a.kind === "member" || b.kind === "member")
    return a.kind === b.kind && "name" in a && "name" in b && a.name === b.name;
  return (
    a.elements.length === b.elements.length &&
    a.elements.every((each, index) => sameConstant(each, b.elements[index] ?? 0n))
  );
}

function sizeConstant(semantics: Semantics, base: Expression, name: string): bigint | undefined {
  const match = /^(min|max)SizeIn(Bits|Bytes)$/.exec(name);
  if (match === null) return undefined;
  const bits = BigInt(sizeInBits(semantics, semantics.typeOf(base), match[1] === "max"));
  return match[2] === "Bits" ? bits : (bits + 7n) / 8n;
}

/** How many bits a type takes on the wire; varbits count nothing, or all they may hold. */
export function sizeInBits(semantics: Semantics, type: Type, most: boolean): number {
  const stored = storedType(type);
  switch (stored.kind) {
    case "bits":
      return stored.width;
    case "varbit":
      return most ? stored.width : 0;
    case "bool":
      return 1;
    case "stack":
      return stored.size * sizeInBits(semantics, stored.element, most);
    case "tuple":
      return stored.elements.reduce((sum, element) => sum + sizeInBits(semantics, element, most), 0);
    case "struct": {
      const sizes = semantics.fieldsOf(stored).map((field) => sizeInBits(semantics, field.type, most));
      if (stored.declaration.kind === "header_union")
        return most ? Math.max(0, ...sizes) : Math.min(...sizes, Infinity);
      return sizes.reduce((sum, size) => sum + size, 0);
    }
    default:
      return 0;
  }
}
