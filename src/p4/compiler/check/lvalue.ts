import type { Expression } from "../syntax/ast.ts";
import type { Context } from "./context.ts";

/** Report when a value cannot be stored there. */
export function requireAssignableTarget(context: Context, expression: Expression, what: string): void {
  switch (expression.kind) {
    case "path": {
      const declaration = context.semantics.references.get(expression);
      if (declaration === undefined || declaration.kind === "variable") return;
      if (declaration.kind === "parameter") {
        if (declaration.direction === "out" || declaration.direction === "inout") return;
        const direction = declaration.direction === "in" ? "an in parameter" : "a parameter without a direction";
        context.error(
          expression.span,
          `${expression.name} is ${direction} and cannot be changed`,
          "copy it into a variable",
        );
        return;
      }
      context.error(expression.span, `${expression.name} is a ${declaration.kind} and cannot be changed`);
      return;
    }
    case "member": {
      const base = context.semantics.typeOf(expression.base);
      if (base.kind === "stack" && expression.member.text !== "next" && expression.member.text !== "last") break;
      requireAssignableTarget(context, expression.base, what);
      return;
    }
    case "index":
    case "slice":
      requireAssignableTarget(context, expression.base, what);
      return;
    case "broken":
      return;
    default:
      break;
  }
  context.error(expression.span, `the ${what} has to be a variable, a field or a part of one`);
}
