import type { ResolvedCall } from "../check/semantics.ts";
import type { CallExpression, Expression, FunctionDeclaration } from "../syntax/ast.ts";
import { assign, primitive } from "./assign.ts";
import { lowerChecksum } from "./checksum.ts";
import { type Data, nothing } from "./data.ts";
import { algorithmOf, memberOf, word } from "./extern-instance.ts";
import { lowerPacketMethod } from "./extern-packet.ts";
import { lowerExpression, lowerTarget, lowerValue } from "./expression.ts";
import { calculationInputs, fieldListOf, fieldsOfData, learnList } from "./lists.ts";
import type { Frame } from "./lowering.ts";
import type { Operand } from "./operation.ts";
import { coerce, knownValue, shapeOf, truth, type Value } from "./value.ts";

/** A call of a function that the architecture provides. */
export function lowerExternFunction(
  frame: Frame,
  declaration: FunctionDeclaration,
  call: ResolvedCall,
  expression: CallExpression,
): Data {
  const { lowering } = frame;
  const { span } = expression;
  const name = declaration.name.text;
  const argument = (index: number): Expression | undefined => call.arguments[index]?.value;
  const value = (index: number): Value => {
    const given = argument(index);
    const parameter = call.parameters[index];
    if (given === undefined || parameter === undefined) return word(0);
    const shape = shapeOf(lowering.semantics.typeOfDeclaration(parameter));
    return lowerValue(frame, given, shape);
  };
  const emit = (operator: string, ...operands: readonly Operand[]): Data => {
    primitive(lowering, operator, operands, span);
    return nothing;
  };
  switch (name) {
    case "mark_to_drop":
      return emit("mark_to_drop", { kind: "named", type: "header", name: "standard_metadata" });
    case "verify":
      if (frame.surroundings !== "parser") lowering.error(span, "verify has a meaning in parsers only");
      lowering.emit({ kind: "verify", condition: value(0), error: value(1), span });
      return nothing;
    case "hash":
      lowerHash(frame, call, expression);
      return nothing;
    case "random":
      storeResult(frame, argument(0), expression, (target) => {
        const [low, high] = [coerce(value(1), target.shape), coerce(value(2), target.shape)];
        primitive(lowering, "modify_field_rng_uniform", [target, low, high], span);
      });
      return nothing;
    case "digest":
      requirePipeline(frame, "ingress", name, span);
      return emit("generate_digest", value(0), { kind: "number", value: BigInt(learnList(frame, argument(1), span)) });
    case "clone":
    case "clone3":
    case "clone_preserving_field_list":
      return lowerClone(frame, name, call, expression);
    case "resubmit":
    case "resubmit_preserving_field_list":
      requirePipeline(frame, "ingress", name, span);
      return emit("resubmit", { kind: "number", value: BigInt(listArgument(frame, argument(0), name)) });
    case "recirculate":
    case "recirculate_preserving_field_list":
      requirePipeline(frame, "egress", name, span);
      return emit("recirculate", { kind: "number", value: BigInt(listArgument(frame, argument(0), name)) });
    case "truncate":
      return emit("truncate", value(0));
    case "assert":
    case "assume":
      return emit(name, value(0));
    case "log_msg":
      return emit(
        "log_msg",
        { kind: "named", type: "string", name: textOf(frame, argument(0)) },
        { kind: "values", values: logged(frame, argument(1)) },
      );
    case "static_assert": {
      const known = knownValue(value(0));
      if (known === 0n)
        lowering.error(
          span,
          `static_assert: ${argument(1) === undefined ? "the condition is false" : textOf(frame, argument(1))}`,
        );
      return { kind: "scalar", value: truth(true) };
    }
    case "verify_checksum":
    case "update_checksum":
    case "verify_checksum_with_payload":
    case "update_checksum_with_payload":
      lowerChecksum(frame, name, call, expression);
      return nothing;
    default:
      lowering.error(span, `v1model has no function ${name}`, "functions of your own have a body");
      return nothing;
  }
}

/** A call of a method of an extern's instance. */
export function lowerExternMethod(
  frame: Frame,
  base: Expression,
  declaration: FunctionDeclaration,
  call: ResolvedCall,
  expression: CallExpression,
): Data {
  const { lowering } = frame;
  const { span } = expression;
  const referenced = base.kind === "path" ? lowering.semantics.references.get(base) : undefined;
  const instance = referenced === undefined ? undefined : frame.environment.find(referenced);
  if (instance?.kind === "packet") return lowerPacketMethod(frame, declaration.name.text, call, expression);
  if (instance?.kind !== "extern") {
    lowering.error(base.span, "this is no instance of an extern");
    return nothing;
  }
  const { name } = instance;
  const argument = (index: number): Expression | undefined => call.arguments[index]?.value;
  const index = (at: number): Value => {
    const given = argument(at);
    return given === undefined ? word(0) : lowerValue(frame, given, { kind: "bits", width: 32, signed: false });
  };
  switch (`${instance.declaration.name.text}.${declaration.name.text}`) {
    case "counter.count":
      primitive(lowering, "count", [{ kind: "named", type: "counter_array", name }, index(0)], span);
      return nothing;
    case "meter.execute_meter": {
      const at = index(0);
      storeResult(frame, argument(1), expression, (target) => {
        primitive(lowering, "execute_meter", [{ kind: "named", type: "meter_array", name }, at, target], span);
      });
      return nothing;
    }
    case "register.read": {
      const at = index(1);
      storeResult(frame, argument(0), expression, (target) => {
        primitive(lowering, "register_read", [target, { kind: "named", type: "register_array", name }, at], span);
      });
      return nothing;
    }
    case "register.write": {
      const at = index(0);
      const given = argument(1);
      const [parameter] = instance.declaration.typeParameters;
      const type = parameter === undefined ? undefined : instance.types.get(parameter);
      const stored =
        given === undefined ? word(0) : lowerValue(frame, given, type === undefined ? undefined : shapeOf(type));
      primitive(lowering, "register_write", [{ kind: "named", type: "register_array", name }, at, stored], span);
      return nothing;
    }
    case "direct_counter.count":
      // The table that has the counter counts by itself.
      return nothing;
    case "direct_meter.read": {
      const meter = lowering.resources.meters.find((each) => each.name === name);
      const place = argument(0);
      const target = place === undefined ? nothing : lowerTarget(frame, place);
      if (meter === undefined || target.kind !== "scalar" || target.value.kind !== "field") {
        lowering.error(span, "the result of a direct meter goes into a field or variable");
        return nothing;
      }
      const { result } = meter;
      if (result?.kind === "field" && (result.header !== target.value.header || result.field !== target.value.field)) {
        lowering.error(
          span,
          "the result of a direct meter goes into one place only",
          "read it into one variable everywhere",
        );
      }
      meter.result = target.value;
      return nothing;
    }
    default:
      lowering.error(span, `${instance.declaration.name.text} has no method ${declaration.name.text} in BMv2`);
      return nothing;
  }
}

