import type { Span } from "../diagnostics/source-file.ts";
import type { Argument, Parameter } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { requireAssignable } from "./convert.ts";
import { checkExpression } from "./expression.ts";
import { requireAssignableTarget } from "./lvalue.ts";
import { formatType, sameType } from "./types.ts";
import type { Unifier } from "./unify.ts";

/** The argument of each parameter, by position or by name; faults in number and names are reported. */
export function bindArguments(
  context: Context,
  parameters: readonly Parameter[],
  given: readonly Argument[],
  span: Span,
  callee: string,
): readonly (Argument | undefined)[] {
  const bound = new Map<Parameter, Argument>();
  let position = 0;
  for (const argument of given) {
    const { name } = argument;
    const parameter =
      name === undefined ? parameters[position++] : parameters.find((candidate) => candidate.name.text === name.text);
    if (parameter === undefined) {
      checkExpression(context, argument.value);
      if (name === undefined) continue;
      context.unknownName(
        name.span,
        `parameter of ${callee}`,
        name.text,
        parameters.map((each) => each.name.text),
      );
      continue;
    }
    if (bound.has(parameter)) context.error(argument.span, `the parameter ${parameter.name.text} is given twice`);
    bound.set(parameter, argument);
  }
  const required = parameters.filter(({ optional, fallback }) => !optional && fallback === undefined);
  const missing = required.filter((parameter) => !bound.has(parameter));
  if (missing.length > 0 || position > parameters.length) {
    const expected =
      required.length === parameters.length ? String(required.length) : `${required.length} to ${parameters.length}`;
    const noun = expected === "1" ? "argument" : "arguments";
    const hint = missing.length === 0 ? undefined : `missing: ${missing.map(({ name }) => name.text).join(", ")}`;
    context.error(span, `${callee} takes ${expected} ${noun}, found ${given.length}`, hint);
  }
  return parameters.map((parameter) => bound.get(parameter));
}

/** Check bound arguments against the types and directions of their parameters. */
export function checkArguments(
  context: Context,
  unifier: Unifier,
  bound: readonly (Argument | undefined)[],
  parameters: readonly Parameter[],
): void {
  parameters.forEach((parameter, index) => {
    const argument = bound[index];
    if (argument !== undefined) checkArgument(context, unifier, argument, parameter);
  });
}

function checkArgument(context: Context, unifier: Unifier, { value }: Argument, parameter: Parameter): void {
  const declared = context.semantics.typeOfDeclaration(parameter);
  const wanted = unifier.apply(declared);
  const open = unifier.isOpen(wanted);
  const written = parameter.direction === "out" || parameter.direction === "inout";
  const found = checkExpression(context, value, open ? undefined : wanted);
  if (found.kind === "dont-care") {
    if (parameter.direction !== "out") context.error(value.span, "_ stands for out parameters only");
    return;
  }
  const what = `the argument ${parameter.name.text}`;
  if (wanted.kind === "block") {
    if (!unifier.unify(declared, found)) {
      const hint = "its parameters have to have these types and directions, in this order";
      context.error(
        value.span,
        `${what} is a ${wanted.declaration.kind} ${formatType(wanted)}, found ${formatType(found)}`,
        hint,
      );
    }
    return;
  }
  if (open) {
    if (!unifier.unify(wanted, found)) {
      context.error(value.span, `${what} is ${formatType(wanted)}, found ${formatType(found)}`);
    }
  } else if (written) {
    if (!sameType(found, wanted)) {
      context.error(value.span, `${what} is ${parameter.direction} ${formatType(wanted)}, found ${formatType(found)}`);
    }
  } else {
    // A type parameter that a bare number was taken for may still become wider.
    if (wanted.kind === "integer" && declared.kind === "variable" && found.kind === "bits")
      unifier.unify(declared, found);
    else requireAssignable(context, value, found, wanted, what);
  }
  if (written && found.kind !== "unknown") requireAssignableTarget(context, value, `${parameter.direction} argument`);
}
