import type { Expression } from "./ast.ts";

/** The expressions that an expression is made of, in the order in which they are evaluated. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "member":
      return [expression.base];
    case "index":
      return [expression.base, expression.index];
    case "slice":
      return [expression.base, expression.high, expression.low];
    case "unary":
    case "cast":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "conditional":
      return [expression.condition, expression.then, expression.otherwise];
    case "call":
      return [expression.callee, ...expression.arguments.map(({ value }) => value)];
    case "list":
      return expression.elements;
    case "record":
      return expression.fields.map(({ value }) => value);
    case "mask":
      return [expression.value, expression.mask];
    case "range":
      return [expression.low, expression.high];
    default:
      return [];
  }
}
