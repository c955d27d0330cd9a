import type { Declaration, Expression, NamedTypeSyntax, TypeParameter, TypeSyntax } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { checkExpression } from "./expression.ts";
import { bitType, type BitType, isHeader, isUnion, type Type, unknownType } from "./types.ts";

/** No wider than this: BMv2 keeps the width of a field in 32 bits, and nobody means more. */
const widestField = 65_536;
const largestStack = 1024;

/** The type that is written there; `unknown`, and reported, when there is none. */
export function resolveType(context: Context, syntax: TypeSyntax): Type {
  const known = context.semantics.syntaxTypes.get(syntax);
  if (known !== undefined) return known;
  const type = resolve(context, syntax);
  context.semantics.syntaxTypes.set(syntax, type);
  return type;
}

function resolve(context: Context, syntax: TypeSyntax): Type {
  switch (syntax.kind) {
    case "base-type":
      switch (syntax.name) {
        case "bit":
        case "int":
        case "varbit":
          return resolveWidth(context, syntax.name, syntax.width);
        default:
          return { kind: syntax.name };
      }
    case "tuple-type":
      return { kind: "tuple", elements: syntax.elements.map((element) => resolveType(context, element)) };
    case "stack-type": {
      const element = resolveType(context, syntax.element);
      const size = numberOf(context, syntax.size, "the size of a stack");
      if (element.kind !== "unknown" && !isHeader(element) && !isUnion(element)) {
        return context.error(syntax.element.span, "only headers and unions can be stacked");
      }
      if (size === undefined) return unknownType;
      if (size < 1 || size > largestStack) {
        return context.error(syntax.size.span, `a stack has from 1 to ${largestStack} elements, found ${size}`);
      }
      return { kind: "stack", element, size };
    }
    case "dont-care-type":
      return { kind: "dont-care" };
    case "named-type":
      return resolveName(context, syntax);
  }
}

function resolveWidth(context: Context, name: "bit" | "int" | "varbit", expression: Expression | undefined): Type {
  if (expression === undefined) return name === "bit" ? bitType(1) : name === "int" ? { kind: "integer" } : unknownType;
  const width = numberOf(context, expression, "a width");
  if (width === undefined) return unknownType;
  const least = name === "int" ? 1 : 0;
  if (width < least || width > widestField) {
    return context.error(expression.span, `a width is from ${least} to ${widestField} bits, found ${width}`);
  }
  return name === "varbit" ? { kind: "varbit", width } : bitType(width, name === "int");
}

function numberOf(context: Context, expression: Expression, what: string): number | undefined {
  checkExpression(context, expression);
  const value = context.constant(expression, what);
  if (value === undefined) return undefined;
  if (typeof value === "bigint") return Number(value);
  context.error(expression.span, `${what} is a number`);
  return undefined;
}

function resolveName(context: Context, syntax: NamedTypeSyntax): Type {
  const { text, span } = syntax.name;
  const typeArguments = syntax.arguments.map((argument) => resolveType(context, argument));
  const [declaration] = context.scope.find(text);
  if (declaration === undefined) {
    return context.unknownName(
      span,
      "type",
      text,
      [...context.scope.names()].filter((name) => isTypeName(context, name)),
    );
  }
  context.semantics.used.add(declaration);
  const type = typeOfName(context, declaration, typeArguments);
  if (type === undefined) return context.error(span, `${text} is no type`);
  const expected = typeParametersOf(declaration).length;
  if (typeArguments.length > 0 && typeArguments.length !== expected) {
    return context.error(syntax.span, `${text} takes ${expected} type arguments, found ${typeArguments.length}`);
  }
  if (typeArguments.length === 0 && expected > 0 && type.kind === "struct") {
    return context.error(syntax.span, `${text} takes ${expected} type arguments, found none`);
  }
  return type;
}

/** The type that a declaration stands for, when it is one of a type. */
export function typeOfName(
  context: Context,
  declaration: Declaration,
  typeArguments: readonly Type[],
): Type | undefined {
  switch (declaration.kind) {
    case "struct":
    case "header":
    case "header_union":
      return { kind: "struct", declaration, arguments: typeArguments };
    case "enum":
    case "typedef":
      return context.semantics.typeOfDeclaration(declaration);
    case "type-parameter":
      return { kind: "variable", parameter: declaration };
    case "extern":
      return { kind: "extern", declaration, arguments: typeArguments };
    case "parser":
    case "control":
      return { kind: "block", declaration, arguments: typeArguments };
    case "package":
      return { kind: "package", declaration, arguments: typeArguments };
    default:
      return undefined;
  }
}

/** The type parameters of a declaration that can have some. */
function typeParametersOf(declaration: Declaration): readonly TypeParameter[] {
  return "typeParameters" in declaration ? declaration.typeParameters : [];
}

/** The type of a serializable enumeration's values, checked. */
export function underlyingType(context: Context, syntax: TypeSyntax): BitType | undefined {
  const type = resolveType(context, syntax);
  if (type.kind === "bits") return type;
  if (type.kind !== "unknown")
    context.error(syntax.span, "the values of an enumeration are of a type bit<w> or int<w>");
  return undefined;
}

function isTypeName(context: Context, name: string): boolean {
  const [declaration] = context.scope.find(name);
  return declaration !== undefined && typeOfName(context, declaration, []) !== undefined;
}
