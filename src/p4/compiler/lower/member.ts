import { isUnion, bitType, type StructType } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Expression } from "../syntax/ast.ts";
import { type Data, type HeaderData, nothing, scalar, type StackData } from "./data.ts";
import { lowerExpression } from "./expression.ts";
import { type Frame, typeOf } from "./lowering.ts";
import { applyForOutcome } from "./table-apply.ts";
import { binary, not } from "./arithmetic.ts";
import { constant, knownValue, type Value } from "./value.ts";

/** `base.member`. */
export function lowerMember(frame: Frame, expression: Extract<Expression, { kind: "member" }>): Data {
  const { base, member, span } = expression;
  const { lowering } = frame;
  const named = namedConstant(frame, expression);
  if (named !== undefined) return scalar(named);
  const baseType = typeOf(frame, base);
  if (baseType.kind === "apply-result") {
    const hit = applyForOutcome(frame, base);
    return scalar(member.text === "miss" ? not(hit) : hit);
  }
  const whole = lowerExpression(frame, base);
  switch (whole.kind) {
    case "struct":
      return whole.fields.get(member.text) ?? nothing;
    case "header":
      return lowering.storage.fieldsOfHeader(whole).get(member.text) ?? nothing;
    case "new-header":
      return whole.fields?.get(member.text) ?? nothing;
    case "union": {
      const found = whole.members.get(member.text);
      return found === undefined ? nothing : whole.nextOf === undefined ? found : { ...found, next: true };
    }
    case "stack":
      return stackMember(frame, whole, member.text, span);
    default:
      return nothing;
  }
}

/** `error.X`, and members of enumerations. */
function namedConstant(frame: Frame, expression: Extract<Expression, { kind: "member" }>): Value | undefined {
  const { base, member } = expression;
  if (base.kind !== "path") return undefined;
  const { semantics } = frame.lowering;
  if (base.name === "error" && !base.global)
    return constant(BigInt(Math.max(0, semantics.errors.indexOf(member.text))), bitType(32));
  const type = semantics.typeOf(expression);
  if (type.kind !== "enum" || semantics.references.get(base)?.kind !== "enum") return undefined;
  return constant(type.values.get(member.text) ?? 0n, type.underlying ?? bitType(32));
}

function stackMember(frame: Frame, stack: StackData, member: string, span: Span): Data {
  switch (member) {
    case "size":
      return scalar(constant(BigInt(stack.elements.length), bitType(32)));
    case "lastIndex":
      return scalar({ kind: "last-index", stack: stack.name, shape: bitType(32) });
    case "next":
      return nextElement(stack);
    case "last":
      if (isUnion(stack.type.element)) {
        frame.lowering.error(span, "BMv2 has no last of a stack of unions", "use an index");
        return nothing;
      }
      return lastElement(stack);
    default:
      return nothing;
  }
}

function nextElement(stack: StackData): Data {
  const [first] = stack.elements;
  if (first?.kind === "union") return { ...first, name: stack.name, nextOf: stack.name };
  const last: Value = { kind: "last-index", stack: stack.name, shape: bitType(32) };
  const index = binary("+", last, constant(1n, bitType(32)), bitType(32));
  return { ...elementAt(stack, index), next: true };
}

function lastElement(stack: StackData): HeaderData {
  return { ...elementAt(stack, { kind: "last-index", stack: stack.name, shape: bitType(32) }), last: true };
}

function elementAt(stack: StackData, index: Value): HeaderData {
  return {
    kind: "header",
    reference: { kind: "element", stack: stack.name, index },
    type: stack.type.element as StructType,
  };
}

/** `stack[index]`: an instance when the index is known, else what BMv2 finds at run time. */
export function lowerStackElement(frame: Frame, whole: Data, index: Value, span: Span): Data {
  if (whole.kind !== "stack") return nothing;
  const known = knownValue(index);
  if (known !== undefined) {
    const element = whole.elements[Number(known)];
    if (element === undefined) {
      frame.lowering.error(span, `the stack has the elements 0 to ${whole.elements.length - 1}, found ${known}`);
      return nothing;
    }
    return element;
  }
  if (isUnion(whole.type.element)) {
    frame.lowering.error(span, "BMv2 takes only constant indices into stacks of unions");
    return nothing;
  }
  return elementAt(whole, index);
}
