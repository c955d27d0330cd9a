import type { Condition, Data, HeaderReference, Place, UnionReference } from "./expression.ts";
import type { Calculation, CounterArray, MeterArray, RegisterArray, Stack, UnionStack } from "./program.ts";

/** A primitive call with its parameters resolved. P4_14's arithmetic primitives are assignments here. */
export type Primitive =
  | { readonly op: "assign"; readonly target: Place; readonly source: Data }
  | { readonly op: "assignVariable"; readonly target: Place; readonly source: Place }
  | { readonly op: "assignHeader"; readonly target: HeaderReference; readonly source: HeaderReference }
  | { readonly op: "assignUnion"; readonly target: UnionReference; readonly source: UnionReference }
  | { readonly op: "assignStack"; readonly target: Stack; readonly source: Stack }
  | { readonly op: "assignUnionStack"; readonly target: UnionStack; readonly source: UnionStack }
  | { readonly op: "addHeader" | "removeHeader"; readonly header: HeaderReference }
  | { readonly op: "push" | "pop"; readonly stack: Stack | UnionStack; readonly count: Data }
  | { readonly op: "drop" }
  | {
      readonly op: "cloneIngress" | "cloneEgress";
      readonly session: Data;
      /** 0: none. */
      readonly fieldList: Data;
    }
  | { readonly op: "resubmit" | "recirculate"; readonly fieldList: Data }
  | { readonly op: "digest"; readonly list: Data }
  | {
      readonly op: "hash";
      readonly target: Place;
      readonly base: Data;
      readonly calculation: Calculation;
      readonly size: Data;
    }
  | { readonly op: "random"; readonly target: Place; readonly low: Data; readonly high: Data }
  | { readonly op: "readRegister"; readonly target: Place; readonly array: RegisterArray; readonly index: Data }
  | { readonly op: "writeRegister"; readonly array: RegisterArray; readonly index: Data; readonly value: Data }
  | { readonly op: "count"; readonly array: CounterArray; readonly index: Data }
  | { readonly op: "meter"; readonly array: MeterArray; readonly index: Data; readonly target: Place }
  | { readonly op: "truncate"; readonly bytes: Data }
  | { readonly op: "exit" }
  | { readonly op: "jump"; readonly to: Data }
  | { readonly op: "jumpIfZero"; readonly value: Data; readonly to: Data }
  | { readonly op: "assert"; readonly condition: Condition; readonly words: string }
  | { readonly op: "log"; readonly format: string; readonly values: readonly Data[] }
  | { readonly op: "nothing" };
