import type { Semantics } from "../check/semantics.ts";
import { substitute, type Type } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Expression } from "../syntax/ast.ts";
import type { Data } from "./data.ts";
import type { Environment } from "./environment.ts";
import type { Label, Operation } from "./operation.ts";
import { Storage } from "./storage.ts";
import { UniqueNames } from "./unique-names.ts";
import type { Shape, Value } from "./value.ts";

/** Input of a hash or checksum. */
export type CalculationInput =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "header"; readonly name: string }
  | { readonly kind: "payload" };

/** Arrays, lists and calculations that operations refer to by name or number. */
export class Resources {
  readonly counters: { name: string; size: number; isDirect: boolean; table?: string; span: Span }[] = [];
  readonly meters: {
    name: string;
    size: number;
    isDirect: boolean;
    table?: string;
    type: "packets" | "bytes";
    result?: Value;
    span: Span;
  }[] = [];
  readonly registers: { name: string; size: number; width: number; span: Span }[] = [];
  readonly calculations: { name: string; algorithm: string; inputs: readonly CalculationInput[]; span: Span }[] = [];
  readonly fieldLists: { id: number; name: string; fields: readonly Value[] }[] = [];
  readonly learnLists: { id: number; name: string; fields: readonly Value[]; span: Span }[] = [];
  readonly valueSets: { name: string; width: number; size: number; span: Span }[] = [];
  readonly profiles: {
    name: string;
    size: number;
    selector?: { readonly algorithm: string; inputs: readonly Value[] };
    span: Span;
  }[] = [];
}

/** Operations that a program may come to; one that is inlined and unrolled beyond that fits into no switch. */
const mostOperations = 100_000;

/** Thrown when a program comes to more than {@link mostOperations}; there is no use in going on. */
export class TooLarge extends Error {}

/** The whole of a program while it is lowered. */
export class Lowering {
  readonly semantics: Semantics;
  readonly storage: Storage;
  readonly resources = new Resources();
  /** Of the program, once they have been made. */
  headers: Data | undefined;
  userMetadata: { readonly type: Type; readonly data: Data } | undefined;
  standardMetadata: Data | undefined;
  #sink: Operation[] = [];
  #emitted = 0;
  readonly #names = new Map<string, UniqueNames>();

  constructor(semantics: Semantics) {
    this.semantics = semantics;
    this.storage = new Storage(semantics);
  }

  error(span: Span, message: string, hint?: string): void {
    this.semantics.diagnostics.error(span, message, hint);
  }

  emit(operation: Operation): void {
    if (++this.#emitted > mostOperations) throw new TooLarge();
    this.#sink.push(operation);
  }

  /** The operations that something emits. */
  collect(produce: () => void): Operation[] {
    const outer = this.#sink;
    const collected: Operation[] = [];
    this.#sink = collected;
    try {
      produce();
    } finally {
      this.#sink = outer;
    }
    return collected;
  }

  /** A name that nothing of its kind has yet: instances without names of their own may come several times. */
  uniqueName(kind: string, name: string): string {
    const names = this.#names.get(kind) ?? new UniqueNames();
    this.#names.set(kind, names);
    return names.give(name);
  }

  /** A new place for a scalar. */
  temporary(shape: Shape, name = "tmp"): Value {
    const type: Type = shape.kind === "integer" ? { kind: "bits", width: 32, signed: false } : shape;
    const data = this.storage.allocate(name, type);
    if (data.kind !== "scalar") throw new RangeError("a temporary that is no scalar");
    return data.value;
  }

  /** The value as it is now, kept for later. Constants and parameters of actions stay the same anyway. */
  keep(value: Value, span: Span, name?: string): Value {
    if (value.kind === "constant" || value.kind === "parameter") return value;
    const target = this.temporary(value.shape, name);
    this.emit({ kind: "assign", target, source: value, span });
    return target;
  }

  /** A value as one field, as keys and calculations need it; copied when it is none. */
  asField(value: Value, span: Span, name?: string): Value {
    return value.kind === "field" ? value : this.copy(value, span, name);
  }

  /** The same, but numbers stay numbers. */
  asFieldUnlessConstant(value: Value, span: Span): Value {
    return value.kind === "constant" ? value : this.asField(value, span);
  }

  /** The value in a field of its own. */
  copy(value: Value, span: Span, name?: string): Value {
    const target = this.temporary(value.shape, name);
    this.emit({ kind: "assign", target, source: value, span });
    return target;
  }
}

/** What kind of block operations are for. */
export type Surroundings = "parser" | "control" | "action" | "verify" | "compute" | "deparser";

/** Where in the program something is lowered. Never changed; derived for what is further in. */
export interface Frame {
  readonly lowering: Lowering;
  readonly environment: Environment;
  readonly surroundings: Surroundings;
  /** Whether the block belongs to ingress or egress. */
  readonly pipeline: "ingress" | "egress" | undefined;
  /** Where `return` leads, and where its value goes. */
  readonly returns: { readonly label: Label; readonly result: Data | undefined };
  readonly loop?: { readonly end: Label; readonly next: Label };
  /** What is copied back when a call ends early; innermost last. */
  readonly copyBacks: readonly (() => void)[];
  /** Actions and functions that are being inlined. */
  readonly calls: readonly object[];
}

/** The type of an expression, type parameters replaced. */
export function typeOf({ lowering, environment }: Frame, expression: Expression): Type {
  return substitute(lowering.semantics.typeOf(expression), environment.types);
}
