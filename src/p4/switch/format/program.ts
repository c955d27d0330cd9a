import type { Condition, Data, HeaderReference, Place, UnionReference } from "./expression.ts";
import type { ActionProfile, Pipeline, Table } from "./match-table.ts";
import type { Primitive } from "./primitive.ts";

/** A BMv2 program with every name resolved: what the interpreter walks and the code generator translates. */
export interface Program {
  /** The exact text it was read from. */
  readonly text: string;
  readonly headerTypes: readonly HeaderType[];
  readonly headers: readonly Header[];
  readonly stacks: readonly Stack[];
  readonly unions: readonly Union[];
  readonly unionStacks: readonly UnionStack[];
  /** Name to code; the core errors are always among them. */
  readonly errors: ReadonlyMap<string, number>;
  /** What the target's own names stand for (`standard_metadata.ingress_port`, through field_aliases). */
  readonly standardFields: ReadonlyMap<string, Field>;
  readonly parser: Parser | undefined;
  readonly valueSets: readonly ValueSet[];
  readonly deparser: Deparser;
  readonly fieldLists: ReadonlyMap<number, FieldList>;
  readonly learnLists: ReadonlyMap<number, LearnList>;
  readonly actions: readonly Action[];
  readonly calculations: readonly Calculation[];
  readonly checksums: readonly Checksum[];
  readonly counters: readonly CounterArray[];
  readonly meters: readonly MeterArray[];
  readonly registers: readonly RegisterArray[];
  readonly profiles: readonly ActionProfile[];
  readonly tables: readonly Table[];
  readonly ingress: Pipeline;
  readonly egress: Pipeline;
}

export interface HeaderType {
  readonly name: string;
  readonly fields: readonly FieldType[];
  /** Sum of all widths but that of the variable field. */
  readonly fixedBits: number;
  /** Most bytes of the whole header; only headers with a variable field need it. */
  readonly maxBytes: number;
  /** Bits of the variable field as P4_14 has it, of the fields before it, which are the parameters. */
  readonly variableBits?: Data;
}

export interface FieldType {
  readonly name: string;
  /** Bits; for a variable field the most it may have. */
  readonly width: number;
  /** Bits before it in the header, a variable field counted as 0. */
  readonly bitOffset: number;
  readonly signed: boolean;
  readonly saturating: boolean;
  readonly variable: boolean;
}

export interface Header {
  readonly name: string;
  readonly index: number;
  readonly type: HeaderType;
  readonly metadata: boolean;
  /** The union it is a member of. */
  union: Union | undefined;
}

/** One field of one header instance. */
export interface Field {
  readonly header: Header;
  readonly index: number;
  readonly type: FieldType;
}

export interface Stack {
  readonly name: string;
  readonly index: number;
  readonly type: HeaderType;
  readonly headers: readonly Header[];
}

export interface Union {
  readonly name: string;
  readonly index: number;
  readonly headers: readonly Header[];
  readonly memberNames: readonly string[];
}

export interface UnionStack {
  readonly name: string;
  readonly index: number;
  readonly unions: readonly Union[];
}

export interface Parser {
  readonly states: readonly ParseState[];
  readonly first: ParseState;
}

export interface ParseState {
  readonly name: string;
  readonly index: number;
  readonly operations: readonly ParserOperation[];
  readonly key: readonly SelectKey[];
  readonly transitions: readonly Transition[];
  /** After no match; undefined accepts. */
  fallback: ParseState | undefined;
}

/** Part of a select key; `width` bits of `value`, padded on the left to whole bytes. */
export interface SelectKey {
  readonly value: Data | { readonly op: "lookahead"; readonly offset: number; readonly width: number };
  readonly width: number;
}

export type Transition =
  | {
      readonly kind: "value";
      /** One a key part. */
      readonly values: readonly bigint[];
      readonly masks: readonly bigint[];
      readonly next: ParseState | undefined;
    }
  | {
      readonly kind: "set";
      readonly set: ValueSet;
      /** Bits of the packed key that count; undefined: all. */
      readonly mask: bigint | undefined;
      readonly next: ParseState | undefined;
    };

/** What is extracted: a header, the next one of a stack, or a member of the next union of a stack. */
export type ExtractTarget =
  | { readonly kind: "header"; readonly header: Header }
  | { readonly kind: "stack"; readonly stack: Stack }
  | { readonly kind: "unionStack"; readonly stack: UnionStack; readonly member: number };

/** Bits of the variable field of a header that is extracted. */
export interface VariableLength {
  readonly bits: Data;
  /** Parameters are the fields before the variable one of the header that begins here, as P4_14 has it. */
  readonly selfSized: boolean;
}

export type ParserOperation =
  | { readonly op: "extract"; readonly target: ExtractTarget; readonly length: VariableLength | undefined }
  | { readonly op: "set"; readonly target: Place; readonly source: Data }
  | {
      readonly op: "setLookahead";
      readonly target: Place;
      readonly offset: number;
      readonly width: number;
    }
  | { readonly op: "advance"; readonly bits: Data }
  | { readonly op: "verify"; readonly condition: Condition; readonly error: Data }
  | { readonly op: "primitive"; readonly primitive: Primitive };

export interface ValueSet {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  /** Bits of a member, parts packed without padding. */
  readonly width: number;
}

export interface Deparser {
  readonly order: readonly Header[];
  readonly primitives: readonly Primitive[];
}

/** Part of a list or of a calculation's input. */
export type ListElement =
  | { readonly kind: "field"; readonly field: Field }
  | { readonly kind: "constant"; readonly value: bigint; readonly width: number };

export interface FieldList {
  readonly id: number;
  readonly name: string;
  readonly elements: readonly ListElement[];
}

export interface LearnList {
  readonly id: number;
  readonly name: string;
  readonly elements: readonly Field[];
}

export interface ActionParameter {
  readonly name: string;
  readonly width: number;
}

export interface Action {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly parameters: readonly ActionParameter[];
  primitives: readonly Primitive[];
}

export type CalculationInput =
  ListElement | { readonly kind: "header"; readonly header: Header } | { readonly kind: "payload" };

export interface Calculation {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly algorithm: string;
  readonly input: readonly CalculationInput[];
}

export interface Checksum {
  readonly name: string;
  readonly target: Field;
  readonly calculation: Calculation;
  readonly update: boolean;
  readonly verify: boolean;
  readonly condition: Condition | undefined;
}

export interface CounterArray {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly size: number;
  readonly table: string | undefined;
}

export interface MeterArray {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly unit: "packets" | "bytes";
  readonly rateCount: number;
  readonly size: number;
  readonly table: string | undefined;
  readonly target: Field | undefined;
}

export interface RegisterArray {
  readonly name: string;
  readonly id: number;
  readonly index: number;
  readonly size: number;
  readonly width: number;
}

export type * from "./match-table.ts";
export type { Condition, Data, HeaderReference, Place, Primitive, UnionReference };
