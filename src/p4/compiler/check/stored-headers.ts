import { sizeInBits } from "./constant.ts";
import type { Semantics } from "./semantics.ts";
import { isHeader, storedType, type StructType, type Type } from "./types.ts";

/**
 * Report the headers in a place of this type that BMv2 cannot keep: each takes whole bytes and has one varbit at most. What
 * is only looked ahead for may have any size.
 */
export function checkStoredHeaders(semantics: Semantics, type: Type): void {
  if (isHeader(type)) {
    checkStoredHeader(semantics, type);
    return;
  }
  switch (type.kind) {
    case "struct":
      for (const field of semantics.fieldsOf(type)) checkStoredHeaders(semantics, field.type);
      return;
    case "tuple":
      for (const element of type.elements) checkStoredHeaders(semantics, element);
      return;
    case "stack":
      checkStoredHeaders(semantics, type.element);
      return;
    default:
  }
}

function checkStoredHeader(semantics: Semantics, type: StructType): void {
  const kinds = [...leavesOf(semantics, type)];
  // What is wrong with a field has been said where it stands.
  if (kinds.some((kind) => kind === "unknown" || kind === "variable")) return;
  const { text, span } = type.declaration.name;
  const varbits = kinds.filter((kind) => kind === "varbit").length;
  if (varbits > 1) semantics.diagnostics.error(span, `the header ${text} has ${varbits} varbits, BMv2 takes one`);
  const bits = sizeInBits(semantics, type, true);
  if (bits % 8 === 0) return;
  const hint = `add a field of ${8 - (bits % 8)} bits, or take ${bits % 8} away`;
  semantics.diagnostics.error(span, `the header ${text} has ${bits} bits, which are no whole bytes`, hint);
}

/** Kinds of the fields of a header, those of structs in it included. */
function* leavesOf(semantics: Semantics, type: StructType): Generator<Type["kind"]> {
  for (const field of semantics.fieldsOf(type)) {
    const stored = storedType(field.type);
    if (stored.kind === "struct") yield* leavesOf(semantics, stored);
    else yield stored.kind;
  }
}
