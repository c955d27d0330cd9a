import type { Header, HeaderType, Program, Stack, Union, UnionStack } from "../format/program.ts";
import { wordCount } from "../state/key.ts";

/** Where one header instance lives. */
export interface HeaderPlace {
  /** First word of its fields. */
  readonly word: number;
  /** Position of its validity. */
  readonly flag: number;
  /** First byte of its variable field. */
  readonly byte: number;
}

/** How the fields of a header type lie from its first word on. */
export interface TypeLayout {
  /** First word of each field; a variable field has one word, its length in bits now. */
  readonly offsets: readonly number[];
  readonly words: number;
  /** Bytes to hold the variable field at its longest. */
  readonly variableBytes: number;
}

/**
 * Places of all fields in one array of 32-bit words (fields right-aligned, most significant word first), all validities
 * in one array of bytes, all variable fields in another. Metadata comes first. The elements of a stack follow one another,
 * so that an element found at run time is a multiplication away.
 */
export class Layout {
  readonly program: Program;
  readonly metadataWords: number;
  /** Words of fields and of the next indexes of stacks behind them. */
  readonly words: number;
  readonly flags: number;
  readonly bytes: number;
  readonly #types = new Map<HeaderType, TypeLayout>();
  readonly #places = new Map<Header, HeaderPlace>();
  readonly #stackNext = new Map<Stack | UnionStack, number>();
  #word = 0;
  #flag = 0;
  #byte = 0;

  constructor(program: Program) {
    this.program = program;
    for (const header of program.headers) if (header.metadata) this.#place(header);
    this.metadataWords = this.#word;
    for (const { headers } of program.stacks) for (const header of headers) this.#place(header);
    for (const { unions } of program.unionStacks) {
      for (const { headers } of unions) for (const header of headers) this.#place(header);
    }
    for (const header of program.headers) this.#place(header);
    for (const stack of [...program.stacks, ...program.unionStacks]) {
      this.#stackNext.set(stack, this.#word);
      this.#word += 1;
    }
    this.words = this.#word;
    this.flags = this.#flag;
    this.bytes = this.#byte;
  }

  type(type: HeaderType): TypeLayout {
    let layout = this.#types.get(type);
    if (layout === undefined) {
      const offsets: number[] = [];
      let words = 0;
      let variableBytes = 0;
      for (const { width, variable } of type.fields) {
        offsets.push(words);
        words += variable ? 1 : wordCount(width);
        if (variable) variableBytes = width / 8;
      }
      layout = { offsets, words, variableBytes };
      this.#types.set(type, layout);
    }
    return layout;
  }

  header(header: Header): HeaderPlace {
    const place = this.#places.get(header);
    if (place === undefined) throw new Error(`header ${header.name} has no place`);
    return place;
  }

  /** Word that holds the next index of a stack. */
  next(stack: Stack | UnionStack): number {
    return this.#stackNext.get(stack) ?? 0;
  }

  /** Where the elements of a stack begin, how far one is from the next, how many there are; undefined if none. */
  elements(
    stack: Stack | UnionStack,
  ): { readonly first: HeaderPlace; readonly stride: HeaderPlace; readonly size: number } | undefined {
    const unions: readonly Pick<Union, "headers">[] =
      "unions" in stack ? stack.unions : [{ headers: stack.headers.slice(0, 1) }];
    const [union] = unions;
    const first = union?.headers[0];
    if (union === undefined || first === undefined) return undefined;
    const size = "unions" in stack ? stack.unions.length : stack.headers.length;
    return { first: this.header(first), stride: this.unionStride(union), size };
  }

  /** Words, flags and bytes from one union of a stack to the next. */
  unionStride(union: Pick<Union, "headers">): HeaderPlace {
    return union.headers.reduce<HeaderPlace>(
      (sum, { type }) => {
        const { words, variableBytes } = this.type(type);
        return { word: sum.word + words, flag: sum.flag + 1, byte: sum.byte + variableBytes };
      },
      { word: 0, flag: 0, byte: 0 },
    );
  }

  #place(header: Header): void {
    if (this.#places.has(header)) return;
    this.#places.set(header, { word: this.#word, flag: this.#flag, byte: this.#byte });
    const { words, variableBytes } = this.type(header.type);
    this.#word += words;
    this.#flag += 1;
    this.#byte += variableBytes;
  }
}
