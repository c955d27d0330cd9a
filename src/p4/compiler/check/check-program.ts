import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import type {
  ControlDeclaration,
  EnumDeclaration,
  ExternDeclaration,
  FunctionDeclaration,
  ParserDeclaration,
  Program,
  StructDeclaration,
  TopLevel,
  TypedefDeclaration,
} from "../syntax/ast.ts";
import { truncate } from "./integer-arithmetic.ts";
import { Context } from "./context.ts";
import { checkExpected } from "./expression.ts";
import { checkAction, checkInstance, checkLocals, declareParameters, warnAboutUnused } from "./locals.ts";
import { checkParserBody } from "./parser.ts";
import { resolveType, underlyingType } from "./resolve-type.ts";
import { Scope } from "./scope.ts";
import { Semantics } from "./semantics.ts";
import { checkBody, checkConstant, leaves } from "./statement.ts";
import { bitType, formatType, isHeader, storedType, type Type, unknownType } from "./types.ts";

/** Resolve names and types of a whole program. Everything that is wrong is reported; nothing is thrown. */
export function checkProgram(program: Program, diagnostics: Diagnostics): Semantics {
  const semantics = new Semantics(diagnostics);
  const context = new Context(semantics, new Scope());
  for (const declaration of program.declarations) checkTopLevel(context, declaration);
  return semantics;
}

function checkTopLevel(context: Context, declaration: TopLevel): void {
  switch (declaration.kind) {
    case "member-set": {
      const set = declaration.set === "error" ? context.semantics.errors : context.semantics.matchKinds;
      for (const { text, span } of declaration.members) {
        if (set.includes(text)) context.error(span, `${declaration.set} ${text} is declared twice`);
        else set.push(text);
      }
      return;
    }
    case "constant":
      checkConstant(context, declaration);
      return;
    case "struct":
    case "header":
    case "header_union":
      checkStruct(context, declaration);
      return;
    case "enum":
      checkEnum(context, declaration);
      return;
    case "typedef":
      checkTypedef(context, declaration);
      return;
    case "extern":
      checkExtern(context, declaration);
      return;
    case "function":
      checkFunction(context, declaration);
      return;
    case "action":
      checkAction(context, declaration);
      return;
    case "parser":
    case "control":
      checkBlockDeclaration(context, declaration);
      return;
    case "package": {
      context.declare(declaration);
      const inside = context.inner();
      for (const parameter of declaration.typeParameters) inside.declare(parameter);
      declareParameters(inside, declaration.constructorParameters);
      return;
    }
    case "instance":
      checkInstance(context, declaration);
      if (declaration.name.text === "main") context.semantics.main = declaration;
      return;
    case "variable":
    case "table":
    case "value-set":
    case "state":
    case "parameter":
    case "type-parameter":
      context.error(declaration.span, `there are no ${declaration.kind}s outside of parsers and controls`);
  }
}

function checkStruct(context: Context, declaration: StructDeclaration): void {
  const inside = context.inner();
  for (const parameter of declaration.typeParameters) inside.declare(parameter);
  const seen = new Set<string>();
  for (const field of declaration.fields) {
    const type = resolveType(inside, field.type);
    context.semantics.fieldTypes.set(field, type);
    if (seen.has(field.name.text))
      context.error(field.name.span, `${declaration.name.text} has two fields ${field.name.text}`);
    seen.add(field.name.text);
    if (!mayContain(declaration.kind, type)) {
      const kind = declaration.kind.replace("_", " ");
      context.error(field.type.span, `a ${kind} cannot have a field of type ${formatType(type)}`);
    }
  }
  context.declare(declaration);
}

function mayContain(kind: StructDeclaration["kind"], type: Type): boolean {
  if (type.kind === "unknown" || type.kind === "variable") return true;
  if (kind === "header_union") return isHeader(type);
  const stored = storedType(type);
  if (kind === "header") {
    if (stored.kind === "struct" && stored.declaration.kind === "struct") return true;
    return stored.kind === "bits" || stored.kind === "varbit" || stored.kind === "bool";
  }
  return ["struct", "bits", "varbit", "bool", "enum", "error", "stack", "tuple"].includes(stored.kind);
}

function checkEnum(context: Context, declaration: EnumDeclaration): void {
  const underlying = declaration.underlying === undefined ? undefined : underlyingType(context, declaration.underlying);
  const values = new Map<string, bigint>();
  for (const { name, value, span } of declaration.members) {
    if (values.has(name.text)) context.error(name.span, `${declaration.name.text} has two members ${name.text}`);
    let number = BigInt(values.size);
    if (value !== undefined) {
      const type = underlying ?? bitType(32);
      if (declaration.underlying === undefined) {
        context.error(
          value.span,
          "members have values only when the enumeration has a type",
          `write enum bit<8> ${declaration.name.text}`,
        );
      }
      checkExpected(context, value, type, "the value of a member");
      const known = context.constant(value, "the value of a member");
      if (typeof known === "bigint") number = truncate(known, type.width, type.signed);
    } else if (declaration.underlying !== undefined) {
      context.error(span, `${name.text} needs a value`, "every member of an enumeration with a type has one");
    }
    values.set(name.text, number);
  }
  const base = { kind: "enum" as const, declaration, values };
  context.declare(declaration, underlying === undefined ? base : { ...base, underlying });
}

function checkTypedef(context: Context, declaration: TypedefDeclaration): void {
  const type = resolveType(context, declaration.type);
  context.declare(
    declaration,
    declaration.distinct && type.kind !== "unknown" ? { kind: "new", declaration, base: type } : type,
  );
}

function checkExtern(context: Context, declaration: ExternDeclaration): void {
  // Methods and constructors may mention the extern itself.
  context.declare(declaration);
  const inside = context.inner();
  for (const parameter of declaration.typeParameters) inside.declare(parameter);
  for (const method of declaration.methods) checkSignature(inside, method);
}

/** The types of a function; returns where its parameters are known. */
function checkSignature(context: Context, declaration: FunctionDeclaration): { inside: Context; result: Type } {
  const inside = context.inner({ surroundings: "function" });
  for (const parameter of declaration.typeParameters) inside.declare(parameter);
  const result = resolveType(inside, declaration.result);
  declareParameters(inside, declaration.parameters);
  return { inside, result };
}

function checkFunction(context: Context, declaration: FunctionDeclaration): void {
  const { inside, result } = checkSignature(context, declaration);
  context.declare(declaration);
  if (declaration.body === undefined) return;
  checkBody(inside.inner({ result }), declaration.body);
  if (result.kind !== "void" && !leaves(declaration.body)) {
    context.error(declaration.name.span, `${declaration.name.text} does not always return a value`);
  }
}

function checkBlockDeclaration(context: Context, declaration: ParserDeclaration | ControlDeclaration): void {
  const inside = context.inner({ surroundings: declaration.kind });
  for (const parameter of declaration.typeParameters) inside.declare(parameter);
  declareParameters(inside, declaration.parameters);
  declareParameters(inside, declaration.constructorParameters);
  if (declaration.kind === "parser") {
    if (declaration.body !== undefined) {
      checkParserBody(inside, declaration, declaration.body);
      warnAboutUnused(context, declaration.body.locals);
    }
  } else if (declaration.body !== undefined) {
    const body = inside.inner();
    checkLocals(body, declaration.body.locals);
    checkBody(body, declaration.body.apply);
    warnAboutUnused(context, declaration.body.locals);
  }
  context.declare(declaration, unknownType);
}
