/** Operands, expressions and operations as BMv2 JSON writes them. */

export type Json = Readonly<Record<string, unknown>>;
export type FieldSpec = readonly [name: string, width: number | "*", signed?: boolean, saturating?: boolean];

/** `header.field` as the JSON has it. */
export function fieldName(path: string): readonly [string, string] {
  const dot = path.lastIndexOf(".");
  return [path.slice(0, dot), path.slice(dot + 1)];
}

export const field = (path: string): Json => ({ type: "field", value: fieldName(path) });
export const hex = (value: number | bigint): Json => ({
  type: "hexstr",
  value: value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`,
});
export const bool = (value: boolean): Json => ({ type: "bool", value });
export const header = (name: string): Json => ({ type: "header", value: name });
export const stack = (name: string): Json => ({ type: "header_stack", value: name });
export const union = (name: string): Json => ({ type: "header_union", value: name });
export const unionStack = (name: string): Json => ({ type: "header_union_stack", value: name });
export const param = (index: number): Json => ({ type: "runtime_data", value: index });
export const local = (index: number): Json => ({ type: "local", value: index });
export const lookahead = (offset: number, width: number): Json => ({ type: "lookahead", value: [offset, width] });
export const stackField = (name: string, member: string): Json => ({ type: "stack_field", value: [name, member] });
export const named = (type: string, value: string): Json => ({ type, value });

/** An expression; unary operators have no left side. */
export const expr = (op: string, right: Json | number | null, left: Json | null = null): Json => ({
  type: "expression",
  value: { op, left, right },
});
export const binary = (left: Json, op: string, right: Json): Json => expr(op, right, left);
export const choose = (cond: Json, whenTrue: Json, whenFalse: Json): Json => ({
  type: "expression",
  value: { op: "?", left: whenTrue, right: whenFalse, cond },
});
export const valid = (name: string): Json => expr("valid", header(name));
/** p4c wraps expressions twice where they are parameters of primitives. */
export const wrapped = (expression: Json): Json => ({ type: "expression", value: expression });

export const call = (op: string, ...parameters: Json[]): Json => ({ op, parameters });
export const assign = (target: string | Json, source: Json): Json =>
  call(
    "assign",
    typeof target === "string" ? field(target) : target,
    source["type"] === "expression" ? wrapped(source) : source,
  );

export const extract = (name: string): Json => ({ op: "extract", parameters: [{ type: "regular", value: name }] });
export const extractNext = (name: string): Json => ({ op: "extract", parameters: [{ type: "stack", value: name }] });
export const parserOp = (op: string, ...parameters: unknown[]): Json => ({ op, parameters });
