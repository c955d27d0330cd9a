import type { Expression } from "../syntax/ast.ts";
import type { Data, HeaderData } from "./data.ts";
import { hasEffects, lowerExpression } from "./expression.ts";
import { type Frame, typeOf } from "./lowering.ts";
import { binary, not } from "./arithmetic.ts";
import { boolShape, coerce, truth, type Value } from "./value.ts";

/** `left == right` and `left != right`, of any type. */
export function compare(frame: Frame, { operator, left, right, span }: Extract<Expression, { kind: "binary" }>): Value {
  const type = typeOf(frame, left);
  let a = lowerExpression(frame, left, typeOf(frame, right));
  if (a.kind === "scalar" && hasEffects(frame, right))
    a = { kind: "scalar", value: frame.lowering.keep(a.value, span) };
  const b = lowerExpression(frame, right, type);
  const equal = equals(frame, a, b);
  if (equal === undefined) {
    frame.lowering.error(span, "these cannot be compared");
    return truth(false);
  }
  if (operator === "==") return equal;
  // The plain operator reads better than a negation.
  if (equal.kind === "operation" && equal.operator === "==" && equal.left !== undefined)
    return { ...equal, operator: "!=" };
  return not(equal);
}

/** Whether two values of one type are equal; undefined when they have nothing to compare. */
export function equals(frame: Frame, a: Data, b: Data): Value | undefined {
  if (a.kind === "scalar" && b.kind === "scalar") {
    const shape = a.value.shape.kind === "integer" ? b.value.shape : a.value.shape;
    return binary("==", coerce(a.value, shape), coerce(b.value, shape), boolShape);
  }
  if (a.kind === "header" && b.kind === "header") return headersEqual(frame, a, b);
  if (a.kind === "header" && b.kind === "new-header") return headerIs(frame, a, b);
  if (b.kind === "header" && a.kind === "new-header") return headerIs(frame, b, a);
  const [left, right] = [partsOf(a), partsOf(b)];
  if (left?.length !== right?.length) return undefined;
  return left?.reduce<Value | undefined>((all, part, index) => {
    const other = right?.[index];
    const equal = other === undefined ? undefined : equals(frame, part, other);
    return all === undefined || equal === undefined ? undefined : binary("&&", all, equal, boolShape);
  }, truth(true));
}

function partsOf(data: Data): readonly Data[] | undefined {
  if (data.kind === "struct") return [...data.fields.values()];
  if (data.kind === "stack") return data.elements;
  if (data.kind === "union") return [...data.members.values()];
  return undefined;
}

/** Headers are equal when both are invalid, or both are valid and their fields are equal. */
function headersEqual(frame: Frame, a: HeaderData, b: HeaderData): Value {
  const [left, right] = [validity(a), validity(b)];
  const neither = binary("&&", not(left), not(right), boolShape);
  const both = binary("&&", left, right, boolShape);
  const { storage } = frame.lowering;
  const fields = equals(
    frame,
    { kind: "struct", fields: storage.fieldsOfHeader(a) },
    { kind: "struct", fields: storage.fieldsOfHeader(b) },
  );
  return binary("||", neither, binary("&&", both, fields ?? truth(false), boolShape), boolShape);
}

function headerIs(
  frame: Frame,
  header: HeaderData,
  { fields }: Extract<Data, { kind: "new-header" }>,
): Value | undefined {
  if (fields === undefined) return not(validity(header));
  const own: Data = { kind: "struct", fields: frame.lowering.storage.fieldsOfHeader(header) };
  const equal = equals(frame, own, { kind: "struct", fields });
  return equal === undefined ? undefined : binary("&&", validity(header), equal, boolShape);
}

/** Whether a header is valid. */
export function validity({ reference }: HeaderData): Value {
  return { kind: "valid", header: reference, shape: boolShape };
}
