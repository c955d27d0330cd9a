import type { Expression, Statement, VariableDeclaration } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/walk.ts";
import type { Semantics } from "./semantics.ts";
import { storedType } from "./types.ts";

/**
 * Warn about variables of a block that are read before anything is stored in them on any path. Goes by the order of the
 * text, so that a warning is right; what depends on the path that is taken is not warned about.
 */
export function warnAboutUninitialised(semantics: Semantics, statements: readonly Statement[]): void {
  const walk = new Walk(semantics);
  for (const statement of statements) walk.statement(statement);
}

class Walk {
  readonly #semantics: Semantics;
  readonly #empty = new Set<VariableDeclaration>();

  constructor(semantics: Semantics) {
    this.#semantics = semantics;
  }

  statement(statement: Statement): void {
    switch (statement.kind) {
      case "variable":
        if (statement.initial !== undefined) this.#read(statement.initial);
        else if (this.#isPlain(statement)) this.#empty.add(statement);
        return;
      case "constant":
        this.#read(statement.value);
        return;
      case "block":
        for (const inner of statement.statements) this.statement(inner);
        return;
      case "assignment":
        this.#read(statement.value);
        if (statement.operator !== undefined) this.#read(statement.target);
        this.#write(statement.target);
        return;
      case "call-statement":
        this.#read(statement.call);
        return;
      case "if":
        this.#read(statement.condition);
        this.statement(statement.then);
        if (statement.otherwise !== undefined) this.statement(statement.otherwise);
        return;
      case "switch":
        this.#read(statement.value);
        for (const { body } of statement.cases) if (body !== undefined) this.statement(body);
        return;
      case "for":
        for (const part of statement.initial) this.statement(part);
        this.#read(statement.condition);
        this.statement(statement.body);
        for (const part of statement.update) this.statement(part);
        return;
      case "for-in":
        this.#read(statement.collection);
        this.statement(statement.body);
        return;
      case "return":
        if (statement.value !== undefined) this.#read(statement.value);
        return;
      default:
        return;
    }
  }

  /** Structs and headers are filled field by field; only what has no parts is followed. */
  #isPlain(variable: VariableDeclaration): boolean {
    const { kind } = storedType(this.#semantics.typeOfDeclaration(variable));
    return kind === "bits" || kind === "bool" || kind === "enum" || kind === "error";
  }

  #read(expression: Expression): void {
    if (this.#empty.size === 0) return;
    if (expression.kind === "path") {
      const variable = this.#semantics.references.get(expression);
      if (variable?.kind !== "variable" || !this.#empty.has(variable)) return;
      this.#semantics.diagnostics.warn(
        expression.span,
        `${expression.name} is read before anything is stored in it`,
        "give it a value where it is declared",
      );
      this.#empty.delete(variable);
      return;
    }
    if (expression.kind !== "call") {
      for (const child of childrenOf(expression)) this.#read(child);
      return;
    }
    const call = this.#semantics.calls.get(expression);
    this.#read(expression.callee);
    const written: Expression[] = [];
    for (const { value } of expression.arguments) {
      const index = call?.arguments.findIndex((argument) => argument?.value === value) ?? -1;
      const direction = call?.parameters[index]?.direction;
      if (direction !== "out") this.#read(value);
      if (direction === "out" || direction === "inout") written.push(value);
    }
    for (const value of written) this.#write(value);
  }

  #write(target: Expression): void {
    if (target.kind === "path") {
      const variable = this.#semantics.references.get(target);
      if (variable?.kind === "variable") this.#empty.delete(variable);
      return;
    }
    const [base, ...others] = childrenOf(target);
    for (const other of others) this.#read(other);
    if (base !== undefined) this.#write(base);
  }
}
