import type {
  Comparison,
  Condition,
  Data,
  DataOperator,
  HeaderReference,
  Place,
  UnionReference,
} from "./expression.ts";
import { Fault } from "./faults.ts";
import {
  comparisons,
  type Expression,
  fieldNumber,
  kindOf,
  pair,
  parseHex,
  truths,
  unwrapped,
} from "./operand-form.ts";
import type { Stack, UnionStack } from "./program.ts";
import { fieldTypeAt, memberIndex, unionHeaders } from "./reference-types.ts";
import { fieldNamed, type Scope } from "./scope.ts";

const dataOperators: ReadonlySet<string> = new Set<DataOperator>([
  "+",
  "-",
  "*",
  "/",
  "%",
  "<<",
  ">>",
  "&",
  "|",
  "^",
  "two_comp_mod",
  "sat_cast",
  "usat_cast",
]);
const widthOperators: ReadonlySet<string> = new Set<DataOperator>(["two_comp_mod", "sat_cast", "usat_cast"]);
/** What operands may name by its number: a parameter of an action, or a field of a header that says its own length. */
export interface OperandParameter {
  readonly width: number;
  readonly signed?: boolean;
}

/** Resolves operands, of something with parameters or without. */
export class OperandReader {
  readonly #scope: Scope;
  readonly #parameters: readonly OperandParameter[];

  constructor(scope: Scope, { parameters }: { readonly parameters: readonly OperandParameter[] } = { parameters: [] }) {
    this.#scope = scope;
    this.#parameters = parameters;
  }

  data(operand: unknown): Data {
    const { type, value } = unwrapped(operand);
    switch (type) {
      case "hexstr":
        return { op: "constant", value: parseHex(value) };
      case "field": {
        const of = this.#scope.validity(value);
        return of === undefined ? { op: "field", field: this.#scope.field(value) } : { op: "validity", of };
      }
      case "runtime_data":
      case "local":
        return this.#parameter(value);
      case "bool":
        return { op: "fromBoolean", condition: this.condition(operand) };
      case "stack_field":
      case "union_stack_field":
        return this.place(operand);
      case "register": {
        const [array, index] = pair(value);
        return { op: "register", array: this.#scope.registers.get(array), index: this.data(index) };
      }
      case "expression":
        return this.#dataExpression(value as Expression, operand);
      default:
        throw new Fault(`expected a value, found ${type} ${JSON.stringify(value)}`);
    }
  }

  #parameter(value: unknown): Data {
    const parameter = this.#parameters[Number(value)];
    if (parameter === undefined) throw new Fault(`Invalid reference to parameter ${JSON.stringify(value)}`);
    const { width, signed = false } = parameter;
    const bits: Data = { op: "parameter", index: Number(value), width };
    return signed ? { op: "two_comp_mod", left: bits, right: { op: "constant", value: BigInt(width) } } : bits;
  }

  #dataExpression(expression: Expression, operand: unknown): Data {
    const { op, left, right } = expression;
    if (dataOperators.has(op)) {
      // Unary minus and plus come without a left side.
      const leftData: Data = left === null || left === undefined ? { op: "constant", value: 0n } : this.data(left);
      const rightData = this.data(right);
      if (
        widthOperators.has(op) &&
        !(rightData.op === "constant" && rightData.value > 0n && rightData.value < 65536n)
      ) {
        throw new Fault(`${op}: expected a constant width`);
      }
      return { op: op as DataOperator, left: leftData, right: rightData };
    }
    if (truths.has(op)) return { op: "fromBoolean", condition: this.condition(operand) };
    switch (op) {
      case "~":
        return { op: "~", right: this.data(right) };
      case "b2d":
        return { op: "fromBoolean", condition: this.condition(right) };
      case "?":
        return {
          op: "choose",
          condition: this.condition(expression.cond),
          whenTrue: this.data(left),
          whenFalse: this.data(right),
        };
      case "last_stack_index":
        return { op: "lastIndex", stack: this.anyStack(right) };
      case "size_stack":
        return { op: "stackSize", stack: this.anyStack(right) };
      case "access_field":
        return this.place(operand);
      default:
        throw new Fault(`Invalid expression operator '${op}'`);
    }
  }

