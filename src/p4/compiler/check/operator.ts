import type { BinaryExpression, Expression, UnaryOperator } from "../syntax/ast.ts";
import { evaluate } from "./constant.ts";
import type { Context } from "./context.ts";
import { castHint, isAssignable, warnUnlessFitting, wrongOperand } from "./convert.ts";
import { checkExpression } from "./expression.ts";
import { bitType, boolType, formatType, integerType, storedType, type Type, unknownType } from "./types.ts";

/** The type of `operator operand`. */
export function unaryType(context: Context, operator: UnaryOperator, operand: Expression): Type {
  const type = arithmeticType(checkExpression(context, operand));
  if (type.kind === "unknown") return type;
  if (operator === "!") return type.kind === "bool" ? type : wrongOperand(context, operand.span, "!", "a bool", type);
  if (type.kind === "bits" || (type.kind === "integer" && operator !== "~")) return type;
  return wrongOperand(context, operand.span, operator, operator === "~" ? "bit<w> or int<w>" : "a number", type);
}

/** The type of `left operator right`. */
export function binaryType(context: Context, expression: BinaryExpression, expected: Type | undefined): Type {
  const { operator, left, right } = expression;
  switch (operator) {
    case "&&":
    case "||":
      for (const operand of [left, right]) {
        const type = checkExpression(context, operand, boolType);
        if (type.kind !== "bool" && type.kind !== "unknown")
          wrongOperand(context, operand.span, operator, "bools", type);
      }
      return boolType;
    case "==":
    case "!=":
      checkEquality(context, expression);
      return boolType;
    case "<":
    case ">":
    case "<=":
    case ">=":
      numericOperands(context, expression, undefined);
      return boolType;
    case "<<":
    case ">>":
      return shiftType(context, expression, expected);
    case "++":
      return concatenationType(context, expression);
    case "/":
    case "%":
      return divisionType(context, expression, expected);
    case "|+|":
    case "|-|": {
      const type = numericOperands(context, expression, expected);
      if (type.kind === "bits" || type.kind === "unknown") return type;
      return wrongOperand(context, left.span, operator, "operands with a width", type);
    }
    default:
      return numericOperands(context, expression, expected);
  }
}

/** Serializable enumerations calculate as what they stand for. */
function arithmeticType(type: Type): Type {
  return type.kind === "enum" ? storedType(type) : type;
}

/** Both operands as one numeric type: a number without a width takes the other's. */
function numericOperands(
  context: Context,
  { operator, left, right }: BinaryExpression,
  expected: Type | undefined,
): Type {
  const a = arithmeticType(checkExpression(context, left, expected));
  const b = arithmeticType(checkExpression(context, right, expected));
  if (a.kind === "unknown" || b.kind === "unknown") return unknownType;
  for (const [operand, type] of [
    [left, a],
    [right, b],
  ] as const) {
    if (type.kind !== "bits" && type.kind !== "integer") {
      return wrongOperand(context, operand.span, operator, "numbers", type);
    }
  }
  if (a.kind === "integer" && b.kind === "integer") return integerType;
  if (a.kind === "integer") warnUnlessFitting(context, left, a, b);
  if (b.kind === "integer") warnUnlessFitting(context, right, b, a);
  if (a.kind === "integer" || b.kind === "integer") return a.kind === "integer" ? b : a;
  if (a.kind === "bits" && b.kind === "bits" && a.width === b.width && a.signed === b.signed) return a;
  return context.error(
    right.span,
    `${operator} needs two operands of one type, found ${formatType(a)} and ${formatType(b)}`,
    castHint(b, a),
  );
}

function checkEquality(context: Context, { operator, left, right }: BinaryExpression): void {
  const a = checkExpression(context, left);
  const b = checkExpression(context, right, a.kind === "struct" ? a : undefined);
  if (isAssignable(context.semantics, b, a) || isAssignable(context.semantics, a, b)) {
    warnUnlessFitting(context, right, b, a);
    warnUnlessFitting(context, left, a, b);
    if (a.kind === "varbit" || a.kind === "table" || a.kind === "extern" || a.kind === "string") {
      context.error(left.span, `${formatType(a)} cannot be compared`);
    }
    return;
  }
  context.error(
    right.span,
    `${operator} needs two operands of one type, found ${formatType(a)} and ${formatType(b)}`,
    castHint(b, a),
  );
}

function shiftType(context: Context, { operator, left, right }: BinaryExpression, expected: Type | undefined): Type {
  const a = arithmeticType(checkExpression(context, left, expected));
  const b = arithmeticType(checkExpression(context, right));
  if (a.kind === "unknown" || b.kind === "unknown") return a;
  if (a.kind !== "bits" && a.kind !== "integer") return wrongOperand(context, left.span, operator, "a number", a);
  if (b.kind === "bits" && b.signed) return wrongOperand(context, right.span, operator, "an unsigned amount", b);
  if (b.kind !== "bits" && b.kind !== "integer")
    return wrongOperand(context, right.span, operator, "a number of bits", b);
  const amount = evaluate(context.semantics, right);
  if (typeof amount === "bigint" && amount < 0n)
    return context.error(right.span, `a shift by ${amount} has no meaning`);
  if (a.kind === "integer" && b.kind === "bits" && amount === undefined) {
    return context.error(left.span, "a number that is shifted at run time needs a width", "write it as in 32w1");
  }
  if (a.kind === "bits" && typeof amount === "bigint" && amount >= BigInt(a.width)) {
    context.diagnostics.warn(right.span, `a shift of ${formatType(a)} by ${amount} leaves nothing of it`);
  }
  return a;
}

function concatenationType(context: Context, { left, right }: BinaryExpression): Type {
  const a = arithmeticType(checkExpression(context, left));
  const b = arithmeticType(checkExpression(context, right));
  if (a.kind === "unknown" || b.kind === "unknown") return unknownType;
  if (a.kind !== "bits") return wrongOperand(context, left.span, "++", "operands with a width", a);
  if (b.kind !== "bits") return wrongOperand(context, right.span, "++", "operands with a width", b);
  return bitType(a.width + b.width, a.signed);
}

function divisionType(context: Context, expression: BinaryExpression, expected: Type | undefined): Type {
  const type = numericOperands(context, expression, expected);
  if (type.kind === "bits" && type.signed) {
    return wrongOperand(context, expression.left.span, expression.operator, "unsigned operands", type);
  }
  const divisor = evaluate(context.semantics, expression.right);
  if (divisor === 0n) return context.error(expression.right.span, "a division by zero");
  return type;
}
