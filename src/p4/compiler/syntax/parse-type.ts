import type { NamedTypeSyntax, TypeParameter, TypeSyntax } from "./ast.ts";
import { parseExpression } from "./parse-expression.ts";
import type { TokenStream } from "./token-stream.ts";

const baseTypes: ReadonlySet<string> = new Set(["bool", "string", "error", "match_kind", "void"]);

/** Whether the next token is a keyword that begins a type. */
export function startsType(tokens: TokenStream): boolean {
  const { kind, text } = tokens.next;
  return kind === "keyword" && (baseTypes.has(text) || ["bit", "int", "varbit", "tuple"].includes(text));
}

/** A type, with the `[n]` of stacks. */
export function parseType(tokens: TokenStream): TypeSyntax {
  return tokens.nested(() => {
    let type = parsePlainType(tokens);
    while (tokens.is("[")) {
      tokens.take();
      const size = parseExpression(tokens);
      tokens.expect("]", "after the size of the stack");
      type = { kind: "stack-type", element: type, size, span: tokens.spanFrom(type.span) };
    }
    return type;
  });
}

function parsePlainType(tokens: TokenStream): TypeSyntax {
  const { text, kind, span } = tokens.next;
  if (kind === "keyword") {
    if (text === "bit" || text === "int" || text === "varbit") {
      tokens.take();
      return parseWidth(tokens, text, span);
    }
    if (text === "bool" || text === "string" || text === "error" || text === "match_kind" || text === "void") {
      tokens.take();
      return { kind: "base-type", name: text, span };
    }
    if (text === "tuple") {
      tokens.take();
      const elements = parseTypeArguments(tokens);
      return { kind: "tuple-type", elements, span: tokens.spanFrom(span) };
    }
    if (text === "_") {
      tokens.take();
      return { kind: "dont-care-type", span };
    }
  }
  return parseNamedType(tokens);
}

function parseWidth(tokens: TokenStream, name: "bit" | "int" | "varbit", span: TypeSyntax["span"]): TypeSyntax {
  if (!tokens.is("<")) return { kind: "base-type", name, span };
  tokens.take();
  // Anything but a number or a name is put into parentheses there.
  const width = tokens.is("(") || tokens.next.kind === "integer" ? parseWidthExpression(tokens) : parsePath(tokens);
  tokens.expect(">", "after the width");
  return { kind: "base-type", name, width, span: tokens.spanFrom(span) };
}

function parseWidthExpression(tokens: TokenStream): ReturnType<typeof parseExpression> {
  const { integer, span } = tokens.next;
  if (integer !== undefined) {
    tokens.take();
    return { kind: "integer", literal: integer, span };
  }
  tokens.expect("(", "before the width");
  const width = parseExpression(tokens);
  tokens.expect(")", "after the width");
  return width;
}

function parsePath(tokens: TokenStream): ReturnType<typeof parseExpression> {
  const { text, span } = tokens.expectName("a width");
  return { kind: "path", name: text, global: false, span };
}

/** A type that is a name, perhaps with arguments. */
function parseNamedType(tokens: TokenStream): NamedTypeSyntax {
  const first = tokens.next.span;
  tokens.accept(".");
  const name = tokens.expectName("a type");
  const typeArguments = tokens.is("<") ? parseTypeArguments(tokens) : [];
  return { kind: "named-type", name, arguments: typeArguments, span: tokens.spanFrom(first) };
}

/** `<type, …>`. */
export function parseTypeArguments(tokens: TokenStream): readonly TypeSyntax[] {
  tokens.expect("<", "before the type arguments");
  const types: TypeSyntax[] = [];
  while (!tokens.is(">")) {
    types.push(parseType(tokens));
    if (!tokens.accept(",")) break;
  }
  tokens.expect(">", "after the type arguments");
  return types;
}

/** `<T, U>`, or nothing. */
export function parseTypeParameters(tokens: TokenStream): readonly TypeParameter[] {
  if (!tokens.accept("<")) return [];
  const parameters: TypeParameter[] = [];
  do {
    const name = tokens.expectName("the name of a type parameter");
    tokens.typeNames.add(name.text);
    parameters.push({ kind: "type-parameter", name, annotations: [], span: name.span });
  } while (tokens.accept(","));
  tokens.expect(">", "after the type parameters");
  return parameters;
}
