import { nameHint } from "../diagnostics/name-hint.ts";
import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Declaration, Expression } from "../syntax/ast.ts";
import { type Constant, evaluate } from "./constant.ts";
import { Scope } from "./scope.ts";
import type { Semantics } from "./semantics.ts";
import { type Type, unknownType } from "./types.ts";

/** What the checker is inside of. */
export type Surroundings = "top" | "parser" | "control" | "action" | "function";

/** Everything that checking a piece of the program needs to know. Cheap to derive from. */
export class Context {
  readonly semantics: Semantics;
  readonly scope: Scope;
  readonly surroundings: Surroundings;
  /** Of the function that is being checked. */
  readonly result: Type | undefined;
  /** How many loops are around. */
  readonly loops: number;

  constructor(
    semantics: Semantics,
    scope: Scope,
    {
      surroundings = "top",
      result,
      loops = 0,
    }: { surroundings?: Surroundings; result?: Type | undefined; loops?: number } = {},
  ) {
    this.semantics = semantics;
    this.scope = scope;
    this.surroundings = surroundings;
    this.result = result;
    this.loops = loops;
  }

  get diagnostics(): Diagnostics {
    return this.semantics.diagnostics;
  }

  /** The same one scope further in. */
  inner(changes: { surroundings?: Surroundings; result?: Type; loops?: number } = {}): Context {
    const { surroundings, result, loops } = this;
    return new Context(this.semantics, new Scope(this.scope), { surroundings, result, loops, ...changes });
  }

  /** Give a name its meaning; two of one name in one scope are an error. */
  declare(declaration: Declaration, type: Type = unknownType): void {
    this.semantics.declared.set(declaration, type);
    const { text, span } = declaration.name;
    const before = this.scope.declare(declaration);
    if (before !== undefined) {
      const { line } = before.name.span.file.position(before.name.span.start);
      this.error(
        span,
        `${text} is declared twice`,
        `the first one is in line ${line} of ${before.name.span.file.name}`,
      );
    }
  }

  error(span: Span, message: string, hint?: string): Type {
    this.diagnostics.error(span, message, hint);
    return unknownType;
  }

  /** Report a name that stands for nothing. */
  unknownName(span: Span, what: string, name: string, candidates: Iterable<string>): Type {
    return this.error(span, `there is no ${what} ${JSON.stringify(name)} here`, nameHint(name, candidates));
  }

  /** A value that has to be known now, such as a width; reported when it is not. */
  constant(expression: Expression, what: string): Constant | undefined {
    const type = this.semantics.typeOf(expression);
    const value = evaluate(this.semantics, expression);
    if (value === undefined && type.kind !== "unknown") {
      this.error(expression.span, `${what} has to be known when the program is compiled`, "use numbers and constants");
    }
    if (value !== undefined) this.semantics.constants.set(expression, value);
    return value;
  }
}
