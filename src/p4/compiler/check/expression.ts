import { nameHint } from "../diagnostics/name-hint.ts";
import type { Expression, ListExpression, PathExpression, RecordExpression } from "../syntax/ast.ts";
import { checkCall } from "./call.ts";
import type { Context } from "./context.ts";
import { castHint, elementTypes, isAssignable, isCastable, requireAssignable, wrongOperand } from "./convert.ts";
import { memberType } from "./member.ts";
import { binaryType, unaryType } from "./operator.ts";
import { resolveType } from "./resolve-type.ts";
import { bitType, boolType, formatType, integerType, sameType, storedType, type Type, unknownType } from "./types.ts";

/**
 * The type of an expression, recorded. Names are resolved and faults are reported on the way.
 *
 * @param expected - what the surroundings would like: lists and records become that, and numbers may
 */
export function checkExpression(context: Context, expression: Expression, expected?: Type): Type {
  const type = typeOf(context, expression, expected);
  context.semantics.types.set(expression, type);
  return type;
}

/** Check an expression and that it is of a type, or becomes one without a cast. */
export function checkExpected(context: Context, expression: Expression, expected: Type, what: string): Type {
  const type = checkExpression(context, expression, expected);
  requireAssignable(context, expression, type, expected, what);
  return type;
}

function typeOf(context: Context, expression: Expression, expected: Type | undefined): Type {
  switch (expression.kind) {
    case "integer": {
      const { width, signed } = expression.literal;
      return width === undefined ? integerType : bitType(width, signed);
    }
    case "boolean":
      return boolType;
    case "string":
      return { kind: "string" };
    case "path":
      return pathType(context, expression);
    case "member":
      return memberType(context, expression);
    case "index":
      return indexType(context, expression);
    case "slice":
      return sliceType(context, expression);
    case "unary":
      return unaryType(context, expression.operator, expression.operand);
    case "binary":
      return binaryType(context, expression, expected);
    case "conditional":
      return conditionalType(context, expression, expected);
    case "cast":
      return castType(context, expression);
    case "call":
      return checkCall(context, expression);
    case "list":
      return listType(context, expression, expected);
    case "record":
      return recordType(context, expression, expected);
    case "invalid-header":
      return expected?.kind === "struct" && expected.declaration.kind !== "struct"
        ? expected
        : { kind: "invalid-header" };
    case "dont-care":
      return { kind: "dont-care" };
    case "default":
      return expected ?? { kind: "dont-care" };
    case "mask":
    case "range":
      return keysetType(context, expression, expected);
    case "broken":
      return unknownType;
  }
}

function pathType(context: Context, expression: PathExpression): Type {
  const { name, global, span } = expression;
  if (name === "this") return context.error(span, "this has a meaning inside abstract methods only");
  const [declaration] = (global ? context.scope.root : context.scope).find(name);
  if (declaration === undefined) return context.unknownName(span, "name", name, context.scope.names());
  context.semantics.references.set(expression, declaration);
  context.semantics.used.add(declaration);
  switch (declaration.kind) {
    case "variable":
    case "constant":
    case "parameter":
    case "instance":
    case "value-set":
      return context.semantics.typeOfDeclaration(declaration);
    case "table":
      return { kind: "table", declaration };
    case "action":
    case "function":
      return context.error(
        span,
        `${name} is ${declaration.kind === "action" ? "an action" : "a function"} and has to be called`,
        `write ${name}(…)`,
      );
    default:
      return context.error(span, `${name} is a ${declaration.kind.replace(/[-_]/g, " ")} and no value`);
  }
}

function indexType(context: Context, { base, index }: Extract<Expression, { kind: "index" }>): Type {
  const type = checkExpression(context, base);
  const indexed = checkExpression(context, index, bitType(32));
  if (indexed.kind !== "unknown" && indexed.kind !== "integer" && storedType(indexed).kind !== "bits") {
    wrongOperand(context, index.span, "[ ]", "a number", indexed);
  }
  if (type.kind === "unknown") return type;
  const value = indexed.kind === "integer" ? context.constant(index, "this index") : undefined;
  if (type.kind === "tuple") {
    const element = typeof value === "bigint" ? type.elements[Number(value)] : undefined;
    if (element !== undefined) return element;
    return context.error(index.span, `the index of a tuple is a number from 0 to ${type.elements.length - 1}`);
  }
  if (type.kind !== "stack") return wrongOperand(context, base.span, "[ ]", "a header stack", type);
  if (typeof value === "bigint" && (value < 0n || value >= BigInt(type.size))) {
    return context.error(index.span, `the stack has the elements 0 to ${type.size - 1}, found ${value}`);
  }
  return type.element;
}

