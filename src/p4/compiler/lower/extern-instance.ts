import type { ResolvedCall } from "../check/semantics.ts";
import { bitType, type Type } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Expression, ExternDeclaration } from "../syntax/ast.ts";
import type { ExternInstance } from "./environment.ts";
import { lowerValue } from "./expression.ts";
import { type Frame, typeOf } from "./lowering.ts";
import { constant, knownValue, shapeOf, type Shape, type Value, widthOf } from "./value.ts";

/** Make an instance of an extern of v1model, with the array or profile behind it. */
export function createExtern(
  frame: Frame,
  declaration: ExternDeclaration,
  call: ResolvedCall,
  givenName: string,
  span: Span,
): ExternInstance {
  const name = frame.lowering.uniqueName(declaration.name.text, givenName);
  const { resources } = frame.lowering;
  const number = (index: number): number => numberArgument(frame, call, index);
  switch (declaration.name.text) {
    case "counter":
      resources.counters.push({ name, size: number(0), isDirect: false, span });
      break;
    case "direct_counter":
      resources.counters.push({ name, size: 0, isDirect: true, span });
      break;
    case "meter":
      resources.meters.push({ name, size: number(0), isDirect: false, type: meterType(frame, call, 1), span });
      break;
    case "direct_meter":
      resources.meters.push({ name, size: 0, isDirect: true, type: meterType(frame, call, 0), span });
      break;
    case "register":
      resources.registers.push({ name, size: number(0), width: cellWidth(frame, declaration, call, span), span });
      if (call.arguments.length > 1) {
        frame.lowering.error(span, "BMv2 starts registers at 0", "leave out the initial value");
      }
      break;
    case "action_profile":
      resources.profiles.push({ name, size: number(0), span });
      break;
    case "action_selector": {
      const algorithm = algorithmOf(frame, call.arguments[0]?.value) ?? "crc16";
      resources.profiles.push({ name, size: number(1), selector: { algorithm, inputs: [] }, span });
      break;
    }
    default:
      frame.lowering.error(
        span,
        `v1model has no extern ${declaration.name.text}`,
        "externs of your own have no implementation in BMv2",
      );
  }
  return { kind: "extern", declaration, name, types: call.bindings, call };
}

function numberArgument(frame: Frame, call: ResolvedCall, index: number): number {
  const value = call.arguments[index]?.value;
  return value === undefined ? 0 : Number(knownValue(lowerValue(frame, value)) ?? 0n);
}

function meterType(frame: Frame, call: ResolvedCall, index: number): "packets" | "bytes" {
  return memberOf(frame, call.arguments[index]?.value) === "bytes" ? "bytes" : "packets";
}

function cellWidth(frame: Frame, declaration: ExternDeclaration, call: ResolvedCall, span: Span): number {
  const [parameter] = declaration.typeParameters;
  const type: Type | undefined = parameter === undefined ? undefined : call.bindings.get(parameter);
  const shape: Shape | undefined = type === undefined ? undefined : shapeOf(type);
  if (shape?.kind === "bits" || shape?.kind === "bool") return widthOf(shape);
  frame.lowering.error(span, "cells of a register are of a type bit<w>, int<w> or bool");
  return 32;
}

/** The name of the member of an enumeration that an expression comes to. */
export function memberOf(frame: Frame, expression: Expression | undefined): string | undefined {
  if (expression === undefined) return undefined;
  const type = typeOf(frame, expression);
  const known = knownValue(lowerValue(frame, expression));
  if (type.kind !== "enum" || known === undefined) return undefined;
  return [...type.values].find(([, value]) => value === known)?.[0];
}

/** The name that BMv2 has for a HashAlgorithm. */
export function algorithmOf(frame: Frame, expression: Expression | undefined): string | undefined {
  const name = memberOf(frame, expression);
  if (name === undefined && expression !== undefined) {
    frame.lowering.error(expression.span, "the algorithm has to be known when the program is compiled");
  }
  if (name === "random" && expression !== undefined) {
    frame.lowering.error(expression.span, "BMv2 has no algorithm random", "use crc16 or crc32");
  }
  return name;
}

/** A 32-bit constant. */
export function word(value: number): Value {
  return constant(BigInt(value), bitType(32));
}
