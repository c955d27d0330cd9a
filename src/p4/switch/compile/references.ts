import type { Data, HeaderReference, Place, UnionReference } from "../format/expression.ts";
import type { FieldType, Header, HeaderType, Union } from "../format/program.ts";
import type { Code } from "./code.ts";
import type { HeaderPlace, Layout } from "./layout.ts";

/** A position known now, or an expression for it. */
export type Position = number | string;

/** Where a header lives, as far as is known before a packet comes. */
export interface HeaderCode {
  readonly type: HeaderType;
  readonly word: Position;
  readonly flag: Position;
  readonly byte: Position;
  readonly metadata: boolean;
  /** Flags, words and types of the other members of its union, with the same kind of positions. */
  readonly siblings: readonly HeaderCode[];
}

/** Where a field lives. */
export interface FieldCode {
  readonly type: FieldType;
  readonly index: number;
  readonly header: HeaderCode;
  /** First word. */
  readonly word: Position;
}

/** A position `offset` further. */
export function plus(position: Position, offset: number): Position {
  if (typeof position === "number") return position + offset;
  return offset === 0 ? position : `${position} + ${offset}`;
}

/** Finds headers and fields; what must be found at run time is written to `code`, with its checks. */
export class References {
  readonly #layout: Layout;
  readonly #code: Code;
  /** An index expression that is within 0..size-1, or throws at run time. */
  readonly #checkedIndex: (index: Data, size: number) => string;

  constructor(layout: Layout, code: Code, checkedIndex: (index: Data, size: number) => string) {
    this.#layout = layout;
    this.#code = code;
    this.#checkedIndex = checkedIndex;
  }

  named(header: Header): HeaderCode {
    const siblings = (header.union?.headers ?? []).filter((other) => other !== header);
    return { ...this.#plain(header), siblings: siblings.map((sibling) => this.#plain(sibling)) };
  }

  header(reference: HeaderReference): HeaderCode {
    switch (reference.op) {
      case "header":
        return this.named(reference.header);
      case "element": {
        const { headers } = reference.stack;
        const index = this.#checkedIndex(reference.index, headers.length);
        return this.element(headers, index);
      }
      case "member": {
        const members = this.union(reference.union);
        return this.member(members, reference.member);
      }
    }
  }

  /** The element of a stack at an index that has been checked. */
  element(headers: readonly Header[], index: string): HeaderCode {
    const [first] = headers;
    if (first === undefined) throw new Error("a stack without elements");
    const { words, variableBytes } = this.#layout.type(first.type);
    return this.#shifted(this.#plain(first), { word: words, flag: 1, byte: variableBytes }, index);
  }

  /** All members of a union. */
  union(reference: UnionReference): readonly HeaderCode[] {
    if (reference.op === "union") return this.members(reference.union);
    const { unions } = reference.stack;
    const index = this.#checkedIndex(reference.index, unions.length);
    return this.unionElement(unions, index);
  }

  members(union: Union): readonly HeaderCode[] {
    return union.headers.map((header) => this.#plain(header));
  }

  /** Members of the union of a stack at an index that has been checked. */
  unionElement(unions: readonly Union[], index: string): readonly HeaderCode[] {
    const [first] = unions;
    if (first === undefined) throw new Error("a stack without elements");
    const stride = this.#layout.unionStride(first);
    return first.headers.map((header) => this.#shifted(this.#plain(header), stride, index));
  }

  /** One member, with the others as its siblings. */
  member(members: readonly HeaderCode[], at: number): HeaderCode {
    const header = members[at];
    if (header === undefined) throw new Error("no such member");
    return { ...header, siblings: members.filter((other) => other !== header) };
  }

  place(place: Place): FieldCode {
    return place.op === "field"
      ? this.field(this.named(place.field.header), place.field.index)
      : this.field(this.header(place.header), place.index);
  }

  field(header: HeaderCode, index: number): FieldCode {
    const type = header.type.fields[index];
    if (type === undefined) throw new Error("no such field");
    return { type, index, header, word: plus(header.word, this.#layout.type(header.type).offsets[index] ?? 0) };
  }

  #plain(header: Header): HeaderCode {
    return { type: header.type, metadata: header.metadata, siblings: [], ...this.#layout.header(header) };
  }

  #shifted(header: HeaderCode, stride: HeaderPlace, index: string): HeaderCode {
    const at = (start: Position, step: number): string => this.#code.temp(`${start} + ${index} * ${step}`);
    return {
      ...header,
      word: at(header.word, stride.word),
      flag: at(header.flag, stride.flag),
      byte: header.type.fields.some(({ variable }) => variable) ? at(header.byte, stride.byte) : header.byte,
    };
  }
}
