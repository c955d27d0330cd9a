import type { Span } from "../diagnostics/source-file.ts";
import type { Data } from "./data.ts";
import type { Lowering } from "./lowering.ts";
import type { HeaderReference, Value } from "./value.ts";

/**
 * The same place, found now: run-time indices are kept as they are at this moment, whatever happens before something is
 * stored there. (P4-16 1.2, 6.7 and 8.4: the target is evaluated before the value and before the call.)
 */
export function pinned(lowering: Lowering, data: Data, span: Span): Data {
  switch (data.kind) {
    case "scalar":
      return { ...data, value: pinnedValue(lowering, data.value, span) };
    case "slice":
      return { ...data, whole: pinnedValue(lowering, data.whole, span) };
    case "header":
      return { ...data, reference: pinnedReference(lowering, data.reference, span) };
    case "struct":
      return { ...data, fields: new Map([...data.fields].map(([name, part]) => [name, pinned(lowering, part, span)])) };
    default:
      return data;
  }
}

function pinnedValue(lowering: Lowering, value: Value, span: Span): Value {
  return value.kind === "element-field" ? { ...value, index: lowering.keep(value.index, span) } : value;
}

function pinnedReference(lowering: Lowering, reference: HeaderReference, span: Span): HeaderReference {
  return reference.kind === "element" ? { ...reference, index: lowering.keep(reference.index, span) } : reference;
}
