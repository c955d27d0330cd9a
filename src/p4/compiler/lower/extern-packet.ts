import { sizeInBits } from "../check/constant.ts";
import type { ResolvedCall } from "../check/semantics.ts";
import { bitType, isHeader, type StructType, type Type } from "../check/types.ts";
import type { CallExpression, Expression } from "../syntax/ast.ts";
import { type Data, type HeaderData, leavesOf, nothing, scalar } from "./data.ts";
import { word } from "./extern-instance.ts";
import { lowerExpression, lowerTarget, lowerValue } from "./expression.ts";
import type { Frame } from "./lowering.ts";
import type { ExtractTarget } from "./operation.ts";
import { shapeOf, widthOf } from "./value.ts";

/** A method of packet_in or packet_out. */
export function lowerPacketMethod(frame: Frame, name: string, call: ResolvedCall, expression: CallExpression): Data {
  const { lowering } = frame;
  const { span } = expression;
  const argument = call.arguments[0]?.value;
  switch (name) {
    case "extract":
      if (argument !== undefined) lowerExtract(frame, argument, call, expression);
      return nothing;
    case "lookahead":
      return lookahead(frame, call.result, { offset: 0 });
    case "advance":
      lowering.emit({
        kind: "advance",
        bits: argument === undefined ? word(0) : lowerValue(frame, argument, bitType(32)),
        span,
      });
      return nothing;
    case "length": {
      const length =
        lowering.standardMetadata?.kind === "struct"
          ? lowering.standardMetadata.fields.get("packet_length")
          : undefined;
      return length ?? nothing;
    }
    case "emit":
      if (argument !== undefined) lowerEmit(frame, lowerExpression(frame, argument), argument);
      return nothing;
    default:
      lowering.error(span, `packets have no method ${name} in BMv2`);
      return nothing;
  }
}

function lowerExtract(frame: Frame, argument: Expression, call: ResolvedCall, { span }: CallExpression): void {
  const { lowering } = frame;
  const variable = call.arguments[1]?.value;
  if (argument.kind === "dont-care") {
    const type = [...call.bindings.values()][0];
    if (type !== undefined) {
      lowering.emit({ kind: "advance", bits: word(sizeInBits(lowering.semantics, type, false)), span });
    }
    return;
  }
  const data = lowerTarget(frame, argument);
  if (data.kind !== "header") {
    lowering.error(argument.span, "only a header can be extracted", "extract the headers of a struct one by one");
    return;
  }
  const bits = variable === undefined ? undefined : lowerValue(frame, variable, bitType(32));
  requireVarbit(frame, data.type, bits !== undefined, span);
  const target = extractTarget(frame, data, argument);
  if (target === undefined) return;
  lowering.emit(
    bits === undefined ? { kind: "extract", target, span } : { kind: "extract", target, variableBits: bits, span },
  );
}

function requireVarbit(frame: Frame, type: StructType, given: boolean, span: CallExpression["span"]): void {
  const { semantics } = frame.lowering;
  const has = semantics.fieldsOf(type).some((field) => field.type.kind === "varbit");
  if (has === given) return;
  const name = type.declaration.name.text;
  if (has)
    frame.lowering.error(
      span,
      `${name} has a varbit, whose number of bits has to be said`,
      "write extract(header, bits)",
    );
  else frame.lowering.error(span, `${name} has no varbit that could take these bits`);
}

function extractTarget(frame: Frame, data: HeaderData, argument: Expression): ExtractTarget | undefined {
  const { reference } = data;
  if (data.next === true && reference.kind === "element") return { kind: "stack", stack: reference.stack };
  if (data.next === true && argument.kind === "member" && reference.kind === "instance") {
    // The instance is that of the first element; which one it becomes is found at run time.
    return { kind: "union_stack", stack: reference.name.replace(/\[\d+\].*$/, ""), member: argument.member.text };
  }
  if (reference.kind === "instance") return { kind: "regular", header: reference.name };
  frame.lowering.error(
    argument.span,
    "a packet is extracted into a header or the next one of a stack",
    "write stack.next",
  );
  return undefined;
}

/** Bits that lie ahead, as a value of a type. */
function lookahead(frame: Frame, type: Type, at: { offset: number }): Data {
  const shape = shapeOf(type);
  if (shape !== undefined) {
    const width = widthOf(shape);
    const value = scalar({ kind: "lookahead", offset: at.offset, width, shape });
    at.offset += width;
    return value;
  }
  const { semantics } = frame.lowering;
  if (type.kind === "tuple") {
    return {
      kind: "struct",
      fields: new Map(type.elements.map((element, index) => [String(index), lookahead(frame, element, at)])),
    };
  }
  if (type.kind !== "struct") return nothing;
  const fields = new Map(semantics.fieldsOf(type).map((field) => [field.name, lookahead(frame, field.type, at)]));
  return isHeader(type) ? { kind: "new-header", fields } : { kind: "struct", fields };
}

function lowerEmit(frame: Frame, data: Data, argument: Expression): void {
  const { lowering } = frame;
  for (const { data: leaf } of leavesOf(data)) {
    if (leaf.kind === "header" && leaf.reference.kind === "instance") {
      lowering.emit({ kind: "emit", header: leaf.reference.name, span: argument.span });
    } else {
      lowering.error(argument.span, "only headers, and structs, stacks and unions of headers, can be emitted");
    }
  }
}
