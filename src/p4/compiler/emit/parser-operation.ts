import type { Operation } from "../lower/operation.ts";
import type { Value } from "../lower/value.ts";
import { toPrimitive } from "./action.ts";
import { toExpression, toParameter } from "./expression.ts";
import type { Json } from "./json.ts";

/** `target = source` in a parse state. */
export function setOperation(target: Value, source: Value): Json {
  return { op: "set", parameters: [toParameter(target), toParameter(source)] };
}

/** What a parse state does, if it is one thing that parse states do. */
export function parserOperation(operation: Operation): Json | undefined {
  switch (operation.kind) {
    case "assign": {
      const isField = operation.target.kind === "field";
      if (isField) return setOperation(operation.target, operation.source);
      return { op: "primitive", parameters: [toPrimitive(operation) as unknown as Json] };
    }
    case "primitive":
      return { op: "primitive", parameters: [toPrimitive(operation) as unknown as Json] };
    case "extract": {
      const { target, variableBits } = operation;
      const place: Json =
        target.kind === "regular"
          ? { type: "regular", value: target.header }
          : target.kind === "stack"
            ? { type: "stack", value: target.stack }
            : { type: "union_stack", value: [target.stack, target.member] };
      if (variableBits === undefined) return { op: "extract", parameters: [place] };
      return { op: "extract_VL", parameters: [place, { type: "expression", value: toExpression(variableBits) }] };
    }
    case "advance":
      return { op: "advance", parameters: [toParameter(operation.bits)] };
    case "verify":
      return { op: "verify", parameters: [toExpression(operation.condition), toExpression(operation.error)] };
    default:
      return undefined;
  }
}