function sliceType(context: Context, { base, high, low }: Extract<Expression, { kind: "slice" }>): Type {
  const type = storedType(checkExpression(context, base));
  checkExpression(context, high);
  checkExpression(context, low);
  const [from, to] = [context.constant(high, "the bound of a slice"), context.constant(low, "the bound of a slice")];
  if (type.kind === "unknown") return type;
  if (type.kind !== "bits") return wrongOperand(context, base.span, "[ : ]", "bit<w> or int<w>", type);
  if (typeof from !== "bigint" || typeof to !== "bigint") return unknownType;
  if (from < to) return context.error(high.span, `a slice is written [high:low], found [${from}:${to}]`);
  if (to < 0n || from >= BigInt(type.width)) {
    return context.error(high.span, `${formatType(type)} has the bits ${type.width - 1} to 0, found [${from}:${to}]`);
  }
  return bitType(Number(from - to) + 1);
}

function conditionalType(
  context: Context,
  { condition, then, otherwise }: Extract<Expression, { kind: "conditional" }>,
  expected: Type | undefined,
): Type {
  checkExpected(context, condition, boolType, "a condition");
  const a = checkExpression(context, then, expected);
  const b = checkExpression(context, otherwise, expected ?? (a.kind === "integer" ? undefined : a));
  if (a.kind === "integer" && b.kind === "integer" && expected?.kind === "bits") return expected;
  if (isAssignable(context.semantics, a, b)) return b;
  if (isAssignable(context.semantics, b, a)) return a;
  return context.error(
    otherwise.span,
    `?: needs two values of one type, found ${formatType(a)} and ${formatType(b)}`,
    castHint(b, a),
  );
}

function castType(context: Context, { type, operand, span }: Extract<Expression, { kind: "cast" }>): Type {
  const target = resolveType(context, type);
  const source = checkExpression(context, operand, target.kind === "bits" ? undefined : target);
  if (target.kind === "unknown" || source.kind === "unknown") return target;
  if (isCastable(context.semantics, source, target)) return target;
  context.error(span, `${formatType(source)} cannot be cast to ${formatType(target)}`, castHint(source, target));
  return target;
}

function listType(context: Context, { elements, rest = false }: ListExpression, expected: Type | undefined): Type {
  const targets = expected === undefined ? undefined : elementTypes(context.semantics, expected);
  const types = elements.map((element, index) => {
    const fits = targets?.length === elements.length || (rest && elements.length < (targets?.length ?? 0));
    return checkExpression(context, element, fits ? targets?.[index]?.type : undefined);
  });
  const left = rest ? (targets ?? []).slice(elements.length).map(({ type }) => type) : [];
  const found: Type = { kind: "tuple", elements: [...types, ...left] };
  if (expected === undefined || targets === undefined || !isAssignable(context.semantics, found, expected))
    return found;
  elements.forEach((element, index) => {
    requireAssignable(
      context,
      element,
      types[index] ?? unknownType,
      targets[index]?.type ?? unknownType,
      "this element",
    );
  });
  return expected;
}

function recordType(context: Context, { fields, rest = false }: RecordExpression, expected: Type | undefined): Type {
  const targets = expected === undefined ? undefined : elementTypes(context.semantics, expected);
  const types = new Map<string, Type>();
  for (const { name, value } of fields) {
    const target = targets?.find((field) => field.name === name.text);
    if (targets !== undefined && target === undefined) {
      const hint = nameHint(
        name.text,
        targets.map((field) => field.name),
      );
      context.error(
        name.span,
        `${formatType(expected ?? unknownType)} has no field ${JSON.stringify(name.text)}`,
        hint,
      );
    }
    const type = checkExpression(context, value, target?.type);
    if (target !== undefined) requireAssignable(context, value, type, target.type, `the field ${name.text}`);
    types.set(name.text, type);
  }
  const found: Type = { kind: "record", fields: types };
  if (expected === undefined || targets === undefined) return found;
  const missing = targets.filter(({ name }) => !types.has(name)).map(({ name }) => name);
  const [last] = fields.slice(-1);
  if (missing.length > 0 && last !== undefined && !rest) {
    return context.error(
      last.span,
      `${formatType(expected)} also has ${missing.join(", ")}`,
      "give all fields a value, or write ... behind the last one",
    );
  }
  return expected;
}

/** The type that values of a set have, in `value &&& mask` and `low..high`. */
function keysetType(
  context: Context,
  expression: Extract<Expression, { kind: "mask" | "range" }>,
  expected: Type | undefined,
): Type {
  const parts = expression.kind === "mask" ? [expression.value, expression.mask] : [expression.low, expression.high];
  const types = parts.map((part) => checkExpression(context, part, expected));
  const definite = types.find((type) => type.kind !== "integer") ?? types[0] ?? unknownType;
  for (const [index, type] of types.entries()) {
    const part = parts[index];
    if (part === undefined || type.kind === "integer" || sameType(type, definite)) continue;
    context.error(part.span, `both sides are of one type, found ${formatType(definite)} and ${formatType(type)}`);
  }
  return { kind: "set", element: definite };
}
