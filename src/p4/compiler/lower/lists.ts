import type { Type } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Annotation, Expression } from "../syntax/ast.ts";
import { type Data, leavesOf } from "./data.ts";
import { lowerExpression } from "./expression.ts";
import { type CalculationInput, type Frame, type Lowering, typeOf } from "./lowering.ts";
import type { FieldValue, Value } from "./value.ts";

/** All scalars in data, headers field by field; each copied into a field of its own if asked to. */
export function fieldsOfData(frame: Frame, data: Data, span: Span, copied: boolean): readonly Value[] {
  const { lowering } = frame;
  const values: Value[] = [];
  for (const { data: leaf } of leavesOf(data)) {
    if (leaf.kind === "scalar") {
      values.push(copied ? lowering.copy(leaf.value, span) : lowering.asFieldUnlessConstant(leaf.value, span));
    } else if (leaf.kind === "header") {
      for (const field of lowering.storage.fieldsOfHeader(leaf).values())
        values.push(...fieldsOfData(frame, field, span, copied));
    } else if (leaf.kind === "new-header" && leaf.fields !== undefined) {
      for (const field of leaf.fields.values()) values.push(...fieldsOfData(frame, field, span, copied));
    }
  }
  return values;
}

/** The input of a hash or checksum. Whatever is no field or number is copied into one, where that is possible. */
export function calculationInputs(frame: Frame, expression: Expression, expected?: Type): readonly CalculationInput[] {
  const { lowering } = frame;
  const data = lowerExpression(frame, expression, expected ?? typeOf(frame, expression));
  const inputs: CalculationInput[] = [];
  for (const { data: leaf } of leavesOf(data)) {
    if (leaf.kind === "header" && leaf.reference.kind === "instance")
      inputs.push({ kind: "header", name: leaf.reference.name });
    else if (leaf.kind === "scalar") inputs.push(...scalarInputs(frame, leaf.value, expression.span));
    else for (const value of fieldsOfData(frame, leaf, expression.span, false)) inputs.push({ kind: "value", value });
  }
  for (const input of inputs) {
    if (input.kind === "value" && input.value.kind === "constant" && input.value.shape.kind === "integer") {
      lowering.error(expression.span, "numbers that are hashed need a width", "write 8w1, for example");
    }
  }
  return inputs;
}

/** Without actions around, `a ++ b` can still be given as two inputs. */
function scalarInputs({ lowering, surroundings }: Frame, value: Value, span: Span): readonly CalculationInput[] {
  if (value.kind === "field" || value.kind === "constant") return [{ kind: "value", value }];
  if (surroundings !== "verify" && surroundings !== "compute")
    return [{ kind: "value", value: lowering.copy(value, span) }];
  lowering.error(
    span,
    "a checksum is over fields, headers and numbers",
    "put what is worked out into a metadata field in ingress or egress",
  );
  return [];
}

/** A learn list of this data; its number. Values are copied: the digest is taken at the end of ingress. */
export function learnList(frame: Frame, expression: Expression | undefined, span: Span): number {
  if (expression === undefined) return 0;
  const { lowering } = frame;
  const { learnLists } = lowering.resources;
  const type = typeOf(frame, expression);
  const fields = fieldsOfData(frame, lowerExpression(frame, expression, type), expression.span, true);
  const name = type.kind === "struct" ? type.declaration.name.text : `digest_${learnLists.length}`;
  const id = learnLists.length + 1;
  learnLists.push({ id, name: lowering.uniqueName("learn list", name), fields, span });
  return id;
}

/**
 * The number of a field list, which is made when it is first asked for.
 *
 * @param key - the number in `@field_list(number)`, `nothing` for the empty list, undefined for a list of its own
 */
export function fieldListOf(
  lowering: Lowering,
  key: bigint | "nothing" | undefined,
  make: (() => readonly Value[]) | undefined,
): number {
  const { fieldLists } = lowering.resources;
  const name =
    key === undefined ? `fields_${fieldLists.length + 1}` : key === "nothing" ? "fields_none" : `field_list_${key}`;
  const existing = fieldLists.find((list) => list.name === name);
  if (existing !== undefined) return existing.id;
  const fields = make?.() ?? (typeof key === "bigint" ? annotatedFields(lowering, key) : []);
  const id = fieldLists.length + 1;
  fieldLists.push({ id, name, fields });
  return id;
}

/** The fields of the user's metadata that have `@field_list(number)`. */
function annotatedFields(lowering: Lowering, number: bigint): readonly FieldValue[] {
  const metadata = lowering.userMetadata;
  if (metadata === undefined) return [];
  const found: FieldValue[] = [];
  const take = (data: Data): void => {
    for (const { data: leaf } of leavesOf(data))
      if (leaf.kind === "scalar" && leaf.value.kind === "field") found.push(leaf.value);
  };
  const visit = (type: Type, data: Data): void => {
    if (type.kind !== "struct" || data.kind !== "struct") return;
    for (const field of lowering.semantics.fieldsOf(type)) {
      const part = data.fields.get(field.name);
      if (part === undefined) continue;
      if (isInList(field.declaration.annotations, number)) take(part);
      else visit(field.type, part);
    }
  };
  visit(metadata.type, metadata.data);
  return found;
}

function isInList(annotations: readonly Annotation[], number: bigint): boolean {
  return annotations.some(
    (annotation) =>
      annotation.name === "field_list" &&
      annotation.arguments.some((argument) => argument.kind === "integer" && argument.literal.value === number),
  );
}
