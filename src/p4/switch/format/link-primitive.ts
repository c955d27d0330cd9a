import type { Data, DataOperator, HeaderReference, Place } from "./expression.ts";
import { Fault } from "./faults.ts";
import { OperandReader } from "./operand.ts";
import { headerTypeOf } from "./reference-types.ts";
import { unwrapped } from "./operand-form.ts";
import type { Primitive } from "./primitive.ts";
import type { Action, FieldType } from "./program.ts";
import type { PrimitiveCall } from "./schema.ts";
import type { Scope } from "./scope.ts";

/** P4_14's `dst = left op right`. */
const arithmetic: Readonly<Record<string, DataOperator>> = {
  add: "+",
  subtract: "-",
  bit_xor: "^",
  bit_or: "|",
  bit_and: "&",
  shift_left: "<<",
  shift_right: ">>",
};

/** P4_14's `dst = dst op value`. */
const updates: Readonly<Record<string, DataOperator>> = { add_to_field: "+", subtract_from_field: "-" };

/** Number of parameters by name; the names are those of BMv2. */
const parameterCounts: Readonly<Record<string, number>> = {
  assign: 2,
  assign_VL: 2,
  assign_header: 2,
  assign_union: 2,
  assign_header_stack: 2,
  assign_union_stack: 2,
  modify_field: 2,
  copy_header: 2,
  add_header: 1,
  remove_header: 1,
  push: 2,
  pop: 2,
  mark_to_drop: 1,
  drop: 0,
  clone_ingress_pkt_to_egress: 2,
  clone_egress_pkt_to_egress: 2,
  resubmit: 1,
  recirculate: 1,
  generate_digest: 2,
  modify_field_with_hash_based_offset: 4,
  modify_field_rng_uniform: 3,
  register_read: 3,
  register_write: 3,
  count: 2,
  execute_meter: 3,
  truncate: 1,
  exit: 0,
  _jump: 1,
  _jump_if_zero: 2,
  assert: 1,
  assume: 1,
  log_msg: 2,
  no_op: 0,
  ...Object.fromEntries(Object.keys(arithmetic).map((name) => [name, 3])),
  ...Object.fromEntries(Object.keys(updates).map((name) => [name, 2])),
};

