import { nameHint, type DocumentPath } from "../document/index.ts";
import { ExpressionError, hasExpression, substitute, type Variables } from "./expression.ts";

/** A value with its expressions evaluated, and the way back to where each part of it was declared. */
export interface Substitution<T> {
  readonly value: T;
  /** Whether anything was evaluated: if not, the value is as the schema has accepted it. */
  readonly changed: boolean;
  readonly faults: readonly SubstitutionFault[];
  /** The declared path of a path in `value`: keys that held expressions have their text back. */
  readonly declaredPath: (path: DocumentPath) => DocumentPath;
}

/** An expression that has no value. */
export interface SubstitutionFault {
  /** Declared path, relative to the value. */
  readonly path: DocumentPath;
  readonly message: string;
  readonly hint: string | undefined;
}

/** Evaluate all expressions in the texts and keys of a plain value. Entries of `ports` with a `count` are repeated. */
export function substituteAll<T>(value: T, variables: Variables): Substitution<T> {
  const walker = new Walker();
  const result = walker.walk(value, variables, [], []);
  return {
    // The walk keeps the structure: only texts change, to texts or to what the schema allows in their place.
    value: result as T,
    changed: walker.changed,
    faults: walker.faults,
    declaredPath: (path) => walker.declaredPath(path),
  };
}

class Walker {
  changed = false;
  readonly faults: SubstitutionFault[] = [];
  readonly #declaredKeys = new Map<string, string>();

  walk(value: unknown, variables: Variables, path: DocumentPath, declared: DocumentPath): unknown {
    if (typeof value === "string") return this.#text(value, variables, declared);
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => this.walk(item, variables, [...path, index], [...declared, index]));
    }
    if (typeof value === "object" && value !== null) return this.#record(value, variables, path, declared);
    return value;
  }

  declaredPath(path: DocumentPath): DocumentPath {
    return path.map((key, depth) => this.#declaredKeys.get(JSON.stringify(path.slice(0, depth + 1))) ?? key);
  }

  #text(text: string, variables: Variables, declared: DocumentPath): unknown {
    if (!hasExpression(text)) return text;
    this.changed = true;
    try {
      return substitute(text, variables);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.faults.push({ path: declared, message: error.message, hint: hintFor(error, variables) });
      // A text without expression cannot fail a second time for the same reason.
      return text.replaceAll("${", "{");
    }
  }

  #record(value: object, variables: Variables, path: DocumentPath, declared: DocumentPath): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [key, entry] of Object.entries(value) as [string, unknown][]) {
      const at = [...declared, key];
      for (const scope of this.#repetitions(path, entry, variables, at)) {
        const name = String(this.#text(key, scope, at));
        if (name !== key) this.#declaredKeys.set(JSON.stringify([...path, name]), key);
        if (Object.hasOwn(result, name)) {
          const hint = key === name ? undefined : "let the key hold ${i}, so that each has a name of its own";
          this.faults.push({ path: at, message: `${JSON.stringify(name)} is there twice`, hint });
        } else result[name] = this.walk(withoutCount(path, entry), scope, [...path, name], at);
      }
    }
    return result;
  }

  #repetitions(path: DocumentPath, entry: unknown, variables: Variables, at: DocumentPath): Variables[] {
    if (!isPorts(path) || !hasCount(entry)) return [variables];
    this.changed = true;
    const { value, faults } = evaluateCount(entry.count, variables);
    this.faults.push(...faults.map((fault) => ({ ...fault, path: [...at, "count"] })));
    return repetitions(value, variables);
  }
}

/** The variables of each of `count` repetitions: those around it, and `i`. */
export function repetitions(count: number | undefined, variables: Variables): Variables[] {
  if (count === undefined) return [variables];
  return Array.from({ length: count }, (_, i) => new Map([...variables, ["i", i]]));
}

/** The value of a `count`; `undefined` when there is none, 0 when it has no value (a fault says so). */
export function evaluateCount(
  count: number | string | undefined,
  variables: Variables,
): { value: number | undefined; faults: readonly SubstitutionFault[] } {
  if (count === undefined) return { value: undefined, faults: [] };
  const { value, faults } = substituteAll(count, variables);
  if (faults.length > 0) return { value: 0, faults };
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 4096) return { value, faults: [] };
  const message = `expected a whole number from 0 to 4096, found ${JSON.stringify(value)}`;
  return { value: 0, faults: [{ path: [], message, hint: undefined }] };
}

function hintFor(error: ExpressionError, variables: Variables): string | undefined {
  if (error.unknownName === undefined) return undefined;
  const hint = nameHint(error.unknownName, variables.keys());
  return `${hint === undefined ? "" : `${hint} `}(a literal "\${" is written "$\${")`.replace(/^\((.*)\)$/, "$1");
}

function isPorts(path: DocumentPath): boolean {
  return path.length === 1 && path[0] === "ports";
}

function hasCount(entry: unknown): entry is { count: number | string } {
  return typeof entry === "object" && entry !== null && "count" in entry && entry.count !== undefined;
}

function withoutCount(path: DocumentPath, entry: unknown): unknown {
  if (!isPorts(path) || !hasCount(entry)) return entry;
  const { count: _count, ...rest } = entry;
  return rest;
}
