import { z } from "zod";
import type { DocumentPath } from "./document-fault.ts";

/** The keys that a schema knows in the mapping at `path`: what a misspelt key may have meant. */
export function keysAt(schema: z.ZodType, path: DocumentPath): string[] {
  let candidates = alternatives(schema);
  for (const step of path)
    candidates = candidates.flatMap((candidate) => descend(candidate, step)).flatMap(alternatives);
  return [
    ...new Set(candidates.flatMap((candidate) => (candidate instanceof z.ZodObject ? shapeKeys(candidate) : []))),
  ];
}

function shapeKeys(schema: z.ZodObject): string[] {
  return Object.keys(schema.shape);
}

function descend(schema: z.ZodType, step: string | number): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, unknown> = schema.shape;
    const field = typeof step === "string" && Object.hasOwn(shape, step) ? shape[step] : undefined;
    return field instanceof z.ZodType ? [field] : [];
  }
  if (schema instanceof z.ZodRecord) return schema.valueType instanceof z.ZodType ? [schema.valueType] : [];
  if (schema instanceof z.ZodArray) return schema.element instanceof z.ZodType ? [schema.element] : [];
  if (schema instanceof z.ZodTuple && typeof step === "number") {
    const item: unknown = schema.def.items[step];
    return item instanceof z.ZodType ? [item] : [];
  }
  return [];
}

/** A schema without its wrappers; a union as its members. */
function alternatives(schema: unknown): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodLazy
  ) {
    return alternatives(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return alternatives(schema.in);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(alternatives);
  return schema instanceof z.ZodType ? [schema] : [];
}