/** Resolve a primitive call of an action, parse state or deparser. Throws a {@link Fault}. */
export function linkPrimitive(call: PrimitiveCall, scope: Scope, action?: Action): Primitive {
  const { op, parameters } = call;
  const count = Object.hasOwn(parameterCounts, op) ? parameterCounts[op] : undefined;
  if (count === undefined) throw new Fault(`Unknown primitive action: ${op}`);
  // mark_to_drop has no parameter in programs of before 2018.
  if (parameters.length !== count && !(op === "mark_to_drop" && parameters.length === 0)) {
    throw new Fault(
      `Invalid number of parameters for primitive action ${op}: expected ${count}, found ${parameters.length}`,
    );
  }
  const read = new OperandReader(scope, action);
  const data = (at: number): Data => read.data(parameters[at]);
  const place = (at: number): Place => fixedPlace(read.place(parameters[at]));
  const name = (at: number, type: string): unknown => {
    const found = unwrapped(parameters[at]);
    if (found.type !== type) throw new Fault(`${op}: expected ${type}, found ${found.type}`);
    return found.value;
  };
  const arithmeticOperator = arithmetic[op];
  if (arithmeticOperator !== undefined) {
    return { op: "assign", target: place(0), source: { op: arithmeticOperator, left: data(1), right: data(2) } };
  }
  const updateOperator = updates[op];
  if (updateOperator !== undefined) {
    return { op: "assign", target: place(0), source: { op: updateOperator, left: place(0), right: data(1) } };
  }
  switch (op) {
    case "assign":
    case "modify_field":
      return { op: "assign", target: place(0), source: data(1) };
    case "assign_VL":
      return {
        op: "assignVariable",
        target: variablePlace(read, parameters[0]),
        source: variablePlace(read, parameters[1]),
      };
    case "assign_header":
    case "copy_header":
      return assignHeader(read.header(parameters[0]), read.header(parameters[1]));
    case "assign_union":
      return { op: "assignUnion", target: read.union(parameters[0]), source: read.union(parameters[1]) };
    case "assign_header_stack":
      return { op: "assignStack", target: read.stack(parameters[0]), source: read.stack(parameters[1]) };
    case "assign_union_stack":
      return { op: "assignUnionStack", target: read.unionStack(parameters[0]), source: read.unionStack(parameters[1]) };
    case "add_header":
      return { op: "addHeader", header: read.header(parameters[0]) };
    case "remove_header":
      return { op: "removeHeader", header: read.header(parameters[0]) };
    case "push":
    case "pop":
      return { op, stack: read.anyStack(parameters[0]), count: data(1) };
    case "mark_to_drop":
    case "drop":
      return { op: "drop" };
    case "clone_ingress_pkt_to_egress":
      return { op: "cloneIngress", session: data(0), fieldList: data(1) };
    case "clone_egress_pkt_to_egress":
      return { op: "cloneEgress", session: data(0), fieldList: data(1) };
    case "resubmit":
    case "recirculate":
      return { op, fieldList: data(0) };
    case "generate_digest":
      return { op: "digest", list: data(1) };
    case "modify_field_with_hash_based_offset":
      return {
        op: "hash",
        target: place(0),
        base: data(1),
        calculation: scope.calculations.get(name(2, "calculation")),
        size: data(3),
      };
    case "modify_field_rng_uniform":
      return { op: "random", target: place(0), low: data(1), high: data(2) };
    case "register_read":
      return {
        op: "readRegister",
        target: place(0),
        array: scope.registers.get(name(1, "register_array")),
        index: data(2),
      };
    case "register_write":
      return {
        op: "writeRegister",
        array: scope.registers.get(name(0, "register_array")),
        index: data(1),
        value: data(2),
      };
    case "count":
      return { op: "count", array: scope.counters.get(name(0, "counter_array")), index: data(1) };
    case "execute_meter":
      return { op: "meter", array: scope.meters.get(name(0, "meter_array")), index: data(1), target: place(2) };
    case "truncate":
      return { op: "truncate", bytes: data(0) };
    case "_jump":
      if (action === undefined) throw new Fault("_jump outside of an action");
      return { op: "jump", to: data(0) };
    case "_jump_if_zero":
      if (action === undefined) throw new Fault("_jump_if_zero outside of an action");
      return { op: "jumpIfZero", value: data(0), to: data(1) };
    case "assert":
    case "assume":
      return { op: "assert", condition: read.condition(parameters[0]), words: sourceWords(call) };
    case "log_msg":
      return { op: "log", ...logParameters(parameters, read) };
    case "exit":
      return { op: "exit" };
    default:
      return { op: "nothing" };
  }
}

/** A place of fixed width; what varies is assigned together with its length. */
export function fixedPlace(place: Place): Place {
  if (typeOf(place).variable) throw new Fault(`field '${typeOf(place).name}' varies in length: expected assign_VL`);
  return place;
}

function variablePlace(read: OperandReader, operand: unknown): Place {
  const place = read.place(operand);
  if (!typeOf(place).variable) throw new Fault(`assign_VL: field '${typeOf(place).name}' has a fixed length`);
  return place;
}

function typeOf(place: Place): FieldType {
  return place.op === "field" ? place.field.type : place.type;
}

function assignHeader(target: HeaderReference, source: HeaderReference): Primitive {
  if (headerTypeOf(target) !== headerTypeOf(source)) throw new Fault("assign_header: the headers differ in type");
  return { op: "assignHeader", target, source };
}

function logParameters(
  parameters: PrimitiveCall["parameters"],
  read: OperandReader,
): { readonly format: string; readonly values: readonly Data[] } {
  const format = unwrapped(parameters[0]);
  const values = unwrapped(parameters[1]);
  if (format.type !== "string" || typeof format.value !== "string") throw new Fault("log_msg: expected a string");
  if (values.type !== "parameters_vector" || !Array.isArray(values.value)) {
    throw new Fault(`log_msg: expected parameters_vector, found ${values.type}`);
  }
  return { format: format.value, values: values.value.map((value) => read.data(value)) };
}

function sourceWords({ op, source_info }: PrimitiveCall): string {
  if (typeof source_info !== "object" || source_info === null) return op;
  const { filename, line, source_fragment } = source_info as Record<string, unknown>;
  return `${String(filename)}(${String(line)}): ${String(source_fragment)}`;
}
