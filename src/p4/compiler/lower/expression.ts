import { typed } from "../check/constant.ts";
import { isHeader, isUnion, type Type } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Expression } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/walk.ts";
import { elementTypes } from "../check/convert.ts";
import { assign } from "./assign.ts";
import { lowerCall } from "./call.ts";
import { type Data, nothing, scalar } from "./data.ts";
import { defaultValue } from "./default-value.ts";
import { compare } from "./equality.ts";
import { type Frame, typeOf } from "./lowering.ts";
import { lowerMember, lowerStackElement } from "./member.ts";
import { binary, cast, choose, complement, negate, not, slice } from "./arithmetic.ts";
import { boolShape, coerce, constant, isLarge, knownValue, type Shape, shapeOf, truth, type Value } from "./value.ts";

/** What an expression comes to. What it does on the way is emitted first. */
export function lowerExpression(frame: Frame, expression: Expression, expected?: Type): Data {
  const { lowering } = frame;
  switch (expression.kind) {
    case "integer":
      return scalar(constant(expression.literal.value, shapeOf(typeOf(frame, expression)) ?? { kind: "integer" }));
    case "boolean":
      return scalar(truth(expression.value));
    case "string":
      return { kind: "string", text: expression.value };
    case "path":
      return lowerPath(frame, expression);
    case "member":
      return lowerMember(frame, expression);
    case "index":
      return lowerIndex(frame, expression);
    case "slice": {
      const base = lowerValue(frame, expression.base);
      const [high, low] = [boundOf(frame, expression.high), boundOf(frame, expression.low)];
      return scalar(slice(base, high, low));
    }
    case "unary":
      return scalar(lowerUnary(frame, expression));
    case "binary":
      return scalar(lowerBinary(frame, expression));
    case "conditional":
      return lowerConditional(frame, expression, expected);
    case "cast":
      return lowerCast(frame, expression);
    case "call":
      return lowerCall(frame, expression);
    case "list":
    case "record":
      return lowerAggregate(frame, expression, expected);
    case "invalid-header":
      return { kind: "new-header", fields: undefined };
    case "default":
      return defaultValue(frame, expected ?? typeOf(frame, expression));
    case "dont-care":
    case "mask":
    case "range":
    case "broken":
      lowering.error(expression.span, "this has no value here");
      return nothing;
  }
}

/** What an expression without parts comes to. */
export function lowerValue(frame: Frame, expression: Expression, shape?: Shape): Value {
  const data = lowerExpression(frame, expression);
  let value = valueOf(frame, data, expression.span);
  // Bits that lie ahead can be copied, but are no operand.
  if (value.kind === "lookahead") value = frame.lowering.copy(value, expression.span);
  return shape === undefined ? value : coerce(value, shape);
}

/** The scalar that data is; anything else is reported. */
export function valueOf({ lowering }: Frame, data: Data, span: Span): Value {
  if (data.kind === "scalar") return data.value;
  if (data.kind === "slice") return slice(data.whole, data.high, data.low);
  lowering.error(span, "a number or bool is needed here");
  return constant(0n, { kind: "integer" });
}

function lowerPath(frame: Frame, expression: Extract<Expression, { kind: "path" }>): Data {
  const { lowering, environment } = frame;
  const declaration = lowering.semantics.references.get(expression);
  if (declaration === undefined) return nothing;
  const binding = environment.find(declaration);
  if (binding !== undefined) {
    if (isData(binding)) return binding;
    lowering.error(expression.span, `${expression.name} is no value`);
    return nothing;
  }
  if (declaration.kind === "constant") {
    const type = lowering.semantics.typeOfDeclaration(declaration);
    const data = lowerExpression(frame, declaration.value, type);
    const shape = shapeOf(type);
    if (data.kind !== "scalar" || shape === undefined) return data;
    const known = knownValue(data.value);
    return known === undefined ? data : scalar(constant(typed(known, type) as bigint, shape));
  }
  lowering.error(expression.span, `${expression.name} has no value here`);
  return nothing;
}

const instanceKinds: ReadonlySet<string> = new Set(["extern", "block", "table", "value-set", "packet"]);

/** Whether a binding is data and no instance. */
export function isData(binding: { readonly kind: string }): binding is Data {
  return !instanceKinds.has(binding.kind);
}

function boundOf(frame: Frame, expression: Expression): number {
  return Number(knownValue(lowerValue(frame, expression)) ?? 0n);
}

function lowerIndex(frame: Frame, { base, index, span }: Extract<Expression, { kind: "index" }>): Data {
  const whole = lowerExpression(frame, base);
  if (whole.kind === "struct") return whole.fields.get(String(boundOf(frame, index))) ?? nothing;
  const value = lowerValue(frame, index, { kind: "bits", width: 32, signed: false });
  return lowerStackElement(frame, whole, value, span);
}

function lowerUnary(frame: Frame, { operator, operand }: Extract<Expression, { kind: "unary" }>): Value {
  const value = lowerValue(frame, operand);
  switch (operator) {
    case "!":
      return not(value);
    case "~":
      return complement(value);
    case "-":
      return negate(value);
    case "+":
      return value;
  }
}

function lowerBinary(frame: Frame, expression: Extract<Expression, { kind: "binary" }>): Value {
  const { operator, left, right } = expression;
  if (operator === "&&" || operator === "||") return lowerLogical(frame, expression);
  if (operator === "==" || operator === "!=") return compare(frame, expression);
  return combine(frame, operator, left, right, typeOf(frame, expression));
}

