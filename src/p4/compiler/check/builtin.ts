import type { CallExpression, Expression } from "../syntax/ast.ts";
import { evaluate } from "./constant.ts";
import type { Context } from "./context.ts";
import { checkExpression } from "./expression.ts";
import { requireAssignableTarget } from "./lvalue.ts";
import type { BuiltinMethod } from "./semantics.ts";
import { boolType, isHeader, isUnion, integerType, type Type, voidType } from "./types.ts";

/** The type of `base.name(…)` for the methods that types have by themselves; undefined when there is none. */
export function builtinCall(
  context: Context,
  call: CallExpression,
  base: Expression,
  type: Type,
  name: string,
): Type | undefined {
  if (type.kind === "table" && name === "apply") {
    if (context.surroundings !== "control") {
      context.error(call.span, "tables are applied in the apply block of a control only");
    }
    expectArguments(context, call, 0, name);
    const result: Type = { kind: "apply-result", table: type.declaration };
    record(context, call, { kind: "apply", base }, result);
    return result;
  }
  const method = builtinOf(type, name);
  if (method === undefined) return undefined;
  const target = { kind: "builtin", base, name: method } as const;
  switch (method) {
    case "isValid":
      expectArguments(context, call, 0, name);
      record(context, call, target, boolType);
      return boolType;
    case "setValid":
    case "setInvalid":
      expectArguments(context, call, 0, name);
      requireAssignableTarget(context, base, `header of ${name}`);
      record(context, call, target, voidType);
      return voidType;
    case "push_front":
    case "pop_front":
      checkCount(context, call, name);
      requireAssignableTarget(context, base, `stack of ${name}`);
      record(context, call, target, voidType);
      return voidType;
    default:
      expectArguments(context, call, 0, name);
      record(context, call, target, integerType);
      return integerType;
  }
}

function builtinOf(type: Type, name: string): BuiltinMethod | undefined {
  switch (name) {
    case "isValid":
      return isHeader(type) || isUnion(type) ? name : undefined;
    case "setValid":
    case "setInvalid":
      return isHeader(type) ? name : undefined;
    case "push_front":
    case "pop_front":
      return type.kind === "stack" ? name : undefined;
    case "minSizeInBits":
    case "minSizeInBytes":
    case "maxSizeInBits":
    case "maxSizeInBytes":
      return name;
    default:
      return undefined;
  }
}

function checkCount(context: Context, call: CallExpression, name: string): void {
  expectArguments(context, call, 1, name);
  const [count] = call.arguments;
  if (count === undefined) return;
  checkExpression(context, count.value);
  const value = context.constant(count.value, `the argument of ${name}`);
  if (value === undefined) return;
  const known = evaluate(context.semantics, count.value);
  if (typeof known !== "bigint" || known < 0n) context.error(count.span, `${name} takes a number of elements`);
}

function expectArguments(context: Context, call: CallExpression, count: number, name: string): void {
  if (call.arguments.length === count) return;
  context.error(
    call.span,
    `${name} takes ${count === 0 ? "no arguments" : "1 argument"}, found ${call.arguments.length}`,
  );
}

function record(
  context: Context,
  call: CallExpression,
  target: { kind: "apply"; base: Expression } | { kind: "builtin"; base: Expression; name: BuiltinMethod },
  result: Type,
): void {
  context.semantics.calls.set(call, { target, arguments: call.arguments, parameters: [], bindings: new Map(), result });
}
