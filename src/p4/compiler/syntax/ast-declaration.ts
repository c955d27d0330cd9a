/** Declarations of the syntax tree (ast.ts). */
import type { Annotation, Argument, Expression, Name, Node, PathExpression, TypeSyntax } from "./ast-expression.ts";
import type { BlockStatement, Statement } from "./ast-statement.ts";

interface Declared extends Node {
  readonly name: Name;
  readonly annotations: readonly Annotation[];
}

/** Anything that a name can stand for. */
export type Declaration =
  | VariableDeclaration
  | ConstantDeclaration
  | Parameter
  | TypeParameter
  | StructDeclaration
  | EnumDeclaration
  | TypedefDeclaration
  | ExternDeclaration
  | FunctionDeclaration
  | ActionDeclaration
  | ParserDeclaration
  | ControlDeclaration
  | PackageDeclaration
  | InstanceDeclaration
  | TableDeclaration
  | ValueSetDeclaration
  | StateDeclaration;

/** A declaration of the outermost scope, or errors and match kinds, which only add to a set. */
export type TopLevel = Declaration | MemberSetDeclaration;

/** `type name = value;` */
export interface VariableDeclaration extends Declared {
  readonly kind: "variable";
  readonly type: TypeSyntax;
  readonly initial?: Expression;
}

/** `const type name = value;` */
export interface ConstantDeclaration extends Declared {
  readonly kind: "constant";
  readonly type: TypeSyntax;
  readonly value: Expression;
}

/** Of a parameter; `none` for a directionless one. */
export type Direction = "in" | "out" | "inout" | "none";

/** A parameter of anything callable. */
export interface Parameter extends Declared {
  readonly kind: "parameter";
  readonly direction: Direction;
  readonly type: TypeSyntax;
  readonly fallback?: Expression;
  /** `@optional`. */
  readonly optional: boolean;
}

/** `T` of `<T>`. */
export interface TypeParameter extends Declared {
  readonly kind: "type-parameter";
}

/** `struct`, `header` and `header_union`. */
export interface StructDeclaration extends Declared {
  readonly kind: "struct" | "header" | "header_union";
  readonly typeParameters: readonly TypeParameter[];
  readonly fields: readonly StructField[];
}

/** A field of a struct, header or union. */
export interface StructField extends Declared {
  readonly type: TypeSyntax;
}

/** `enum name { … }` or `enum bit<8> name { a = 1, … }`. */
export interface EnumDeclaration extends Declared {
  readonly kind: "enum";
  readonly underlying?: TypeSyntax;
  readonly members: readonly EnumMember[];
}

/** A member of an enumeration. */
export interface EnumMember extends Node {
  readonly name: Name;
  readonly value?: Expression;
}

/** `error { … }` or `match_kind { … }`. */
export interface MemberSetDeclaration extends Node {
  readonly kind: "member-set";
  readonly set: "error" | "match_kind";
  readonly members: readonly Name[];
}

/** `typedef old name` (the same type) or `type old name` (a new one). */
export interface TypedefDeclaration extends Declared {
  readonly kind: "typedef";
  readonly distinct: boolean;
  readonly type: TypeSyntax;
}

/** `extern name { methods }`; constructors are methods with the name of the extern. */
export interface ExternDeclaration extends Declared {
  readonly kind: "extern";
  readonly typeParameters: readonly TypeParameter[];
  readonly methods: readonly FunctionDeclaration[];
}

/** A function; one without a body is an extern's. */
export interface FunctionDeclaration extends Declared {
  readonly kind: "function";
  readonly typeParameters: readonly TypeParameter[];
  readonly result: TypeSyntax;
  readonly parameters: readonly Parameter[];
  readonly body?: BlockStatement;
}

/** `action name(parameters) { … }`. */
export interface ActionDeclaration extends Declared {
  readonly kind: "action";
  readonly parameters: readonly Parameter[];
  readonly body: BlockStatement;
}