/** Both operands, and the operator on them. */
export function combine(
  frame: Frame,
  operator: Extract<Expression, { kind: "binary" }>["operator"],
  left: Expression,
  right: Expression,
  type: Type,
): Value {
  let a = lowerValue(frame, left);
  // What the right operand does must not change the left one.
  if (hasEffects(frame, right)) a = frame.lowering.keep(a, left.span);
  const b = lowerValue(frame, right);
  const shape = shapeOf(type) ?? a.shape;
  const isShift = operator === "<<" || operator === ">>";
  const operandShape = a.shape.kind === "integer" ? b.shape : a.shape;
  if (isShift) {
    const amount = isLarge(b) ? frame.lowering.keep(b, right.span) : b;
    return binary(operator, coerce(a, shape), amount, shape);
  }
  return binary(
    operator,
    coerce(a, operandShape),
    coerce(b, operandShape),
    shape.kind === "integer" ? operandShape : shape,
  );
}

/** The right side is looked at only when the left one does not decide: it matters when that does something. */
function lowerLogical(frame: Frame, { operator, left, right, span }: Extract<Expression, { kind: "binary" }>): Value {
  const { lowering } = frame;
  const a = lowerValue(frame, left);
  if (operator !== "&&" && operator !== "||") return a;
  if (!hasEffects(frame, right)) return binary(operator, a, lowerValue(frame, right), boolShape);
  const result = lowering.copy(a, span);
  const rest = lowering.collect(() => {
    lowering.emit({ kind: "assign", target: result, source: lowerValue(frame, right), span });
  });
  const [then, otherwise] = operator === "&&" ? [rest, []] : [[], rest];
  lowering.emit({ kind: "if", condition: result, then, otherwise, span });
  return result;
}

function lowerConditional(
  frame: Frame,
  expression: Extract<Expression, { kind: "conditional" }>,
  expected: Type | undefined,
): Data {
  const { lowering } = frame;
  const { condition, then, otherwise, span } = expression;
  const type = expected ?? typeOf(frame, expression);
  const shape = shapeOf(type);
  const asked = lowerValue(frame, condition);
  const test = isLarge(asked) ? lowering.keep(asked, condition.span) : asked;
  const known = knownValue(test);
  if (known !== undefined) return lowerExpression(frame, known === 0n ? otherwise : then, type);
  if (shape !== undefined && !hasEffects(frame, then) && !hasEffects(frame, otherwise)) {
    return scalar(choose(test, lowerValue(frame, then, shape), lowerValue(frame, otherwise, shape)));
  }
  const result = lowering.storage.allocate("tmp", type);
  const branch = (chosen: Expression): ReturnType<typeof lowering.collect> =>
    lowering.collect(() => {
      assign(frame, result, lowerExpression(frame, chosen, type), span);
    });
  lowering.emit({ kind: "if", condition: test, then: branch(then), otherwise: branch(otherwise), span });
  return result;
}

function lowerCast(frame: Frame, expression: Extract<Expression, { kind: "cast" }>): Data {
  const type = typeOf(frame, expression);
  const shape = shapeOf(type);
  if (shape === undefined) return lowerExpression(frame, expression.operand, type);
  return scalar(cast(lowerValue(frame, expression.operand), shape));
}

/** A list or record, as its type has it. */
function lowerAggregate(
  frame: Frame,
  expression: Extract<Expression, { kind: "list" | "record" }>,
  expected: Type | undefined,
): Data {
  const own = typeOf(frame, expression);
  const type = own.kind === "tuple" || own.kind === "record" ? (expected ?? own) : own;
  const fields = new Map<string, Data>();
  const given =
    expression.kind === "list"
      ? expression.elements.map((value, index) => ({ name: String(index), value }))
      : expression.fields.map(({ name, value }) => ({ name: name.text, value }));
  const targets = type.kind === "struct" ? frame.lowering.semantics.fieldsOf(type) : undefined;
  for (const [index, { name, value }] of given.entries()) {
    const target =
      targets === undefined
        ? undefined
        : expression.kind === "list"
          ? targets[index]
          : targets.find((field) => field.name === name);
    let elementType = target?.type;
    if (type.kind === "tuple") elementType = type.elements[index];
    if (type.kind === "stack") elementType = type.element;
    let data = lowerExpression(frame, value, elementType);
    const shape = elementType === undefined ? undefined : shapeOf(elementType);
    if (data.kind === "scalar" && shape !== undefined) data = scalar(coerce(data.value, shape));
    if (given.slice(index + 1).some((later) => hasEffects(frame, later.value)) && data.kind === "scalar") {
      data = scalar(frame.lowering.keep(data.value, value.span));
    }
    fields.set(target?.name ?? name, data);
  }
  if (expression.rest === true) {
    for (const { name, type: left } of elementTypes(frame.lowering.semantics, type) ?? []) {
      if (!fields.has(name)) fields.set(name, defaultValue(frame, left));
    }
  }
  if (isHeader(type) || isUnion(type)) return { kind: "new-header", fields };
  return { kind: "struct", fields };
}

/** Whether evaluating an expression may change anything. */
export function hasEffects(frame: Frame, expression: Expression): boolean {
  if (expression.kind === "call") {
    const target = frame.lowering.semantics.calls.get(expression)?.target;
    return target?.kind !== "builtin" || hasEffects(frame, target.base);
  }
  return childrenOf(expression).some((child) => hasEffects(frame, child));
}

/** Where something can be stored. */
export function lowerTarget(frame: Frame, expression: Expression): Data {
  if (expression.kind !== "slice") return lowerExpression(frame, expression);
  const base = lowerTarget(frame, expression.base);
  const [high, low] = [boundOf(frame, expression.high), boundOf(frame, expression.low)];
  if (base.kind === "scalar") return { kind: "slice", whole: base.value, high, low };
  if (base.kind === "slice") return { kind: "slice", whole: base.whole, high: base.low + high, low: base.low + low };
  return nothing;
}
