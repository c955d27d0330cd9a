import type { Span } from "../compiler/diagnostics/source-file.ts";
import type { PacketPattern } from "./packet-pattern.ts";

/** A word of a test, and where it stands. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** `name: value`, of a key or of an action's parameter. */
export interface NamedValue {
  readonly name: Word;
  readonly value: Word;
}

/** `action(name: value, …)` */
export interface ActionText {
  readonly name: Word;
  readonly values: readonly NamedValue[];
}

/** How a count is compared. */
export const comparisons = ["==", "!=", "<", "<=", ">", ">="] as const;
export type Comparison = (typeof comparisons)[number];

/** One line of a test (STF). */
export type Statement = { readonly span: Span } & (
  | { readonly kind: "packet"; readonly port: number; readonly bytes: Uint8Array }
  /** Without a pattern: a packet of any content. */
  | { readonly kind: "expect"; readonly port: number; readonly pattern: PacketPattern | undefined }
  | { readonly kind: "noPacket" }
  | { readonly kind: "wait"; readonly milliseconds: number }
  | {
      readonly kind: "add";
      readonly table: Word;
      readonly priority: number | undefined;
      readonly keys: readonly NamedValue[];
      readonly action: ActionText;
      /** What `remove` and `check_counter` call the entry. */
      readonly label: Word | undefined;
    }
  | { readonly kind: "setDefault"; readonly table: Word; readonly action: ActionText }
  | { readonly kind: "remove"; readonly label: Word }
  | {
      readonly kind: "check";
      /** A counter or a register. */
      readonly name: Word;
      /** Of an array: which; of a table's entry: its label. */
      readonly cell: Word | undefined;
      readonly unit: "packets" | "bytes" | "register";
      readonly comparison: Comparison;
      readonly value: bigint;
    }
  /** The next digest of the list. */
  | { readonly kind: "checkDigest"; readonly list: Word; readonly pattern: PacketPattern | undefined }
  /** A command as simple_switch_CLI has it. */
  | { readonly kind: "command"; readonly name: Word; readonly words: readonly Word[] }
);
