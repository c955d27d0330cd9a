import type {
  ActionDeclaration,
  InstanceDeclaration,
  LocalDeclaration,
  Parameter,
  ValueSetDeclaration,
} from "../syntax/ast.ts";
import { hasAnnotation } from "../syntax/parse-annotation.ts";
import { checkConstruction } from "./call.ts";
import type { Context } from "./context.ts";
import { checkExpected, checkExpression } from "./expression.ts";
import { resolveType } from "./resolve-type.ts";
import { checkStoredHeaders } from "./stored-headers.ts";
import { checkBody, checkConstant, checkVariable } from "./statement.ts";
import { checkTable } from "./table.ts";
import { formatType, type Type } from "./types.ts";

/** What is declared in a parser or control, in order; what is never mentioned is warned about by whoever ends the scope. */
export function checkLocals(context: Context, locals: readonly LocalDeclaration[]): void {
  for (const local of locals) {
    switch (local.kind) {
      case "variable":
        checkVariable(context, local);
        break;
      case "constant":
        checkConstant(context, local);
        break;
      case "instance":
        checkInstance(context, local);
        break;
      case "action":
        checkAction(context, local);
        break;
      case "table":
        checkTable(context, local);
        break;
      case "value-set":
        checkValueSet(context, local);
        break;
    }
  }
}

/** Report what is declared and never mentioned. `@noWarn("unused")` silences that. */
export function warnAboutUnused(context: Context, locals: readonly LocalDeclaration[]): void {
  for (const local of locals) {
    if (context.semantics.used.has(local) || hasAnnotation(local.annotations, "noWarn") || local.kind === "constant")
      continue;
    if (local.kind === "instance" && local.name.text === "") continue;
    context.diagnostics.warn(local.name.span, `the ${local.kind.replace("-", " ")} ${local.name.text} is never used`);
  }
}

/** Parameters: types and names. Their scope is that of the context. */
export function declareParameters(context: Context, parameters: readonly Parameter[]): void {
  for (const parameter of parameters) {
    const type = resolveType(context, parameter.type);
    if (parameter.fallback !== undefined) {
      checkExpected(context, parameter.fallback, type, `the value of ${parameter.name.text}`);
      context.constant(parameter.fallback, `the value of ${parameter.name.text}`);
    }
    checkStoredHeaders(context.semantics, type);
    context.declare(parameter, type);
  }
}

/** An action: its parameters with a direction come first, then those that the control plane gives. */
export function checkAction(context: Context, action: ActionDeclaration): void {
  const inside = context.inner({ surroundings: "action" });
  declareParameters(inside, action.parameters);
  let directionless: Parameter | undefined;
  for (const parameter of action.parameters) {
    if (parameter.direction === "none") directionless = parameter;
    else if (directionless !== undefined) {
      context.error(
        parameter.span,
        `${parameter.name.text} has a direction and stands behind ${directionless.name.text}, which has none`,
        "parameters without a direction come last",
      );
    }
  }
  checkBody(inside, action.body);
  context.declare(action);
}

/** An instance of an extern, parser, control or package. */
export function checkInstance(context: Context, instance: InstanceDeclaration): void {
  const { type: syntax } = instance;
  if (syntax.kind !== "named-type") {
    context.error(syntax.span, "only externs, parsers, controls and packages have instances");
    return;
  }
  const [declaration] = context.scope.find(syntax.name.text);
  if (declaration === undefined) {
    context.unknownName(syntax.name.span, "extern, parser or control", syntax.name.text, context.scope.names());
    for (const { value } of instance.arguments) checkExpression(context, value);
    context.declare(instance);
    return;
  }
  context.semantics.used.add(declaration);
  const isConstructible =
    declaration.kind === "extern" ||
    declaration.kind === "parser" ||
    declaration.kind === "control" ||
    declaration.kind === "package";
  if (!isConstructible) {
    context.error(
      syntax.span,
      `${syntax.name.text} has no instances: it is a ${declaration.kind.replace(/[-_]/g, " ")}`,
    );
    context.declare(instance);
    return;
  }
  if ((declaration.kind === "parser" || declaration.kind === "control") && declaration.body === undefined) {
    context.error(syntax.span, `${syntax.name.text} is the type of a ${declaration.kind} and has no instances`);
  }
  const types = syntax.arguments.map((argument) => resolveType(context, argument));
  const { call, type } = checkConstruction(context, declaration, types, instance.arguments, instance.span);
  context.semantics.instances.set(instance, call);
  context.declare(instance, type);
}

function checkValueSet(context: Context, declaration: ValueSetDeclaration): void {
  const element = resolveType(context, declaration.type);
  checkExpression(context, declaration.size);
  context.constant(declaration.size, "the size of a value set");
  if (!isSelectable(context, element))
    context.error(declaration.type.span, `there are no value sets of ${formatType(element)}`);
  context.declare(declaration, { kind: "set", element });
}

function isSelectable(context: Context, type: Type): boolean {
  if (type.kind === "struct")
    return context.semantics.fieldsOf(type).every((field) => isSelectable(context, field.type));
  if (type.kind === "tuple") return type.elements.every((element) => isSelectable(context, element));
  return ["bits", "enum", "new", "bool", "unknown"].includes(type.kind);
}
