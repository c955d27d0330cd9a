import { nameHint } from "../diagnostics/name-hint.ts";
import type { Argument, CallExpression, Expression, FunctionDeclaration, Parameter } from "../syntax/ast.ts";
import { bindArguments, checkArguments } from "./arguments.ts";
import { builtinCall } from "./builtin.ts";
import type { Context } from "./context.ts";
import { checkExpression } from "./expression.ts";
import { resolveType, typeOfName } from "./resolve-type.ts";
import type { CallTarget, Constructible, ResolvedCall } from "./semantics.ts";
import { formatType, substitute, type Type, unknownType, voidType } from "./types.ts";
import { bindingsOf, Unifier } from "./unify.ts";

/** The type of what a call gives back; what is called is recorded. */
export function checkCall(context: Context, call: CallExpression): Type {
  const { callee } = call;
  if (callee.kind === "member") return checkMethod(context, call, callee.base, callee.member.text);
  if (callee.kind !== "path") {
    checkRest(context, call);
    return context.error(callee.span, "only functions, actions, methods and constructors can be called");
  }
  const candidates = (callee.global ? context.scope.root : context.scope).find(callee.name);
  const [first] = candidates;
  if (first === undefined) {
    checkRest(context, call);
    return context.unknownName(callee.span, "function or action", callee.name, context.scope.names());
  }
  for (const candidate of candidates) context.semantics.used.add(candidate);
  context.semantics.references.set(callee, first);
  switch (first.kind) {
    case "function": {
      const functions = candidates.filter((candidate) => candidate.kind === "function");
      const declaration = chooseOverload(functions, call.arguments);
      return finish(context, call, { kind: "function", declaration }, declaration);
    }
    case "action":
      return finish(
        context,
        call,
        { kind: "action", declaration: first },
        { ...first, typeParameters: [], result: undefined },
      );
    case "extern":
    case "parser":
    case "control":
    case "package":
      return construct(context, call, first);
    default:
      checkRest(context, call);
      return context.error(callee.span, `${callee.name} is a ${first.kind.replace(/[-_]/g, " ")} and cannot be called`);
  }
}

/** The type of a new instance, and its constructor call resolved. */
export function checkConstruction(
  context: Context,
  declaration: Constructible,
  typeArguments: readonly Type[],
  given: readonly Argument[],
  span: Expression["span"],
): { readonly call: ResolvedCall; readonly type: Type } {
  const constructors = declaration.kind === "extern" ? constructorsOf(declaration) : undefined;
  const chosen =
    constructors === undefined || constructors.length === 0 ? undefined : chooseOverload(constructors, given);
  const parameters =
    chosen?.parameters ?? ("constructorParameters" in declaration ? declaration.constructorParameters : []);
  const own = declaration.typeParameters;
  const unifier = new Unifier(context.semantics, own);
  own.forEach((parameter, index) => {
    const type = typeArguments[index];
    if (type !== undefined) unifier.bindings.set(parameter, type);
  });
  const bound = bindArguments(context, parameters, given, span, declaration.name.text);
  checkArguments(context, unifier, bound, parameters);
  for (const argument of given) requireCompileTime(context, argument.value);
  const result = unifier.apply(
    typeOfName(
      context,
      declaration,
      own.map((parameter) => ({ kind: "variable", parameter })),
    ) ?? unknownType,
  );
  if (unifier.isOpen(result) && declaration.kind !== "package") {
    const names = own.map(({ name }) => name.text).join(", ");
    context.error(
      span,
      `what ${names} of ${declaration.name.text} stands for has to be said`,
      `write ${declaration.name.text}<…>`,
    );
  }
  const target: CallTarget = { kind: "constructor", declaration };
  return { call: { target, arguments: bound, parameters, bindings: unifier.bindings, result }, type: result };
}

/** Numbers, enumeration members, instances: what an instance is made from is known when the program is compiled. */
function requireCompileTime(context: Context, value: Expression): void {
  const type = context.semantics.typeOf(value);
  if (value.kind !== "path" || (type.kind !== "bits" && type.kind !== "bool")) return;
  const declaration = context.semantics.references.get(value);
  if (declaration?.kind === "variable" || (declaration?.kind === "parameter" && declaration.direction !== "none")) {
    context.error(
      value.span,
      `${value.name} is not known when the program is compiled`,
      "instances are made from constants",
    );
  }
}

function construct(context: Context, call: CallExpression, declaration: Constructible): Type {
  const types = call.typeArguments.map((syntax) => resolveType(context, syntax));
  const { call: resolved, type } = checkConstruction(context, declaration, types, call.arguments, call.span);
  context.semantics.calls.set(call, resolved);
  return type;
}

