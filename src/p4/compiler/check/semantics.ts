import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import type {
  ActionDeclaration,
  ActionReference,
  Argument,
  CallExpression,
  ControlDeclaration,
  Declaration,
  Expression,
  ExternDeclaration,
  FunctionDeclaration,
  InstanceDeclaration,
  PackageDeclaration,
  Parameter,
  ParserDeclaration,
  PathExpression,
  StructField,
  TypeSyntax,
} from "../syntax/ast.ts";
import type { Constant } from "./constant.ts";
import { substitute, type StructType, type Type, type TypeBindings, unknownType } from "./types.ts";

/** A call, with everything found out about it. */
export interface ResolvedCall {
  readonly target: CallTarget;
  /** One for each parameter, in their order; absent where an optional one is left out. */
  readonly arguments: readonly (Argument | undefined)[];
  readonly parameters: readonly Parameter[];
  /** What the type parameters of the callee (and of the extern it belongs to) came to. */
  readonly bindings: TypeBindings;
  readonly result: Type;
}

/** What is called. */
export type CallTarget =
  | { readonly kind: "function"; readonly declaration: FunctionDeclaration }
  | { readonly kind: "action"; readonly declaration: ActionDeclaration }
  | {
      readonly kind: "method";
      readonly base: Expression;
      readonly declaration: FunctionDeclaration;
      readonly extern: ExternDeclaration;
    }
  | { readonly kind: "apply"; readonly base: Expression }
  | { readonly kind: "builtin"; readonly base: Expression; readonly name: BuiltinMethod }
  | { readonly kind: "constructor"; readonly declaration: Constructible };

/** Methods that types have by themselves. */
export type BuiltinMethod =
  | "isValid"
  | "setValid"
  | "setInvalid"
  | "push_front"
  | "pop_front"
  | "minSizeInBits"
  | "minSizeInBytes"
  | "maxSizeInBits"
  | "maxSizeInBytes";

/** What has instances. */
export type Constructible = ExternDeclaration | ParserDeclaration | ControlDeclaration | PackageDeclaration;

/** A field with its type. */
export interface Field {
  readonly name: string;
  readonly type: Type;
  readonly declaration: StructField;
}

/** What the checker found out about a program, kept beside the tree. */
export class Semantics {
  readonly diagnostics: Diagnostics;
  /** The type of each expression. */
  readonly types = new Map<Expression, Type>();
  /** The type of each variable, constant, parameter and instance. */
  readonly declared = new Map<Declaration, Type>();
  readonly syntaxTypes = new Map<TypeSyntax, Type>();
  readonly fieldTypes = new Map<StructField, Type>();
  readonly references = new Map<PathExpression, Declaration>();
  readonly actions = new Map<ActionReference, ActionDeclaration>();
  readonly calls = new Map<CallExpression, ResolvedCall>();
  /** Arguments of instances; the call of their constructor, as it were. */
  readonly instances = new Map<InstanceDeclaration, ResolvedCall>();
  /** Values that had to be known while checking: widths, sizes, constants. */
  readonly constants = new Map<Expression, Constant>();
  /** Names of errors and match kinds in the order of their numbers. */
  readonly errors: string[] = [];
  readonly matchKinds: string[] = [];
  /** What is mentioned anywhere. */
  readonly used = new Set<Declaration>();
  main: InstanceDeclaration | undefined;

  constructor(diagnostics: Diagnostics) {
    this.diagnostics = diagnostics;
  }

  typeOf(expression: Expression): Type {
    return this.types.get(expression) ?? unknownType;
  }

  typeOfDeclaration(declaration: Declaration): Type {
    return this.declared.get(declaration) ?? unknownType;
  }

  /** The fields of a struct, header or union, with its type arguments in place. */
  fieldsOf(type: StructType): readonly Field[] {
    const { declaration } = type;
    const bindings: TypeBindings = new Map(
      declaration.typeParameters.map((parameter, index) => [parameter, type.arguments[index] ?? unknownType]),
    );
    return declaration.fields.map((field) => ({
      name: field.name.text,
      type: substitute(this.fieldTypes.get(field) ?? unknownType, bindings),
      declaration: field,
    }));
  }

  fieldOf(type: StructType, name: string): Field | undefined {
    return this.fieldsOf(type).find((field) => field.name === name);
  }
}
