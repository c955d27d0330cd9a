import type { Span } from "../diagnostics/source-file.ts";
import type { HeaderReference, Value } from "./value.ts";

/**
 * What a program does, names resolved and calls inlined, still with its structure. The back ends turn it into parse
 * states (emit/parser.ts), graphs of tables and conditionals (emit/pipeline.ts), or lists of primitives with jumps
 * (emit/action.ts).
 */
export type Operation =
  | { readonly kind: "assign"; readonly target: Value; readonly source: Value; readonly span: Span }
  | PrimitiveOperation
  | {
      readonly kind: "if";
      readonly condition: Value;
      readonly then: readonly Operation[];
      readonly otherwise: readonly Operation[];
      readonly span: Span;
    }
  /** A stretch that `leave` with the same label leaves. */
  | { readonly kind: "block"; readonly label: Label; readonly body: readonly Operation[] }
  | { readonly kind: "leave"; readonly label: Label }
  | { readonly kind: "exit"; readonly span: Span }
  /** An action that is called by name. */
  | { readonly kind: "action"; readonly name: string; readonly body: readonly Operation[]; readonly span: Span }
  | ApplyOperation
  | { readonly kind: "states"; readonly states: readonly LoweredState[] }
  | { readonly kind: "extract"; readonly target: ExtractTarget; readonly variableBits?: Value; readonly span: Span }
  | { readonly kind: "advance"; readonly bits: Value; readonly span: Span }
  | { readonly kind: "verify"; readonly condition: Value; readonly error: Value; readonly span: Span }
  | { readonly kind: "emit"; readonly header: string; readonly span: Span }
  | ChecksumOperation;

/** A primitive of BMv2. */
export interface PrimitiveOperation {
  readonly kind: "primitive";
  readonly operator: string;
  readonly operands: readonly Operand[];
  readonly span: Span;
}

/** What a primitive takes. */
export type Operand =
  | Value
  | { readonly kind: "header"; readonly reference: HeaderReference }
  | { readonly kind: "named"; readonly type: OperandType; readonly name: string }
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "values"; readonly values: readonly Value[] };

/** Things that are passed by their name. */
export type OperandType =
  | "header"
  | "header_stack"
  | "header_union"
  | "header_union_stack"
  | "calculation"
  | "counter_array"
  | "meter_array"
  | "register_array"
  | "string";

/** Identity of a block. */
export interface Label {
  readonly name: string;
}

/** A table is applied; what follows depends on the outcome. */
export interface ApplyOperation {
  readonly kind: "apply";
  readonly table: LoweredTable;
  readonly outcome: Outcome;
  readonly span: Span;
}

/** What depends on how a table was applied. */
export type Outcome =
  | { readonly kind: "none" }
  | { readonly kind: "hit"; readonly hit: readonly Operation[]; readonly miss: readonly Operation[] }
  | {
      readonly kind: "action";
      readonly cases: ReadonlyMap<string, readonly Operation[]>;
      readonly otherwise: readonly Operation[];
    };

/** A table with everything worked out. */
export interface LoweredTable {
  readonly name: string;
  readonly keys: readonly LoweredKey[];
  readonly matchType: string;
  readonly actions: readonly LoweredAction[];
  readonly defaultAction: ActionUse | undefined;
  readonly defaultIsConstant: boolean;
  readonly entries: readonly LoweredEntry[];
  readonly entriesAreConstant: boolean;
  readonly size: number;
  readonly supportTimeout: boolean;
  readonly withCounters: boolean;
  readonly directMeter: string | undefined;
  readonly profile: string | undefined;
  readonly profileKind: "simple" | "indirect" | "indirect_ws";
  readonly span: Span;
}

/** A key: a field, or the validity of a header. */
export interface LoweredKey {
  readonly matchType: "exact" | "lpm" | "ternary" | "range";
  readonly name: string;
  readonly value: Value;
  readonly width: number;
}

/** An action of a table. */
export interface LoweredAction {
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly width: number }[];
  readonly body: readonly Operation[];
  readonly span: Span;
}

/** An action of a table with its arguments. */
export interface ActionUse {
  /** Index among the actions of the table. */
  readonly action: number;
  readonly data: readonly bigint[];
}

/** An entry of a table. */
export interface LoweredEntry {
  readonly keys: readonly KeyMatch[];
  readonly use: ActionUse;
  readonly priority: number;
  readonly span: Span;
}

/** What a key has to be. */
export type KeyMatch =
  | { readonly kind: "exact"; readonly value: bigint }
  | { readonly kind: "lpm"; readonly value: bigint; readonly prefix: number }
  | { readonly kind: "ternary"; readonly value: bigint; readonly mask: bigint }
  | { readonly kind: "range"; readonly low: bigint; readonly high: bigint };

/** A parse state: `accept` and `reject` are no states of this list; `accept` goes on behind it. */
export interface LoweredState {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly transition: LoweredTransition;
  readonly span: Span;
}

/** Where a parse state leads to. */
export type LoweredTransition =
  | { readonly kind: "direct"; readonly next: string }
  | {
      readonly kind: "select";
      readonly keys: readonly Value[];
      readonly cases: readonly LoweredCase[];
      readonly span: Span;
    };

/** One case of a select. Values and masks are one for each key; a set is filled by the control plane. */
export interface LoweredCase {
  readonly match:
    | {
        readonly kind: "masks";
        readonly parts: readonly { readonly value: bigint; readonly mask: bigint | undefined }[];
      }
    | { readonly kind: "set"; readonly name: string }
    | { readonly kind: "default" };
  readonly next: string;
}

/** What a parser extracts into. */
export type ExtractTarget =
  | { readonly kind: "regular"; readonly header: string }
  | { readonly kind: "stack"; readonly stack: string }
  | { readonly kind: "union_stack"; readonly stack: string; readonly member: string };

/** A checksum is verified or updated. */
export interface ChecksumOperation {
  readonly kind: "checksum";
  readonly update: boolean;
  readonly condition: Value;
  readonly target: Value;
  readonly calculation: string;
  readonly span: Span;
}
