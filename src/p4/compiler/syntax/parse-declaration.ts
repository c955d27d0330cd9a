import type {
  Annotation,
  Direction,
  EnumMember,
  ExternDeclaration,
  FunctionDeclaration,
  InstanceDeclaration,
  MemberSetDeclaration,
  Name,
  Parameter,
  StructField,
  TopLevel,
  TypeSyntax,
} from "./ast.ts";
import { hasAnnotation, parseAnnotations } from "./parse-annotation.ts";
import { parseAction, parseControl, parseParser } from "./parse-control.ts";
import { parseArguments, parseExpression } from "./parse-expression.ts";
import { parseBlock, parseConstant } from "./parse-statement.ts";
import { parseType, parseTypeParameters } from "./parse-type.ts";
import type { TokenStream } from "./token-stream.ts";

/** One declaration of the outermost scope. */
export function parseTopLevel(tokens: TokenStream): TopLevel {
  const annotations = parseAnnotations(tokens);
  switch (tokens.next.kind === "keyword" ? tokens.next.text : "") {
    case "const":
      return parseConstant(tokens, annotations);
    case "extern":
      return parseExtern(tokens, annotations);
    case "action":
      return parseAction(tokens, annotations);
    case "parser":
      return parseParser(tokens, annotations);
    case "control":
      return parseControl(tokens, annotations);
    case "package":
      return parsePackage(tokens, annotations);
    case "struct":
    case "header":
    case "header_union":
      return parseStruct(tokens, annotations);
    case "enum":
      return parseEnum(tokens, annotations);
    case "typedef":
      return parseTypedef(tokens, annotations);
    case "error":
    case "match_kind":
      if (tokens.is("{", 1)) return parseMemberSet(tokens);
  }
  // `type` is a word of the language in this place only.
  if (tokens.is("type") && !tokens.is("(", 1)) return parseTypedef(tokens, annotations);
  return parseFunctionOrInstance(tokens, annotations);
}

/** `(direction type name, …)`. */
export function parseParameters(tokens: TokenStream): readonly Parameter[] {
  tokens.expect("(", "before the parameters");
  const parameters: Parameter[] = [];
  while (!tokens.is(")")) {
    parameters.push(parseParameter(tokens));
    if (!tokens.accept(",")) break;
  }
  tokens.expect(")", "after the parameters");
  return parameters;
}

function parseParameter(tokens: TokenStream): Parameter {
  const { span } = tokens.next;
  const annotations = parseAnnotations(tokens);
  const { text } = tokens.next;
  const direction: Direction = text === "in" || text === "out" || text === "inout" ? text : "none";
  if (direction !== "none") tokens.take();
  const type = parseType(tokens);
  const name = tokens.expectName("the name of a parameter");
  const fallback = tokens.accept("=") ? parseExpression(tokens) : undefined;
  const optional = hasAnnotation(annotations, "optional");
  const base = {
    kind: "parameter" as const,
    direction,
    type,
    name,
    annotations,
    optional,
    span: tokens.spanFrom(span),
  };
  return fallback === undefined ? base : { ...base, fallback };
}

/** `type(arguments) name;` */
export function parseInstance(tokens: TokenStream, annotations: readonly Annotation[]): InstanceDeclaration {
  const { span } = tokens.next;
  const type = parseType(tokens);
  const instanceArguments = parseArguments(tokens);
  return finishInstance(tokens, { annotations, span, type, arguments: instanceArguments });
}

function finishInstance(
  tokens: TokenStream,
  head: Pick<InstanceDeclaration, "annotations" | "span" | "type" | "arguments">,
): InstanceDeclaration {
  const name = tokens.expectName("the name of the instance");
  tokens.expect(";", "after the instance");
  return { kind: "instance", ...head, name, span: tokens.spanFrom(head.span) };
}

function parseFunctionOrInstance(tokens: TokenStream, annotations: readonly Annotation[]): TopLevel {
  const { span, kind } = tokens.next;
  if (kind === "punctuation" || kind === "integer" || kind === "string" || kind === "end") {
    throw tokens.fault("expected a declaration");
  }
  const type = parseType(tokens);
  if (tokens.is("(")) {
    const instanceArguments = parseArguments(tokens);
    return finishInstance(tokens, { annotations, span, type, arguments: instanceArguments });
  }
  const declared = finishFunction(tokens, annotations, type);
  const body = parseBlock(tokens, "before the body of the function");
  return { ...declared, body, span: tokens.spanFrom(span) };
}

/** The rest of a function behind its result type; the body, if any, is left. */
function finishFunction(
  tokens: TokenStream,
  annotations: readonly Annotation[],
  result: TypeSyntax,
): FunctionDeclaration {
  const name = tokens.expectName("the name of what is declared");
  const typeParameters = parseTypeParameters(tokens);
  const parameters = parseParameters(tokens);
  const span = tokens.spanFrom(result.span);
  return { kind: "function", annotations, result, name, typeParameters, parameters, span };
}

