import type { ResolvedCall } from "../check/semantics.ts";
import type { CallExpression } from "../syntax/ast.ts";
import { algorithmOf } from "./extern-instance.ts";
import { lowerTarget, lowerValue } from "./expression.ts";
import { calculationInputs } from "./lists.ts";
import type { Frame } from "./lowering.ts";

/** `verify_checksum`, `update_checksum`, and both `_with_payload`. */
export function lowerChecksum(frame: Frame, name: string, call: ResolvedCall, { span }: CallExpression): void {
  const { lowering, surroundings } = frame;
  const update = name.startsWith("update");
  const [condition, data, checksum, algorithm] = call.arguments.map((argument) => argument?.value);
  if (condition === undefined || data === undefined || checksum === undefined) return;
  if (surroundings !== (update ? "compute" : "verify")) {
    lowering.error(span, `${name} has a meaning in the control ${update ? "ComputeChecksum" : "VerifyChecksum"} only`);
    return;
  }
  const test = lowerValue(frame, condition);
  const inputs = [...calculationInputs(frame, data)];
  if (name.endsWith("_with_payload")) inputs.push({ kind: "payload" });
  const target = lowerTarget(frame, checksum);
  if (target.kind !== "scalar" || target.value.kind !== "field") {
    lowering.error(checksum.span, "the checksum is a field of a header");
    return;
  }
  const calculation = lowering.uniqueName("calculation", "calc");
  lowering.resources.calculations.push({
    name: calculation,
    algorithm: algorithmOf(frame, algorithm) ?? "csum16",
    inputs,
    span,
  });
  lowering.emit({ kind: "checksum", update, condition: test, target: target.value, calculation, span });
}
