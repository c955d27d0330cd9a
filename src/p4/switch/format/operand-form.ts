import type { Comparison } from "./expression.ts";
import { Fault } from "./faults.ts";

/** An integer as the JSON writes it: "0x1f", "-0x1f". */
export function parseHex(text: unknown): bigint {
  const match = typeof text === "string" ? /^(-?)(?:0[xX])?([0-9a-fA-F]+)$/.exec(text) : null;
  if (match?.[2] === undefined) throw new Fault(`expected a hexadecimal number, found ${JSON.stringify(text)}`);
  const magnitude = BigInt(`0x${match[2]}`);
  return match[1] === "-" ? -magnitude : magnitude;
}

/** Operators that compare. */
export const comparisons: ReadonlySet<string> = new Set<Comparison>(["==", "!=", "<", "<=", ">", ">="]);
/** Operators that give a truth. */
export const truths: ReadonlySet<string> = new Set([...comparisons, "and", "or", "not", "valid", "valid_union", "d2b"]);

/** What an operand stands for. */
export type OperandKind = "data" | "boolean" | "header" | "union";

/** An operation as the JSON writes it. */
export interface Expression {
  readonly op: string;
  readonly left: unknown;
  readonly right: unknown;
  readonly cond: unknown;
}

/** An operand without the `{type: "expression"}` wrappers around what is no operation. */
export function unwrapped(operand: unknown): { readonly type: string; readonly value: unknown } {
  let current = operand;
  for (;;) {
    if (typeof current !== "object" || current === null) {
      throw new Fault(`expected {type, value}, found ${JSON.stringify(current)}`);
    }
    const { type, value, op } = current as Record<"type" | "value" | "op", unknown>;
    if (typeof type !== "string") {
      // Inside an expression, p4c also writes the operation itself.
      if (typeof op === "string") return { type: "expression", value: current };
      throw new Fault(`expected {type, value}, found ${JSON.stringify(current)}`);
    }
    if (type !== "expression") return { type, value };
    if (typeof value !== "object" || value === null) throw new Fault("Invalid expression: no operation in it");
    if ("op" in value) return { type, value };
    current = value;
  }
}

/** What an operand stands for, by its looks. */
export function kindOf(operand: unknown): OperandKind {
  const { type, value } = unwrapped(operand);
  switch (type) {
    case "bool":
      return "boolean";
    case "header":
      return "header";
    case "header_union":
      return "union";
    case "expression": {
      const { op, left } = value as Expression;
      if (truths.has(op)) return "boolean";
      if (op === "dereference_union_stack") return "union";
      if (op === "?") return kindOf(left);
      return op === "dereference_header_stack" || op === "dereference_stack" || op === "access_union_header"
        ? "header"
        : "data";
    }
    default:
      return "data";
  }
}

/** A number that stands in the JSON as such, or as an operand. */
export function fieldNumber(value: unknown): number {
  const number = typeof value === "object" && value !== null ? Number(parseHex(unwrapped(value).value)) : Number(value);
  if (!Number.isSafeInteger(number) || number < 0) throw new Fault(`expected an index, found ${JSON.stringify(value)}`);
  return number;
}

/** The two parts of a value that has two. */
export function pair(value: unknown): readonly [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2) throw new Fault(`expected a pair, found ${JSON.stringify(value)}`);
  return [value[0], value[1]];
}
