import type { ResolvedCall } from "../check/semantics.ts";
import { substitute, type Type } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Expression, Parameter } from "../syntax/ast.ts";
import { assign, invalidate } from "./assign.ts";
import { type Data, isStatic, leavesOf, overlap, placesOf, scalar } from "./data.ts";
import type { Environment } from "./environment.ts";
import { isData, lowerExpression, lowerTarget } from "./expression.ts";
import type { Frame } from "./lowering.ts";
import { pinned } from "./pinned.ts";
import { coerce, shapeOf } from "./value.ts";

interface BoundArgument {
  readonly parameter: Parameter;
  readonly type: Type;
  readonly data: Data;
}

/**
 * Bind the parameters of a call in an environment. A parameter becomes its argument itself where nobody can tell;
 * otherwise the argument is copied in, and back by the function that is returned.
 *
 * @param mayAlias - whether the callee sees the caller's variables, as an action does
 */
export function bindParameters(
  frame: Frame,
  call: Pick<ResolvedCall, "arguments" | "parameters" | "bindings">,
  environment: Environment,
  { mayAlias, span }: { readonly mayAlias: boolean; readonly span: Span },
): () => void {
  const { lowering } = frame;
  const bound: BoundArgument[] = [];
  call.parameters.forEach((parameter, index) => {
    const argument = call.arguments[index]?.value ?? parameter.fallback;
    const type = substitute(
      substitute(lowering.semantics.typeOfDeclaration(parameter), call.bindings),
      frame.environment.types,
    );
    if (argument === undefined) return;
    const instance = instanceOf(frame, argument);
    if (instance !== undefined) environment.bind(parameter, instance);
    else bound.push({ parameter, type, data: argumentOf(frame, argument, parameter, type) });
  });
  const places = bound.map(({ data }) => new Set(placesOf(data, lowering.storage.metadata)));
  const writes = bound.map(({ parameter }) => parameter.direction === "out" || parameter.direction === "inout");
  const copyBacks: (() => void)[] = [];
  bound.forEach(({ parameter, type, data }, index) => {
    const own = places[index] ?? new Set();
    const isConstant = own.size === 0 && data.kind === "scalar";
    const isShared = places.some(
      (other, at) => at !== index && (writes[at] === true || writes[index] === true) && overlap(own, other),
    );
    const isAlias = isConstant || (!mayAlias && !isShared && isStatic(data) && data.kind !== "new-header");
    const isWritten = writes[index] === true;
    if (isAlias) {
      environment.bind(parameter, data);
      if (parameter.direction === "out") clear(frame, data, span);
      return;
    }
    const place = isWritten ? pinned(lowering, data, span) : data;
    const copy = lowering.storage.allocate(parameter.name.text, type);
    environment.bind(parameter, copy.kind === "nothing" ? data : copy);
    if (copy.kind === "nothing") return;
    if (parameter.direction === "out") clear(frame, copy, span);
    else assign(frame, copy, place, span);
    if (isWritten && data.kind !== "nothing")
      copyBacks.push(() => {
        assign(frame, place, copy, span);
      });
  });
  return () => {
    for (const copyBack of copyBacks) copyBack();
  };
}

function argumentOf(frame: Frame, argument: Expression, parameter: Parameter, type: Type): Data {
  if (argument.kind === "dont-care") return frame.lowering.storage.allocate("ignored", type);
  if (parameter.direction === "out" || parameter.direction === "inout") return lowerTarget(frame, argument);
  const data = lowerExpression(frame, argument, type);
  const shape = shapeOf(type);
  return data.kind === "scalar" && shape !== undefined ? scalar(coerce(data.value, shape)) : data;
}

/** What is passed on as it is: packets, externs. */
function instanceOf(frame: Frame, argument: Expression): ReturnType<Environment["find"]> {
  if (argument.kind !== "path") return undefined;
  const declaration = frame.lowering.semantics.references.get(argument);
  const binding = declaration === undefined ? undefined : frame.environment.find(declaration);
  return binding === undefined || isData(binding) ? undefined : binding;
}

/** The headers of an out parameter are invalid at first. */
function clear(frame: Frame, data: Data, span: Span): void {
  for (const { data: leaf } of leavesOf(data)) if (leaf.kind === "header") invalidate(frame.lowering, leaf, span);
}
