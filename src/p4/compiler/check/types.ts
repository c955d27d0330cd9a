import type {
  ControlDeclaration,
  EnumDeclaration,
  ExternDeclaration,
  PackageDeclaration,
  ParserDeclaration,
  StructDeclaration,
  TableDeclaration,
  TypedefDeclaration,
  TypeParameter,
} from "../syntax/ast.ts";

/** A type of P4-16, names resolved. */
export type Type =
  | BitType
  | { readonly kind: "varbit"; readonly width: number }
  | { readonly kind: SimpleKind }
  | { readonly kind: "variable"; readonly parameter: TypeParameter }
  | StructType
  | StackType
  | EnumType
  | NewType
  | TupleType
  | RecordType
  | ExternType
  | BlockType
  | { readonly kind: "package"; readonly declaration: PackageDeclaration; readonly arguments: readonly Type[] }
  | { readonly kind: "table"; readonly declaration: TableDeclaration }
  | { readonly kind: "apply-result"; readonly table: TableDeclaration }
  | { readonly kind: "action-run"; readonly table: TableDeclaration }
  | { readonly kind: "set"; readonly element: Type };

/** `bit<width>`, or `int<width>` when signed. */
export interface BitType {
  readonly kind: "bits";
  readonly width: number;
  readonly signed: boolean;
}

/**
 * Types without parts. `integer` is the type of numbers without a width, `dont-care` that of `_`, and `unknown` stands
 * for what has been complained about already: nothing is said about it again.
 */
export type SimpleKind =
  "integer" | "bool" | "string" | "error" | "match_kind" | "void" | "dont-care" | "invalid-header" | "unknown";

/** A struct, header or union. */
export interface StructType {
  readonly kind: "struct";
  readonly declaration: StructDeclaration;
  readonly arguments: readonly Type[];
}

/** A struct type whose declaration is of a header. */
export type HeaderType = StructType & { readonly declaration: { readonly kind: "header" } };
/** A struct type whose declaration is of a header union. */
export type UnionType = StructType & { readonly declaration: { readonly kind: "header_union" } };

/** A header stack (or one of unions). */
export interface StackType {
  readonly kind: "stack";
  readonly element: Type;
  readonly size: number;
}

/** An enumeration; `underlying` of a serializable one. */
export interface EnumType {
  readonly kind: "enum";
  readonly declaration: EnumDeclaration;
  readonly underlying?: BitType;
  readonly values: ReadonlyMap<string, bigint>;
}

/** What `type` declares. */
export interface NewType {
  readonly kind: "new";
  readonly declaration: TypedefDeclaration;
  readonly base: Type;
}

/** A tuple, or a list of values that has yet to become something. */
export interface TupleType {
  readonly kind: "tuple";
  readonly elements: readonly Type[];
}

/** `{ a = 1, b = 2 }` that has yet to become a struct. */
export interface RecordType {
  readonly kind: "record";
  readonly fields: ReadonlyMap<string, Type>;
}

/** An instance of an extern. */
export interface ExternType {
  readonly kind: "extern";
  readonly declaration: ExternDeclaration;
  readonly arguments: readonly Type[];
}

/** An instance of a parser or control. */
export interface BlockType {
  readonly kind: "block";
  readonly declaration: ParserDeclaration | ControlDeclaration;
  readonly arguments: readonly Type[];
}

/** What stands for a type that could not be made out. */
export const unknownType: Type = { kind: "unknown" };
export const boolType: Type = { kind: "bool" };
export const integerType: Type = { kind: "integer" };
export const voidType: Type = { kind: "void" };
export const errorType: Type = { kind: "error" };

/** `bit<width>`. */
export function bitType(width: number, signed = false): BitType {
  return { kind: "bits", width, signed };
}

/** Which type takes the place of each type parameter. */
export type TypeBindings = ReadonlyMap<TypeParameter, Type>;

