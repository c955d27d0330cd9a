import type { Span } from "../diagnostics/source-file.ts";
import { type Data, type HeaderData, overlap, placesOf, scalar } from "./data.ts";
import type { Frame, Lowering } from "./lowering.ts";
import type { Operand } from "./operation.ts";
import { replaceSlice } from "./arithmetic.ts";
import { coerce, type Value, widthOf } from "./value.ts";

/** Emit `target = source`, part by part. */
export function assign(frame: Frame, target: Data, source: Data, span: Span): void {
  const { lowering } = frame;
  switch (target.kind) {
    case "scalar":
      if (source.kind === "scalar") assignScalar(lowering, target.value, source.value, span);
      return;
    case "slice":
      if (source.kind === "scalar") assignSlice(lowering, target, source.value, span);
      return;
    case "struct":
      assignStruct(frame, target, source, span);
      return;
    case "header":
      assignHeader(frame, target, source, span);
      return;
    case "stack":
      if (source.kind === "stack") {
        const type = target.elements[0]?.kind === "union" ? "header_union_stack" : "header_stack";
        const operator = type === "header_stack" ? "assign_header_stack" : "assign_union_stack";
        primitive(
          lowering,
          operator,
          [
            { kind: "named", type, name: target.name },
            { kind: "named", type, name: source.name },
          ],
          span,
        );
      } else if (source.kind === "struct") {
        [...source.fields.values()].forEach((element, index) => {
          const place = target.elements[index];
          if (place !== undefined) assign(frame, place, element, span);
        });
      }
      return;
    case "union":
      if (source.kind === "union") {
        const [to, from] = [target, source].map(({ name }): Operand => ({ kind: "named", type: "header_union", name }));
        if (to !== undefined && from !== undefined) primitive(lowering, "assign_union", [to, from], span);
      } else if (source.kind === "new-header") {
        for (const member of target.members.values()) invalidate(lowering, member, span);
      }
      return;
    default:
      return;
  }
}

/** Emit a primitive. */
export function primitive(lowering: Lowering, operator: string, operands: readonly Operand[], span: Span): void {
  lowering.emit({ kind: "primitive", operator, operands, span });
}

/** Emit setInvalid. */
export function invalidate(lowering: Lowering, { reference }: HeaderData, span: Span): void {
  primitive(lowering, "remove_header", [{ kind: "header", reference }], span);
}

function assignScalar(lowering: Lowering, target: Value, source: Value, span: Span): void {
  if (target.kind === "last-field") {
    // The last element can be read by name, and written by its index.
    const { stack, field, shape } = target;
    const index: Value = { kind: "last-index", stack, shape: { kind: "bits", width: 32, signed: false } };
    assignScalar(lowering, { kind: "element-field", stack, index, field, shape }, source, span);
    return;
  }
  if (target.shape.kind === "varbit") {
    primitive(lowering, "assign_VL", [target, source], span);
    return;
  }
  if (
    target.kind === "field" &&
    source.kind === "field" &&
    target.header === source.header &&
    target.field === source.field
  )
    return;
  lowering.emit({ kind: "assign", target, source: coerce(source, target.shape), span });
}

function assignSlice(
  lowering: Lowering,
  { whole, high, low }: Extract<Data, { kind: "slice" }>,
  source: Value,
  span: Span,
): void {
  const part = coerce(source, { kind: "bits", width: high - low + 1, signed: false });
  const result = high - low + 1 === widthOf(whole.shape) ? part : replaceSlice(whole, high, low, part);
  assignScalar(lowering, whole, result, span);
}

function assignStruct(frame: Frame, target: Extract<Data, { kind: "struct" }>, source: Data, span: Span): void {
  if (source.kind !== "struct") return;
  const sources = [...source.fields.values()];
  const fields = [...target.fields];
  // In `{a, b} = {b, a}` everything is read before anything is written.
  const parts = fields.map(([name], index) => source.fields.get(name) ?? sources[index]);
  const { metadata } = frame.lowering.storage;
  const isTangled = fields.some(([, place], index) => {
    const written = new Set(placesOf(place, metadata));
    return parts
      .slice(index + 1)
      .some((later) => later !== undefined && overlap(written, new Set(placesOf(later, metadata))));
  });
  const safe = isTangled
    ? parts.map((part) => (part?.kind === "scalar" ? scalar(frame.lowering.keep(part.value, span)) : part))
    : parts;
  fields.forEach(([, place], index) => {
    const part = safe[index];
    if (part !== undefined) assign(frame, place, part, span);
  });
}

function assignHeader(frame: Frame, target: HeaderData, source: Data, span: Span): void {
  const { lowering } = frame;
  const header: Operand = { kind: "header", reference: target.reference };
  if (source.kind === "header") {
    primitive(lowering, "assign_header", [header, { kind: "header", reference: source.reference }], span);
    return;
  }
  if (source.kind !== "new-header" && source.kind !== "struct") return;
  if (source.fields === undefined) {
    invalidate(lowering, target, span);
    return;
  }
  // Fields that are read from the header itself are read before it is made new.
  const given = [...source.fields.values()];
  const { metadata } = lowering.storage;
  const own = new Set(placesOf(target, metadata));
  const places = [...lowering.storage.fieldsOfHeader(target)];
  const values = places.map(([name], index) => {
    const data = source.fields?.get(name) ?? given[index];
    if (data?.kind !== "scalar" || !overlap(own, new Set(placesOf(data, metadata)))) return data;
    return scalar(lowering.keep(data.value, span));
  });
  primitive(lowering, "add_header", [header], span);
  places.forEach(([, place], index) => {
    const value = values[index];
    if (value !== undefined) assign(frame, place, value, span);
  });
}