/** A parser, or the type of one when it has no body. */
export interface ParserDeclaration extends Declared {
  readonly kind: "parser";
  readonly typeParameters: readonly TypeParameter[];
  readonly parameters: readonly Parameter[];
  readonly constructorParameters: readonly Parameter[];
  readonly body?: ParserBody;
}

/** What is between the braces of a parser. */
export interface ParserBody {
  readonly locals: readonly LocalDeclaration[];
  readonly states: readonly StateDeclaration[];
}

/** A control, or the type of one when it has no body. */
export interface ControlDeclaration extends Declared {
  readonly kind: "control";
  readonly typeParameters: readonly TypeParameter[];
  readonly parameters: readonly Parameter[];
  readonly constructorParameters: readonly Parameter[];
  readonly body?: ControlBody;
}

/** What is between the braces of a control. */
export interface ControlBody {
  readonly locals: readonly LocalDeclaration[];
  readonly apply: BlockStatement;
}

/** What may be declared in a parser or control. */
export type LocalDeclaration =
  | VariableDeclaration
  | ConstantDeclaration
  | InstanceDeclaration
  | ActionDeclaration
  | TableDeclaration
  | ValueSetDeclaration;

/** `package name<T>(parameters);` */
export interface PackageDeclaration extends Declared {
  readonly kind: "package";
  readonly typeParameters: readonly TypeParameter[];
  readonly constructorParameters: readonly Parameter[];
}

/** `type(arguments) name;` */
export interface InstanceDeclaration extends Declared {
  readonly kind: "instance";
  readonly type: TypeSyntax;
  readonly arguments: readonly Argument[];
}

/** `value_set<type>(size) name;` */
export interface ValueSetDeclaration extends Declared {
  readonly kind: "value-set";
  readonly type: TypeSyntax;
  readonly size: Expression;
}

/** `state name { statements transition … }`; without a transition the packet is rejected. */
export interface StateDeclaration extends Declared {
  readonly kind: "state";
  readonly statements: readonly Statement[];
  readonly transition?: Transition;
}

/** Where a state leads to. */
export type Transition =
  | (Node & { readonly kind: "direct"; readonly next: Name })
  | (Node & { readonly kind: "select"; readonly keys: readonly Expression[]; readonly cases: readonly SelectCase[] });

/** `keyset: state;` */
export interface SelectCase extends Node {
  readonly keyset: Expression;
  readonly next: Name;
}

/** A table. */
export interface TableDeclaration extends Declared {
  readonly kind: "table";
  readonly keys: readonly TableKey[];
  readonly actions: readonly ActionReference[];
  readonly entries?: TableEntries;
  readonly properties: readonly TableProperty[];
}

/** `expression : match_kind @name("x");` */
export interface TableKey extends Node {
  readonly expression: Expression;
  readonly matchKind: Name;
  readonly annotations: readonly Annotation[];
}

/** An action in the list of a table, with arguments for its parameters that have a direction. */
export interface ActionReference extends Node {
  readonly name: PathExpression;
  readonly arguments: readonly Argument[];
  readonly annotations: readonly Annotation[];
}

/** `entries = { … }`. */
export interface TableEntries extends Node {
  readonly constant: boolean;
  readonly entries: readonly TableEntry[];
}

/** `priority = n: keyset : action(arguments);` */
export interface TableEntry extends Node {
  readonly constant: boolean;
  readonly priority?: Expression;
  readonly keyset: Expression;
  readonly action: ActionReference;
  readonly annotations: readonly Annotation[];
}

/** Any other property: `size`, `default_action`, `implementation`, `counters`, `support_timeout`, … */
export interface TableProperty extends Node {
  readonly name: Name;
  readonly constant: boolean;
  readonly value: Expression;
}

/** A whole program, included files and all. */
export interface Program {
  readonly declarations: readonly TopLevel[];
}