function checkMethod(context: Context, call: CallExpression, base: Expression, name: string): Type {
  const applied = base.kind === "path" && name === "apply" ? blockNamed(context, base) : undefined;
  const type = applied ?? checkExpression(context, base);
  if (applied !== undefined) context.semantics.types.set(base, applied);
  if (type.kind === "unknown") {
    checkRest(context, call);
    return type;
  }
  if (type.kind === "block" && name === "apply") {
    const { declaration } = type;
    const bindings = bindingsOf(declaration, type.arguments);
    return finish(
      context,
      call,
      { kind: "apply", base },
      { ...declaration, typeParameters: [], result: undefined },
      bindings,
    );
  }
  if (type.kind === "extern") {
    const methods = type.declaration.methods.filter((method) => method.name.text === name);
    if (methods.length > 0) {
      const declaration = chooseOverload(methods, call.arguments);
      const target: CallTarget = { kind: "method", base, declaration, extern: type.declaration };
      return finish(context, call, target, declaration, bindingsOf(type.declaration, type.arguments));
    }
    checkRest(context, call);
    const names = type.declaration.methods
      .map((method) => method.name.text)
      .filter((method) => method !== type.declaration.name.text);
    return context.error(
      calleeSpan(call),
      `${formatType(type)} has no method ${JSON.stringify(name)}`,
      nameHint(name, names),
    );
  }
  const result = builtinCall(context, call, base, type, name);
  if (result !== undefined) return result;
  checkRest(context, call);
  return context.error(
    calleeSpan(call),
    `${formatType(type)} has no method ${JSON.stringify(name)}`,
    nameHint(name, ["apply", "isValid", "setValid", "setInvalid", "push_front", "pop_front"]),
  );
}

/** `SomeControl.apply(…)`: an instance without a name. */
function blockNamed(context: Context, base: Extract<Expression, { kind: "path" }>): Type | undefined {
  const [declaration] = context.scope.find(base.name);
  if (declaration?.kind !== "parser" && declaration?.kind !== "control") return undefined;
  context.semantics.references.set(base, declaration);
  context.semantics.used.add(declaration);
  return { kind: "block", declaration, arguments: [] };
}

interface Signature {
  readonly name: { readonly text: string };
  readonly typeParameters: FunctionDeclaration["typeParameters"];
  readonly parameters: readonly Parameter[];
  readonly result: FunctionDeclaration["result"] | undefined;
}

/** Check arguments, find type parameters, record the call. */
function finish(
  context: Context,
  call: CallExpression,
  target: CallTarget,
  { name, typeParameters, parameters, result }: Signature,
  outer: ResolvedCall["bindings"] = new Map(),
): Type {
  const unifier = new Unifier(context.semantics, typeParameters);
  for (const [parameter, type] of outer) unifier.bindings.set(parameter, type);
  if (call.typeArguments.length > 0) {
    if (call.typeArguments.length !== typeParameters.length) {
      context.error(
        call.span,
        `${name.text} takes ${typeParameters.length} type arguments, found ${call.typeArguments.length}`,
      );
    }
    typeParameters.forEach((parameter, index) => {
      const syntax = call.typeArguments[index];
      if (syntax === undefined) return;
      const type = resolveType(context, syntax);
      if (type.kind !== "dont-care") unifier.bindings.set(parameter, type);
    });
  }
  const bound = bindArguments(context, parameters, call.arguments, call.span, name.text);
  checkArguments(context, unifier, bound, parameters);
  const declared = result === undefined ? voidType : (context.semantics.syntaxTypes.get(result) ?? unknownType);
  const type = substitute(declared, unifier.bindings);
  if (unifier.isOpen(type)) {
    return context.error(
      call.span,
      `what ${formatType(type)} stands for cannot be told from the arguments`,
      `write ${name.text}<type>(…)`,
    );
  }
  context.semantics.calls.set(call, { target, arguments: bound, parameters, bindings: unifier.bindings, result: type });
  return type;
}

/** The function of a name that takes these arguments, judged by their number and names; else the first. */
function chooseOverload(candidates: readonly FunctionDeclaration[], given: readonly Argument[]): FunctionDeclaration {
  const [first] = candidates;
  if (first === undefined) throw new RangeError("an overload of nothing");
  return candidates.find(({ parameters }) => accepts(parameters, given)) ?? first;
}

function accepts(parameters: readonly Parameter[], given: readonly Argument[]): boolean {
  const required = parameters.filter(({ optional, fallback }) => !optional && fallback === undefined).length;
  return (
    given.length >= required &&
    given.length <= parameters.length &&
    given.every(({ name }) => name === undefined || parameters.some((parameter) => parameter.name.text === name.text))
  );
}

function constructorsOf({ name, methods }: Extract<Constructible, { kind: "extern" }>): readonly FunctionDeclaration[] {
  return methods.filter((method) => method.name.text === name.text);
}

function calleeSpan({ callee }: CallExpression): Expression["span"] {
  return callee.kind === "member" ? callee.member.span : callee.span;
}

/** What is wrong with a call is no reason to leave its arguments unread. */
function checkRest(context: Context, call: CallExpression): void {
  for (const { value } of call.arguments) checkExpression(context, value);
}