/** Primitives store into fields: for anything else through a temporary one. */
function storeResult(
  frame: Frame,
  place: Expression | undefined,
  { span }: CallExpression,
  store: (target: Value) => void,
): void {
  if (place === undefined) return;
  const target =
    place.kind === "dont-care"
      ? frame.lowering.storage.allocate("ignored", { kind: "bits", width: 32, signed: false })
      : lowerTarget(frame, place);
  if (target.kind === "scalar" && target.value.kind === "field") {
    store(target.value);
    return;
  }
  const shape =
    target.kind === "scalar"
      ? target.value.shape
      : target.kind === "slice"
        ? { kind: "bits" as const, width: target.high - target.low + 1, signed: false }
        : undefined;
  if (shape === undefined) {
    frame.lowering.error(place.span, "the result goes into a number or bool");
    return;
  }
  const result = frame.lowering.temporary(shape);
  store(result);
  assign(frame, target, { kind: "scalar", value: result }, span);
}

function lowerHash(frame: Frame, call: ResolvedCall, expression: CallExpression): void {
  const { lowering } = frame;
  const [target, algorithm, base, data, most] = call.arguments.map((argument) => argument?.value);
  if (base === undefined || data === undefined || most === undefined) return;
  const { span } = expression;
  const inputs = calculationInputs(frame, data);
  const name = lowering.uniqueName("calculation", "calc");
  lowering.resources.calculations.push({ name, algorithm: algorithmOf(frame, algorithm) ?? "crc16", inputs, span });
  const [offset, size] = [lowerValue(frame, base), lowerValue(frame, most)];
  storeResult(frame, target, expression, (place) => {
    primitive(
      lowering,
      "modify_field_with_hash_based_offset",
      [
        place,
        coerce(offset, { kind: "bits", width: 64, signed: false }),
        { kind: "named", type: "calculation", name },
        coerce(size, { kind: "bits", width: 64, signed: false }),
      ],
      span,
    );
  });
}

function lowerClone(frame: Frame, name: string, call: ResolvedCall, { span }: CallExpression): Data {
  const { lowering } = frame;
  const [type, session, list] = call.arguments.map((argument) => argument?.value);
  const kind = memberOf(frame, type);
  if (kind === undefined) {
    lowering.error(
      span,
      "the type of a clone has to be known when the program is compiled",
      "CloneType.I2E or CloneType.E2E",
    );
    return nothing;
  }
  requirePipeline(frame, kind === "I2E" ? "ingress" : "egress", `${name} with CloneType.${kind}`, span);
  const operator = kind === "I2E" ? "clone_ingress_pkt_to_egress" : "clone_egress_pkt_to_egress";
  const to = session === undefined ? word(0) : lowerValue(frame, session, { kind: "bits", width: 32, signed: false });
  primitive(lowering, operator, [to, { kind: "number", value: BigInt(listArgument(frame, list, name)) }], span);
  return nothing;
}

/** The number of the field list that `…_preserving_field_list(index)` names, or that the data of the older forms makes. */
function listArgument(frame: Frame, given: Expression | undefined, name: string): number {
  if (given === undefined) return fieldListOf(frame.lowering, "nothing", () => []);
  if (!name.endsWith("_preserving_field_list")) {
    const fields = fieldsOfData(frame, lowerExpression(frame, given), given.span, false);
    return fieldListOf(frame.lowering, undefined, () => fields);
  }
  const known = knownValue(lowerValue(frame, given));
  if (known === undefined) {
    frame.lowering.error(given.span, "the number of a field list has to be known when the program is compiled");
    return 0;
  }
  return fieldListOf(frame.lowering, known, undefined);
}

function requirePipeline(frame: Frame, needed: "ingress" | "egress", what: string, span: CallExpression["span"]): void {
  if (frame.pipeline === needed) return;
  frame.lowering.error(span, `${what} has an effect in ${needed} only`);
}

function textOf(frame: Frame, expression: Expression | undefined): string {
  if (expression === undefined) return "";
  const data = lowerExpression(frame, expression);
  return data.kind === "string" ? data.text : "";
}

function logged(frame: Frame, expression: Expression | undefined): readonly Value[] {
  if (expression === undefined) return [];
  return fieldsOfData(frame, lowerExpression(frame, expression), expression.span, false);
}