function parseExtern(tokens: TokenStream, annotations: readonly Annotation[]): TopLevel {
  const { span } = tokens.take();
  const isObject =
    tokens.next.kind === "identifier" &&
    (tokens.is("{", 1) ||
      tokens.looksLike(() => {
        tokens.take();
        parseTypeParameters(tokens);
        tokens.expect("{", "");
      }));
  if (!isObject) {
    const declared = parseMethod(tokens, annotations);
    return { ...declared, span: tokens.spanFrom(span) };
  }
  const name = tokens.expectName("the name of the extern");
  tokens.typeNames.add(name.text);
  const typeParameters = parseTypeParameters(tokens);
  tokens.expect("{", "before the methods of the extern");
  const methods: FunctionDeclaration[] = [];
  while (!tokens.is("}") && !tokens.atEnd) {
    const methodAnnotations = parseAnnotations(tokens);
    methods.push(
      tokens.next.text === name.text && tokens.is("(", 1)
        ? parseConstructor(tokens, methodAnnotations)
        : parseMethod(tokens, methodAnnotations),
    );
  }
  tokens.expect("}", "after the methods of the extern");
  return {
    kind: "extern",
    name,
    annotations,
    typeParameters,
    methods,
    span: tokens.spanFrom(span),
  } satisfies ExternDeclaration;
}

function parseMethod(tokens: TokenStream, annotations: readonly Annotation[]): FunctionDeclaration {
  // `T lookahead<T>()`: the result may be a type parameter that comes later.
  const declared = finishFunction(tokens, annotations, parseType(tokens));
  tokens.expect(";", "after the declaration of the function");
  return declared;
}

function parseConstructor(tokens: TokenStream, annotations: readonly Annotation[]): FunctionDeclaration {
  const name = tokens.expectName("a constructor");
  const parameters = parseParameters(tokens);
  tokens.expect(";", "after the constructor");
  const span = tokens.spanFrom(name.span);
  const result: TypeSyntax = { kind: "base-type", name: "void", span: name.span };
  return { kind: "function", annotations, result, name, typeParameters: [], parameters, span };
}

function parsePackage(tokens: TokenStream, annotations: readonly Annotation[]): TopLevel {
  const { span } = tokens.take();
  const name = tokens.expectName("the name of the package");
  tokens.typeNames.add(name.text);
  const typeParameters = parseTypeParameters(tokens);
  const constructorParameters = parseParameters(tokens);
  tokens.expect(";", "after the package");
  return { kind: "package", name, annotations, typeParameters, constructorParameters, span: tokens.spanFrom(span) };
}

function parseStruct(tokens: TokenStream, annotations: readonly Annotation[]): TopLevel {
  const { span, text } = tokens.take();
  const kind = text === "header" || text === "header_union" ? text : "struct";
  const name = tokens.expectName(`the name of the ${text}`);
  tokens.typeNames.add(name.text);
  const typeParameters = parseTypeParameters(tokens);
  tokens.expect("{", "before the fields");
  const fields: StructField[] = [];
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const field = tokens.recovering(
      () => parseField(tokens),
      () => false,
    );
    if (field !== undefined) fields.push(field);
  }
  tokens.expect("}", "after the fields");
  return { kind, name, annotations, typeParameters, fields, span: tokens.spanFrom(span) };
}

function parseField(tokens: TokenStream): StructField {
  const { span } = tokens.next;
  const annotations = parseAnnotations(tokens);
  const type = parseType(tokens);
  const name = tokens.expectName("the name of a field");
  tokens.expect(";", "after the field");
  return { annotations, type, name, span: tokens.spanFrom(span) };
}

function parseEnum(tokens: TokenStream, annotations: readonly Annotation[]): TopLevel {
  const { span } = tokens.take();
  const underlying =
    tokens.next.kind === "keyword" || tokens.peek(1).kind === "identifier" ? parseType(tokens) : undefined;
  const name = tokens.expectName("the name of the enumeration");
  tokens.typeNames.add(name.text);
  tokens.expect("{", "before the members");
  const members: EnumMember[] = [];
  while (!tokens.is("}")) {
    parseAnnotations(tokens);
    const member = tokens.expectName("the name of a member");
    const value = tokens.accept("=") ? parseExpression(tokens) : undefined;
    const base = { name: member, span: tokens.spanFrom(member.span) };
    members.push(value === undefined ? base : { ...base, value });
    if (!tokens.accept(",")) break;
  }
  tokens.expect("}", "after the members");
  const declared = { kind: "enum" as const, name, annotations, members, span: tokens.spanFrom(span) };
  return underlying === undefined ? declared : { ...declared, underlying };
}

function parseTypedef(tokens: TokenStream, annotations: readonly Annotation[]): TopLevel {
  const { span, text } = tokens.take();
  const type = parseType(tokens);
  const name = tokens.expectName("the name of the type");
  tokens.typeNames.add(name.text);
  tokens.expect(";", `after the ${text}`);
  return { kind: "typedef", distinct: text === "type", type, name, annotations, span: tokens.spanFrom(span) };
}

function parseMemberSet(tokens: TokenStream): MemberSetDeclaration {
  const { span, text } = tokens.take();
  tokens.expect("{", "before the members");
  const members: Name[] = [];
  while (!tokens.is("}")) {
    parseAnnotations(tokens);
    members.push(tokens.expectName("the name of a member"));
    if (!tokens.accept(",")) break;
  }
  tokens.expect("}", "after the members");
  return { kind: "member-set", set: text === "error" ? "error" : "match_kind", members, span: tokens.spanFrom(span) };
}
