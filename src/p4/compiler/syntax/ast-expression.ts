/** Names, annotations, types and expressions of the syntax tree (ast.ts). */
import type { Span } from "../diagnostics/source-file.ts";
import type { IntegerLiteral, Token } from "./token.ts";

/** What every node has. */
export interface Node {
  readonly span: Span;
}

/** A name where it stands. */
export interface Name extends Node {
  readonly text: string;
}

/** `@name("x")`, `@field_list(1, 2)`, `@hidden`; bodies that are no expressions are kept as tokens. */
export interface Annotation extends Node {
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly tokens: readonly Token[];
}

/** A type as written. */
export type TypeSyntax =
  | BaseTypeSyntax
  | NamedTypeSyntax
  | (Node & { readonly kind: "stack-type"; readonly element: TypeSyntax; readonly size: Expression })
  | (Node & { readonly kind: "tuple-type"; readonly elements: readonly TypeSyntax[] })
  | (Node & { readonly kind: "dont-care-type" });

/** `bit<8>`, `int<W>`, `varbit<320>`, `int`, `bool`, `string`, `error`, `match_kind`, `void`. */
export interface BaseTypeSyntax extends Node {
  readonly kind: "base-type";
  readonly name: "bit" | "int" | "varbit" | "bool" | "string" | "error" | "match_kind" | "void";
  readonly width?: Expression;
}

/** A name, with type arguments where it has some. */
export interface NamedTypeSyntax extends Node {
  readonly kind: "named-type";
  readonly name: Name;
  readonly arguments: readonly TypeSyntax[];
}

/** An expression; key sets of `select`, `switch` and table entries are among them. */
export type Expression =
  | (Node & { readonly kind: "integer"; readonly literal: IntegerLiteral })
  | (Node & { readonly kind: "boolean"; readonly value: boolean })
  | (Node & { readonly kind: "string"; readonly value: string })
  | PathExpression
  | MemberExpression
  | (Node & { readonly kind: "index"; readonly base: Expression; readonly index: Expression })
  | SliceExpression
  | (Node & { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression })
  | BinaryExpression
  | ConditionalExpression
  | (Node & { readonly kind: "cast"; readonly type: TypeSyntax; readonly operand: Expression })
  | CallExpression
  | ListExpression
  | RecordExpression
  | (Node & { readonly kind: "invalid-header" })
  | (Node & { readonly kind: "default" })
  | (Node & { readonly kind: "dont-care" })
  | (Node & { readonly kind: "mask"; readonly value: Expression; readonly mask: Expression })
  | (Node & { readonly kind: "range"; readonly low: Expression; readonly high: Expression })
  | (Node & { readonly kind: "broken" });

/** A name, or a name of the outermost scope (`.name`). */
export interface PathExpression extends Node {
  readonly kind: "path";
  readonly name: string;
  readonly global: boolean;
}

/** `base.member`. */
export interface MemberExpression extends Node {
  readonly kind: "member";
  readonly base: Expression;
  readonly member: Name;
}

/** `base[high:low]`. */
export interface SliceExpression extends Node {
  readonly kind: "slice";
  readonly base: Expression;
  readonly high: Expression;
  readonly low: Expression;
}

/** Two operands and what is done with them. */
export interface BinaryExpression extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `condition ? then : otherwise`. */
export interface ConditionalExpression extends Node {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

/** A call of a function, action, method or constructor. */
export interface CallExpression extends Node {
  readonly kind: "call";
  readonly callee: Expression;
  readonly typeArguments: readonly TypeSyntax[];
  readonly arguments: readonly Argument[];
}

/** `value` or `name = value`. */
export interface Argument extends Node {
  readonly name?: Name;
  readonly value: Expression;
}

/** `{ a, b }`; with `...` at its end the rest has the value that its type begins with. */
export interface ListExpression extends Node {
  readonly kind: "list";
  readonly elements: readonly Expression[];
  readonly rest?: boolean;
}

/** `{ x = a, y = b }`, perhaps with `...`. */
export interface RecordExpression extends Node {
  readonly kind: "record";
  readonly fields: readonly RecordField[];
  readonly rest?: boolean;
}

/** `name = value` of a struct-valued expression. */
export interface RecordField extends Node {
  readonly name: Name;
  readonly value: Expression;
}

/** Operators with one operand. */
export type UnaryOperator = "!" | "~" | "-" | "+";
/** Operators with two operands. */
export type BinaryOperator =
  | "*"
  | "/"
  | "%"
  | "+"
  | "-"
  | "|+|"
  | "|-|"
  | "<<"
  | ">>"
  | "<="
  | ">="
  | "<"
  | ">"
  | "=="
  | "!="
  | "&"
  | "^"
  | "|"
  | "++"
  | "&&"
  | "||";
