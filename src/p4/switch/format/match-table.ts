import type { Condition } from "./expression.ts";
import type { Action, Calculation, Field, Header, MeterArray, Union } from "./program.ts";

export interface ActionProfile {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly selector: Calculation | undefined;
}

export type MatchKind = "exact" | "lpm" | "ternary" | "range" | "valid";

export interface TableKey {
  readonly kind: MatchKind;
  /** What is matched: a field, or the validity of a header. */
  readonly target: Field | { readonly validityOf: Header | Union };
  readonly width: number;
  readonly mask: bigint | undefined;
  readonly name: string;
}

/** One part of an entry's key, as the control plane says it. */
export type MatchParameter =
  | { readonly kind: "exact"; readonly value: bigint }
  | { readonly kind: "valid"; readonly value: boolean }
  | { readonly kind: "lpm"; readonly value: bigint; readonly prefixLength: number }
  | { readonly kind: "ternary"; readonly value: bigint; readonly mask: bigint }
  | { readonly kind: "range"; readonly start: bigint; readonly end: bigint };

export interface ActionCall {
  readonly action: Action;
  readonly data: readonly bigint[];
}

export interface ConstantEntry {
  readonly key: readonly MatchParameter[];
  readonly priority: number;
  readonly call: ActionCall;
}

export interface Table {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly pipeline: "ingress" | "egress";
  readonly keys: readonly TableKey[];
  readonly match: "exact" | "lpm" | "ternary" | "range";
  readonly kind: "simple" | "indirect" | "indirect_ws";
  readonly profile: ActionProfile | undefined;
  readonly maxSize: number;
  readonly withCounters: boolean;
  readonly supportTimeout: boolean;
  readonly meter: MeterArray | undefined;
  readonly actions: readonly Action[];
  readonly defaultCall: ActionCall | undefined;
  readonly defaultActionConstant: boolean;
  readonly defaultEntryConstant: boolean;
  readonly immutable: boolean;
  readonly entries: readonly ConstantEntry[];
  /** Filled once all nodes are known. */
  readonly next: TableNext;
}

export interface TableNext {
  hit: Node | undefined;
  miss: Node | undefined;
  /** Whether `hit` and `miss` decide, instead of the action that ran. */
  byOutcome: boolean;
  /** By index of the action in the program. */
  byAction: Map<number, Node | undefined>;
  baseDefault: Node | undefined;
}

export interface Conditional {
  readonly name: string;
  readonly condition: Condition;
  whenTrue: Node | undefined;
  whenFalse: Node | undefined;
}

export interface ActionNode {
  readonly name: string;
  readonly action: Action;
  next: Node | undefined;
}

export type Node =
  | { readonly kind: "table"; readonly table: Table }
  | { readonly kind: "conditional"; readonly conditional: Conditional }
  | { readonly kind: "action"; readonly call: ActionNode };

export interface Pipeline {
  readonly name: "ingress" | "egress";
  readonly nodes: readonly Node[];
  readonly first: Node | undefined;
}
