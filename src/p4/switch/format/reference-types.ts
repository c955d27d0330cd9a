import type { HeaderReference, UnionReference } from "./expression.ts";
import { Fault } from "./faults.ts";
import type { FieldType, HeaderType, Union, UnionStack } from "./program.ts";

/** Position of a union's member in all unions of a stack. */
export function memberIndex(stack: UnionStack, name: unknown): number {
  const index = stack.unions[0]?.memberNames.indexOf(String(name)) ?? -1;
  if (index < 0) throw new Fault(`Invalid reference to member '${String(name)}' of header union stack '${stack.name}'`);
  return index;
}

/** The members of a union that may be found only at run time. */
export function unionHeaders(reference: UnionReference): Union["headers"] {
  return reference.op === "union" ? reference.union.headers : (reference.stack.unions[0]?.headers ?? []);
}

/** The type of a field by its number. */
export function fieldTypeAt(reference: HeaderReference, index: number): FieldType {
  const type = headerTypeOf(reference).fields[index];
  if (type === undefined) throw new Fault(`Invalid field index ${index}`);
  return type;
}

/** The type of a header that may be found only at run time. */
export function headerTypeOf(reference: HeaderReference): HeaderType {
  switch (reference.op) {
    case "header":
      return reference.header.type;
    case "element":
      return reference.stack.type;
    case "member": {
      const header = unionHeaders(reference.union)[reference.member];
      if (header === undefined) throw new Fault(`Invalid union member ${reference.member}`);
      return header.type;
    }
  }
}
