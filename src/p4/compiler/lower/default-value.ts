import { isHeader, isUnion, type Type } from "../check/types.ts";
import { elementTypes } from "../check/convert.ts";
import { type Data, nothing, scalar } from "./data.ts";
import type { Frame } from "./lowering.ts";
import { constant, shapeOf } from "./value.ts";

/** What `...` stands for: 0, false, the first error or member; headers are invalid. */
export function defaultValue(frame: Frame, type: Type): Data {
  const shape = shapeOf(type);
  if (shape !== undefined) return scalar(constant(0n, shape));
  if (isHeader(type) || isUnion(type)) return { kind: "new-header", fields: undefined };
  const elements = elementTypes(frame.lowering.semantics, type);
  if (elements === undefined) return nothing;
  return { kind: "struct", fields: new Map(elements.map((each) => [each.name, defaultValue(frame, each.type)])) };
}
