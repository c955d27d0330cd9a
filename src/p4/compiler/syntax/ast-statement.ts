/** Statements of the syntax tree (ast.ts). */
import type { ConstantDeclaration, VariableDeclaration } from "./ast-declaration.ts";
import type { BinaryOperator, CallExpression, Expression, Node } from "./ast-expression.ts";

/** A statement. */
export type Statement =
  | BlockStatement
  | VariableDeclaration
  | ConstantDeclaration
  | AssignmentStatement
  | (Node & { readonly kind: "call-statement"; readonly call: CallExpression })
  | (Node & {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise?: Statement;
    })
  | SwitchStatement
  | ForStatement
  | ForInStatement
  | (Node & { readonly kind: "return"; readonly value?: Expression })
  | (Node & { readonly kind: "exit" | "break" | "continue" | "empty" });

/** `{ … }`. */
export interface BlockStatement extends Node {
  readonly kind: "block";
  readonly statements: readonly Statement[];
}

/** `target = value`, or `target op= value`. */
export interface AssignmentStatement extends Node {
  readonly kind: "assignment";
  readonly target: Expression;
  readonly operator?: BinaryOperator;
  readonly value: Expression;
}

/** `switch (value) { label: { … } … }`; a case without a body falls through to the next one. */
export interface SwitchStatement extends Node {
  readonly kind: "switch";
  readonly value: Expression;
  readonly cases: readonly SwitchCase[];
}

/** A label and its block. */
export interface SwitchCase extends Node {
  readonly label: Expression;
  readonly body?: BlockStatement;
}

/** `for (init; condition; update) body`. */
export interface ForStatement extends Node {
  readonly kind: "for";
  readonly initial: readonly Statement[];
  readonly condition: Expression;
  readonly update: readonly Statement[];
  readonly body: Statement;
}

/** `for (type name in collection) body`. */
export interface ForInStatement extends Node {
  readonly kind: "for-in";
  readonly variable: VariableDeclaration;
  readonly collection: Expression;
  readonly body: Statement;
}