  place(operand: unknown): Place {
    const { type, value } = unwrapped(operand);
    switch (type) {
      case "field":
        return { op: "field", field: this.#scope.field(value) };
      case "stack_field": {
        const [stackName, fieldName] = pair(value);
        const stack = this.#scope.stacks.get(stackName);
        const first = stack.headers[0];
        if (first === undefined) throw new Fault(`Header stack '${stack.name}' is empty`);
        const { index, type: fieldType } = fieldNamed(first, fieldName);
        return {
          op: "elementField",
          header: { op: "element", stack, index: { op: "lastIndex", stack } },
          index,
          type: fieldType,
        };
      }
      case "union_stack_field": {
        const [stackName, memberName, fieldName] = Array.isArray(value) ? (value as unknown[]) : [];
        const stack = this.#scope.unionStacks.get(stackName);
        const member = memberIndex(stack, memberName);
        const header = stack.unions[0]?.headers[member];
        if (header === undefined) throw new Fault(`Header union stack '${stack.name}' is empty`);
        const { index, type: fieldType } = fieldNamed(header, fieldName);
        const union: UnionReference = { op: "unionElement", stack, index: { op: "lastIndex", stack } };
        return { op: "elementField", header: { op: "member", union, member }, index, type: fieldType };
      }
      case "expression": {
        const { op, left, right } = value as Expression;
        if (op !== "access_field") throw new Fault(`expected something that can be assigned to, found '${op}'`);
        const header = this.header(left);
        const index = fieldNumber(right);
        if (header.op === "header") {
          return { op: "field", field: { header: header.header, index, type: fieldTypeAt(header, index) } };
        }
        return { op: "elementField", header, index, type: fieldTypeAt(header, index) };
      }
      default:
        throw new Fault(`expected something that can be assigned to, found ${type} ${JSON.stringify(value)}`);
    }
  }

  header(operand: unknown): HeaderReference {
    const { type, value } = unwrapped(operand);
    if (type === "header") return { op: "header", header: this.#scope.headers.get(value) };
    if (type === "expression") {
      const { op, left, right } = value as Expression;
      switch (op) {
        case "dereference_header_stack":
        case "dereference_stack": {
          const stack = this.stack(left);
          const index = this.data(right);
          const named = index.op === "constant" ? stack.headers[Number(index.value)] : undefined;
          return named === undefined ? { op: "element", stack, index } : { op: "header", header: named };
        }
        case "access_union_header": {
          const union = this.union(left);
          const member = fieldNumber(right);
          const header = unionHeaders(union)[member];
          if (header === undefined) throw new Fault(`Invalid union member ${member}`);
          return union.op === "union" ? { op: "header", header } : { op: "member", union, member };
        }
        case "?":
          throw new Fault("a header cannot be chosen by '?'");
      }
    }
    throw new Fault(`expected a header, found ${type} ${JSON.stringify(value)}`);
  }

  union(operand: unknown): UnionReference {
    const { type, value } = unwrapped(operand);
    if (type === "header_union") return { op: "union", union: this.#scope.unions.get(value) };
    if (type === "expression" && (value as Expression).op === "dereference_union_stack") {
      const { left, right } = value as Expression;
      return { op: "unionElement", stack: this.unionStack(left), index: this.data(right) };
    }
    throw new Fault(`expected a header union, found ${type} ${JSON.stringify(value)}`);
  }

  stack(operand: unknown): Stack {
    const { type, value } = unwrapped(operand);
    if (type !== "header_stack") throw new Fault(`expected a header stack, found ${type} ${JSON.stringify(value)}`);
    return this.#scope.stacks.get(value);
  }

  unionStack(operand: unknown): UnionStack {
    const { type, value } = unwrapped(operand);
    if (type !== "header_union_stack") {
      throw new Fault(`expected a header union stack, found ${type} ${JSON.stringify(value)}`);
    }
    return this.#scope.unionStacks.get(value);
  }

  anyStack(operand: unknown): Stack | UnionStack {
    return unwrapped(operand).type === "header_union_stack" ? this.unionStack(operand) : this.stack(operand);
  }

  condition(operand: unknown): Condition {
    const { type, value } = unwrapped(operand);
    if (type === "bool") return { op: "boolean", value: value === true };
    if (type !== "expression") return { op: "fromData", data: this.data(operand) };
    const { op, left, right, cond } = value as Expression;
    if (comparisons.has(op)) return this.#comparison(op as Comparison, left, right);
    switch (op) {
      case "and":
      case "or":
        return { op, left: this.condition(left), right: this.condition(right) };
      case "not":
        return { op: "not", right: this.condition(right) };
      case "valid":
        return { op: "valid", header: this.header(right) };
      case "valid_union":
        return { op: "validUnion", union: this.union(right) };
      case "d2b":
        return { op: "fromData", data: this.data(right) };
      case "?":
        return {
          op: "choose",
          condition: this.condition(cond),
          whenTrue: this.condition(left),
          whenFalse: this.condition(right),
        };
      default:
        return { op: "fromData", data: this.data(operand) };
    }
  }

  #comparison(comparison: Comparison, left: unknown, right: unknown): Condition {
    const kind = kindOf(left);
    if (kind !== "data" && comparison !== "==" && comparison !== "!=") {
      throw new Fault(`Invalid expression: '${comparison}' on operands of kind ${kind}`);
    }
    const negate = (same: Condition): Condition => (comparison === "==" ? same : { op: "not", right: same });
    switch (kind) {
      case "boolean":
        return negate({ op: "sameTruth", left: this.condition(left), right: this.condition(right) });
      case "header":
        return negate({ op: "sameHeader", left: this.header(left), right: this.header(right) });
      case "union":
        return negate({ op: "sameUnion", left: this.union(left), right: this.union(right) });
      case "data":
        return { op: "compare", comparison, left: this.data(left), right: this.data(right) };
    }
  }
}
