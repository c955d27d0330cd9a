/**
 * The syntax tree of P4-16 1.2, as the parser leaves it. Nodes are never changed afterwards: what the checker finds out
 * about them is kept beside the tree (check/semantics.ts).
 */
export type * from "./ast-declaration.ts";
export type * from "./ast-expression.ts";
export type * from "./ast-statement.ts";
