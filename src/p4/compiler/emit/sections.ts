import { binary, not } from "../lower/arithmetic.ts";
import { boolShape, truth, type Value, widthOf } from "../lower/value.ts";
import type { CalculationInput, Lowering } from "../lower/lowering.ts";
import type { LoweredTable, Operation } from "../lower/operation.ts";
import { toPrimitive } from "./action.ts";
import { toCondition, toParameter } from "./expression.ts";
import { hex, type Json, sourceInfo } from "./json.ts";

/** Checksums, the conditions around their calls among their own. Anything else in these controls is reported. */
export function checksumsJson(lowering: Lowering, operations: readonly Operation[], firstId: number): readonly Json[] {
  const checksums: Json[] = [];
  const visit = (list: readonly Operation[], around: Value): void => {
    for (const operation of list) {
      switch (operation.kind) {
        case "checksum": {
          const { update, condition, target, calculation, span } = operation;
          const all = binary("&&", around, condition, boolShape);
          checksums.push({
            name: calculation.replace("calc", "cksum"),
            id: firstId + checksums.length,
            source_info: sourceInfo(span),
            target: target.kind === "field" ? [target.header, target.field] : [],
            type: "generic",
            calculation,
            verify: !update,
            update,
            if_cond: toCondition(all),
          });
          break;
        }
        case "block":
          visit(operation.body, around);
          break;
        case "if":
          visit(operation.then, binary("&&", around, operation.condition, boolShape));
          visit(operation.otherwise, binary("&&", around, not(operation.condition), boolShape));
          break;
        case "leave":
          break;
        default:
          if ("span" in operation) {
            lowering.error(
              operation.span,
              "BMv2 takes only calls of checksum functions in this control",
              "put what is worked out into a metadata field in ingress or egress",
            );
          }
      }
    }
  };
  visit(operations, truth(true));
  return checksums;
}

/** The deparser: the headers in the order in which they are emitted. */
export function deparserJson(lowering: Lowering, operations: readonly Operation[]): Json {
  const order: string[] = [];
  const primitives: Json[] = [];
  const visit = (list: readonly Operation[]): void => {
    for (const operation of list) {
      if (operation.kind === "emit") order.push(operation.header);
      else if (operation.kind === "block") visit(operation.body);
      else if (isOwnValidity(operation)) visit(operation.then);
      else if (operation.kind === "assign" || operation.kind === "primitive") {
        const primitive = toPrimitive(operation);
        if (primitive !== undefined) primitives.push(primitive as unknown as Json);
      } else if (operation.kind !== "leave" && "span" in operation) {
        lowering.error(
          operation.span,
          "BMv2 has no conditions in a deparser",
          "emit the header anyway: only valid ones are sent; make it invalid in egress",
        );
      }
    }
  };
  visit(operations);
  return [{ name: "deparser", id: 0, order, primitives }];
}

/** `if (header.isValid()) emit(header)` is what emit does by itself. */
function isOwnValidity(operation: Operation): operation is Extract<Operation, { kind: "if" }> {
  if (operation.kind !== "if" || operation.otherwise.length > 0 || operation.condition.kind !== "valid") return false;
  const { header } = operation.condition;
  return operation.then.every(
    (each) => each.kind === "emit" && header.kind === "instance" && each.header === header.name,
  );
}

/** Calculations of hashes and checksums. */
export function calculationsJson({ resources }: Lowering): Json {
  return resources.calculations.map(({ name, algorithm, inputs, span }, id) => ({
    name,
    id,
    source_info: sourceInfo(span),
    algo: algorithm,
    input: inputs.map(inputJson),
  }));
}

function inputJson(input: CalculationInput): Json {
  if (input.kind === "payload") return { type: "payload", value: null };
  if (input.kind === "header") return { type: "header", value: input.name };
  const { value } = input;
  if (value.kind !== "constant") return toParameter(value);
  const width = widthOf(value.shape);
  return { type: "hexstr", value: hex(BigInt.asUintN(width, value.value), Math.ceil(width / 8) * 2), bitwidth: width };
}

/** Field lists and learn lists. */
export function listsJson({ resources }: Lowering): { readonly field_lists: Json; readonly learn_lists: Json } {
  return {
    learn_lists: resources.learnLists.map(({ id, name, fields, span }) => ({
      id,
      name,
      source_info: sourceInfo(span),
      elements: fields.map(toParameter),
    })),
    field_lists: resources.fieldLists.map(({ id, name, fields }) => ({ id, name, elements: fields.map(elementJson) })),
  };
}

function elementJson(value: Value): Json {
  if (value.kind !== "constant") return toParameter(value);
  const width = widthOf(value.shape);
  return { type: "hexstr", value: hex(BigInt.asUintN(width, value.value), Math.ceil(width / 8) * 2), bitwidth: width };
}

/** Counters, meters, registers and value sets. Direct ones that no table has are left out. */
export function arraysJson({ resources }: Lowering): Record<string, Json> {
  const inUse = (array: { readonly isDirect: boolean; readonly table?: string }): boolean =>
    !array.isDirect || array.table !== undefined;
  return {
    counter_arrays: resources.counters.filter(inUse).map(({ name, size, isDirect, table, span }, id) => ({
      name,
      id,
      source_info: sourceInfo(span),
      ...(isDirect ? { is_direct: true, binding: table ?? "" } : { size, is_direct: false }),
    })),
    meter_arrays: resources.meters.filter(inUse).map(({ name, size, isDirect, table, type, result, span }, id) => ({
      name,
      id,
      source_info: sourceInfo(span),
      is_direct: isDirect,
      ...(isDirect ? { size: 1024, binding: table ?? "" } : { size }),
      rate_count: 2,
      type,
      ...(isDirect && result?.kind === "field" ? { result_target: [result.header, result.field] } : {}),
    })),
    register_arrays: resources.registers.map(({ name, size, width, span }, id) => ({
      name,
      id,
      source_info: sourceInfo(span),
      size,
      bitwidth: width,
    })),
    parse_vsets: resources.valueSets.map(({ name, width, size, span }, id) => ({
      name,
      id,
      source_info: sourceInfo(span),
      compressed_bitwidth: width,
      max_size: size,
    })),
  };
}

/** The action profiles of the tables of a pipeline. */
export function profilesJson(
  { resources }: Lowering,
  tables: readonly LoweredTable[],
  firstId: { next: number },
): Json {
  const used = new Set(tables.map(({ profile }) => profile));
  return resources.profiles
    .filter(({ name }) => used.has(name))
    .map(({ name, size, selector, span }) => ({
      name,
      id: firstId.next++,
      source_info: sourceInfo(span),
      max_size: size,
      ...(selector === undefined
        ? {}
        : { selector: { algo: selector.algorithm, input: selector.inputs.map(toParameter) } }),
    }));
}
