import type { Operand } from "../lower/operation.ts";
import { type HeaderReference, type Value, widthOf } from "../lower/value.ts";
import { hex, type Json } from "./json.ts";

/** A value inside of an expression. */
export function toExpression(value: Value): Json {
  switch (value.kind) {
    case "constant":
      if (value.shape.kind === "bool") return { type: "bool", value: value.value !== 0n };
      return number(value);
    case "field":
      return asBool(value, { type: "field", value: [value.header, value.field] });
    case "parameter":
      return asBool(value, { type: "local", value: value.index });
    case "element-field":
      return asBool(value, accessField(value.stack, toExpression(value.index), value.field));
    case "last-field":
      return asBool(value, accessField(value.stack, lastIndex(value.stack), value.field));
    case "last-index":
      return lastIndex(value.stack);
    case "valid":
      return validity(value.header);
    case "lookahead":
      return { type: "lookahead", value: [value.offset, value.width] };
    case "widened":
      return toExpression(value.value);
    case "operation": {
      const { operator, left, right, condition: test } = value;
      const operation = {
        op: operator,
        left: left === undefined ? null : toExpression(left),
        right: toExpression(right),
      };
      return expression(test === undefined ? operation : { ...operation, cond: toExpression(test) });
    }
  }
}

/** A value as a primitive or parser operation takes it. */
export function toParameter(value: Value): Json {
  switch (value.kind) {
    case "constant":
      return number(value);
    case "field":
      return { type: "field", value: [value.header, value.field] };
    case "parameter":
      return { type: "runtime_data", value: value.index };
    case "lookahead":
      return toExpression(value);
    case "widened":
      return toParameter(value.value);
    case "element-field":
      // As a target it has to stay a place, whatever its type.
      return { type: "expression", value: accessField(value.stack, toExpression(value.index), value.field) };
    default: {
      const inner = toExpression(value);
      return { type: "expression", value: value.shape.kind === "bool" ? unary("b2d", inner) : inner };
    }
  }
}

/** What a primitive takes. */
export function toOperand(operand: Operand): Json {
  switch (operand.kind) {
    case "header":
      return operand.reference.kind === "instance"
        ? { type: "header", value: operand.reference.name }
        : { type: "expression", value: dereference(operand.reference) };
    case "named":
      return { type: operand.type, value: operand.name };
    case "number":
      return { type: "hexstr", value: hex(operand.value, 1) };
    case "values":
      return { type: "parameters_vector", value: operand.values.map(toParameter) };
    default:
      return toParameter(operand);
  }
}

/** A condition, as conditionals have it. */
export function toCondition(value: Value): Json {
  return toExpression(value);
}

function number(value: Extract<Value, { kind: "constant" }>): Json {
  const digits = value.shape.kind === "bits" ? Math.ceil(widthOf(value.shape) / 8) * 2 : 2;
  return { type: "hexstr", value: hex(value.value, Math.max(2, digits)) };
}

function expression(value: Json): Json {
  return { type: "expression", value };
}

function unary(op: string, right: Json): Json {
  return expression({ op, left: null, right });
}

/** A truth value is kept as one bit. */
function asBool({ shape }: Value, data: Json): Json {
  return shape.kind === "bool" ? unary("d2b", data) : data;
}

function lastIndex(stack: string): Json {
  return unary("last_stack_index", { type: "header_stack", value: stack });
}

function accessField(stack: string, index: Json, field: number): Json {
  const element = expression({
    op: "dereference_header_stack",
    left: { type: "header_stack", value: stack },
    right: index,
  });
  return expression({ op: "access_field", left: element, right: field });
}

function dereference({ stack, index }: Extract<HeaderReference, { kind: "element" }>): Json {
  return expression({
    op: "dereference_header_stack",
    left: { type: "header_stack", value: stack },
    right: toExpression(index),
  });
}

function validity(header: HeaderReference): Json {
  if (header.kind === "instance") return unary("d2b", { type: "field", value: [header.name, "$valid$"] });
  return unary("valid", dereference(header));
}
