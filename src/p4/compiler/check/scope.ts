import type { Declaration } from "../syntax/ast.ts";

/** Names and what they stand for, inside one pair of braces. Functions and externs may share a name. */
export class Scope {
  readonly parent: Scope | undefined;
  readonly #names = new Map<string, Declaration[]>();

  constructor(parent?: Scope) {
    this.parent = parent;
  }

  /** Returns what had the name before in this scope, if the two cannot share it. */
  declare(declaration: Declaration): Declaration | undefined {
    const { text } = declaration.name;
    const existing = this.#names.get(text);
    if (existing === undefined) {
      this.#names.set(text, [declaration]);
      return undefined;
    }
    const [first] = existing;
    if (first?.kind === "function" && declaration.kind === "function") {
      existing.push(declaration);
      return undefined;
    }
    return first;
  }

  /** Everything of this name in the innermost scope that has it. */
  find(name: string): readonly Declaration[] {
    return this.#names.get(name) ?? this.parent?.find(name) ?? [];
  }

  /** The outermost scope. */
  get root(): Scope {
    return this.parent?.root ?? this;
  }

  /** All names that are visible here. */
  names(): ReadonlySet<string> {
    return new Set([...this.#names.keys(), ...(this.parent?.names() ?? [])]);
  }
}