/** A type with its parameters replaced. */
export function substitute(type: Type, bindings: TypeBindings): Type {
  if (bindings.size === 0) return type;
  switch (type.kind) {
    case "variable": {
      const bound = bindings.get(type.parameter);
      return bound ?? type;
    }
    case "struct":
    case "extern":
    case "block":
    case "package":
      if (type.arguments.length === 0) return type;
      return { ...type, arguments: type.arguments.map((each) => substitute(each, bindings)) };
    case "stack":
    case "set":
      return { ...type, element: substitute(type.element, bindings) };
    case "tuple":
      return { ...type, elements: type.elements.map((each) => substitute(each, bindings)) };
    case "record":
      return { ...type, fields: new Map([...type.fields].map(([name, each]) => [name, substitute(each, bindings)])) };
    default:
      return type;
  }
}

/** Whether two types are one. `unknown` is like everything. */
export function sameType(a: Type, b: Type): boolean {
  if (a === b || a.kind === "unknown" || b.kind === "unknown") return true;
  switch (a.kind) {
    case "bits":
      return b.kind === "bits" && a.width === b.width && a.signed === b.signed;
    case "varbit":
      return b.kind === "varbit" && a.width === b.width;
    case "variable":
      return b.kind === "variable" && a.parameter === b.parameter;
    case "struct":
      return b.kind === "struct" && a.declaration === b.declaration && sameTypes(a.arguments, b.arguments);
    case "extern":
      return b.kind === "extern" && a.declaration === b.declaration && sameTypes(a.arguments, b.arguments);
    case "block":
      return b.kind === "block" && a.declaration === b.declaration && sameTypes(a.arguments, b.arguments);
    case "package":
      return b.kind === "package" && a.declaration === b.declaration;
    case "stack":
      return b.kind === "stack" && a.size === b.size && sameType(a.element, b.element);
    case "set":
      return b.kind === "set" && sameType(a.element, b.element);
    case "enum":
      return b.kind === "enum" && a.declaration === b.declaration;
    case "new":
      return b.kind === "new" && a.declaration === b.declaration;
    case "tuple":
      return b.kind === "tuple" && sameTypes(a.elements, b.elements);
    case "record":
      return b.kind === "record" && a.fields === b.fields;
    case "table":
      return b.kind === "table" && a.declaration === b.declaration;
    case "apply-result":
    case "action-run":
      return b.kind === a.kind && a.table === b.table;
    default:
      return a.kind === b.kind;
  }
}

function sameTypes(a: readonly Type[], b: readonly Type[]): boolean {
  return a.length === b.length && a.every((type, index) => sameType(type, b[index] ?? unknownType));
}

/** A type as it is written in a program. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case "bits":
      return `${type.signed ? "int" : "bit"}<${type.width}>`;
    case "varbit":
      return `varbit<${type.width}>`;
    case "integer":
      return "int";
    case "variable":
      return type.parameter.name.text;
    case "struct":
    case "extern":
    case "block":
    case "package":
      return type.declaration.name.text + formatArguments(type.arguments);
    case "enum":
    case "new":
      return type.declaration.name.text;
    case "stack":
      return `${formatType(type.element)}[${type.size}]`;
    case "tuple":
      return `tuple${formatArguments(type.elements) || "<>"}`;
    case "record":
      return `{${[...type.fields.keys()].join(", ")}}`;
    case "set":
      return `set of ${formatType(type.element)}`;
    case "table":
      return `table ${type.declaration.name.text}`;
    case "apply-result":
      return `result of ${type.table.name.text}.apply()`;
    case "action-run":
      return `action_run of ${type.table.name.text}`;
    case "dont-care":
      return "_";
    case "invalid-header":
      return "{#}";
    default:
      return type.kind;
  }
}

function formatArguments(types: readonly Type[]): string {
  return types.length === 0 ? "" : `<${types.map(formatType).join(", ")}>`;
}

/** The type that values of a type are kept as: what `type` and serializable enumerations stand for. */
export function storedType(type: Type): Type {
  if (type.kind === "new") return storedType(type.base);
  if (type.kind === "enum" && type.underlying !== undefined) return type.underlying;
  return type;
}

/** Whether a type is a header (no struct, no union). */
export function isHeader(type: Type): type is HeaderType {
  return type.kind === "struct" && type.declaration.kind === "header";
}

/** Whether a type is a header union. */
export function isUnion(type: Type): type is UnionType {
  return type.kind === "struct" && type.declaration.kind === "header_union";
}
