import type { Field, FieldType, Header, RegisterArray, Stack, Union, UnionStack } from "./program.ts";

/** An integer of any size. */
export type Data =
  | { readonly op: "constant"; readonly value: bigint }
  | { readonly op: "parameter"; readonly index: number; readonly width: number }
  | { readonly op: "register"; readonly array: RegisterArray; readonly index: Data }
  | { readonly op: "validity"; readonly of: Header | Union }
  | Place
  | { readonly op: DataOperator; readonly left: Data; readonly right: Data }
  | { readonly op: "~"; readonly right: Data }
  | { readonly op: "choose"; readonly condition: Condition; readonly whenTrue: Data; readonly whenFalse: Data }
  | { readonly op: "fromBoolean"; readonly condition: Condition }
  | { readonly op: "lastIndex"; readonly stack: Stack | UnionStack }
  | { readonly op: "stackSize"; readonly stack: Stack | UnionStack };

/** Operators on two integers; the last three reduce `left` to `right` bits. */
export type DataOperator =
  "+" | "-" | "*" | "/" | "%" | "<<" | ">>" | "&" | "|" | "^" | "two_comp_mod" | "sat_cast" | "usat_cast";

/** What holds an integer and can be assigned to. */
export type Place =
  | { readonly op: "field"; readonly field: Field }
  | {
      readonly op: "elementField";
      readonly header: HeaderReference;
      readonly index: number;
      readonly type: FieldType;
    };

/** A header, named or found at run time. */
export type HeaderReference =
  | { readonly op: "header"; readonly header: Header }
  | { readonly op: "element"; readonly stack: Stack; readonly index: Data }
  | { readonly op: "member"; readonly union: UnionReference; readonly member: number };

/** A union, named or found at run time. */
export type UnionReference =
  | { readonly op: "union"; readonly union: Union }
  | { readonly op: "unionElement"; readonly stack: UnionStack; readonly index: Data };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type Condition =
  | { readonly op: "boolean"; readonly value: boolean }
  | { readonly op: "compare"; readonly comparison: Comparison; readonly left: Data; readonly right: Data }
  | { readonly op: "sameTruth"; readonly left: Condition; readonly right: Condition }
  | { readonly op: "sameHeader"; readonly left: HeaderReference; readonly right: HeaderReference }
  | { readonly op: "sameUnion"; readonly left: UnionReference; readonly right: UnionReference }
  | { readonly op: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly op: "not"; readonly right: Condition }
  | { readonly op: "valid"; readonly header: HeaderReference }
  | { readonly op: "validUnion"; readonly union: UnionReference }
  | { readonly op: "fromData"; readonly data: Data }
  | {
      readonly op: "choose";
      readonly condition: Condition;
      readonly whenTrue: Condition;
      readonly whenFalse: Condition;
    };
