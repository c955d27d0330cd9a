import type { StackType, StructType } from "../check/types.ts";
import { type HeaderReference, partsOf, type Value } from "./value.ts";

/** A value of any type: scalars, and what is made of them. Where all scalars in it are places, it can be assigned to. */
export type Data =
  | { readonly kind: "scalar"; readonly value: Value }
  /** Only part of a scalar, as the target of an assignment. */
  | { readonly kind: "slice"; readonly whole: Value; readonly high: number; readonly low: number }
  | HeaderData
  | UnionData
  | StackData
  | { readonly kind: "struct"; readonly fields: ReadonlyMap<string, Data> }
  /** A header that is written down: valid with these fields, or `{#}`. */
  | { readonly kind: "new-header"; readonly fields: ReadonlyMap<string, Data> | undefined }
  | { readonly kind: "string"; readonly text: string }
  | { readonly kind: "nothing" };

/** A header; `next` stands for the element of a stack that a parser fills next. */
export interface HeaderData {
  readonly kind: "header";
  readonly reference: HeaderReference;
  readonly type: StructType;
  /** Of `stack.next`. */
  readonly next?: true;
  /** Of `stack.last`. */
  readonly last?: true;
}

/** A header union. */
export interface UnionData {
  readonly kind: "union";
  readonly name: string;
  readonly members: ReadonlyMap<string, HeaderData>;
  readonly type: StructType;
  /** The stack and member that `next` extracts into. */
  readonly nextOf?: string;
}

/** A stack of headers or unions. */
export interface StackData {
  readonly kind: "stack";
  readonly name: string;
  readonly elements: readonly (HeaderData | UnionData)[];
  readonly type: StackType;
}

export const nothing: Data = { kind: "nothing" };

/** A scalar as data. */
export function scalar(value: Value): Data {
  return { kind: "scalar", value };
}

/** The names of all places that data stands in: a header (whole), or one field of the scalars. */
export function* placesOf(data: Data, metadata: ReadonlySet<string>): Generator<string> {
  switch (data.kind) {
    case "scalar":
      yield* placesOfValue(data.value, metadata);
      return;
    case "slice":
      yield* placesOfValue(data.whole, metadata);
      return;
    case "header":
      yield* placesOfReference(data.reference, metadata);
      return;
    case "union":
      for (const member of data.members.values()) yield* placesOf(member, metadata);
      return;
    case "stack":
      for (const element of data.elements) yield* placesOf(element, metadata);
      return;
    case "struct":
      for (const field of data.fields.values()) yield* placesOf(field, metadata);
      return;
    case "new-header":
      for (const field of data.fields?.values() ?? []) yield* placesOf(field, metadata);
      return;
    case "string":
    case "nothing":
      return;
  }
}

function* placesOfReference(reference: HeaderReference, metadata: ReadonlySet<string>): Generator<string> {
  if (reference.kind === "instance") yield reference.name;
  else {
    // Any element may be meant.
    yield `${reference.stack}[*]`;
    yield* placesOfValue(reference.index, metadata);
  }
}

function* placesOfValue(value: Value, metadata: ReadonlySet<string>): Generator<string> {
  for (const part of partsOf(value)) {
    switch (part.kind) {
      case "field":
        yield metadata.has(part.header) ? `${part.header}.${part.field}` : part.header;
        break;
      case "element-field":
      case "last-field":
      case "last-index":
        yield `${part.stack}[*]`;
        break;
      case "valid":
        if (part.header.kind === "instance") yield part.header.name;
        break;
      default:
        break;
    }
  }
}

/** Whether two sets of places have something in common, elements of a stack and the stack itself included. */
export function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const wide = (place: string): string => place.replace(/\[\d+\]/, "[*]");
  for (const place of a) {
    if (b.has(place)) return true;
    if (place.endsWith("[*]") && [...b].some((other) => wide(other).startsWith(place))) return true;
    if (b.has(wide(place))) return true;
  }
  return false;
}

/** Whether data is of a place that is known when the program is compiled. */
export function isStatic(data: Data): boolean {
  switch (data.kind) {
    case "scalar":
      return [...partsOf(data.value)].every(({ kind }) => kind !== "element-field" && kind !== "last-field");
    case "header":
      return data.reference.kind === "instance";
    case "struct":
      return [...data.fields.values()].every(isStatic);
    case "slice":
    case "new-header":
      return false;
    default:
      return true;
  }
}

/** The scalars and headers that data is made of, in order, with the path that leads to each. */
export function* leavesOf(data: Data, path = ""): Generator<{ readonly path: string; readonly data: Data }> {
  if (data.kind === "struct") {
    for (const [name, field] of data.fields) yield* leavesOf(field, path === "" ? name : `${path}.${name}`);
  } else if (data.kind === "stack") {
    for (const [index, element] of data.elements.entries()) yield* leavesOf(element, `${path}[${index}]`);
  } else if (data.kind === "union") {
    for (const [name, member] of data.members) yield* leavesOf(member, `${path}.${name}`);
  } else {
    yield { path, data };
  }
}
