import type { Diagnostics } from "../compiler/diagnostics/diagnostics.ts";
import type { SourceFile, Span } from "../compiler/diagnostics/source-file.ts";
import type { Word } from "./statement.ts";
import { BadValue } from "./value.ts";

/** Thrown to leave a line that has been complained about. */
export class BadLine extends Error {}

/** The words of one line, read from left to right. */
export class Line {
  readonly #diagnostics: Diagnostics;
  readonly #words: readonly Word[];
  readonly #end: Span;
  #next = 0;

  /** `end`: the place behind the last word. */
  constructor(words: readonly Word[], end: Span, diagnostics: Diagnostics) {
    this.#words = words;
    this.#end = end;
    this.#diagnostics = diagnostics;
  }

  /** A line of a file; `separators` are characters that are words by themselves, as a character class has them. Words in quotes may hold them. */
  static of(file: SourceFile, start: number, text: string, separators: string, diagnostics: Diagnostics): Line {
    const pattern = new RegExp(`"[^"]*"${separators === "" ? "" : `|[${separators}]`}|[^\\s"${separators}]+`, "g");
    const words = Array.from(text.matchAll(pattern), ({ 0: word, index }) => ({
      text: word.replaceAll('"', ""),
      span: { file, start: start + index, end: start + index + word.length },
    }));
    const end = start + text.trimEnd().length;
    return new Line(words, { file, start: end, end: end + 1 }, diagnostics);
  }

  /** The whole line. */
  get span(): Span {
    const first = this.#words[0]?.span ?? this.#end;
    return { ...first, end: this.#words.at(-1)?.span.end ?? first.end };
  }

  peek(ahead = 0): string | undefined {
    return this.#words[this.#next + ahead]?.text;
  }

  /** The next word, which is to be `expected`. */
  take(expected: string): Word {
    const word = this.#words[this.#next];
    if (word === undefined) this.fail(this.#end, `expected ${expected}, found the end of the line`);
    this.#next += 1;
    return word;
  }

  /** The next word if it is this one. */
  accept(text: string): boolean {
    if (this.peek() !== text) return false;
    this.#next += 1;
    return true;
  }

  expect(text: string): void {
    const word = this.take(`"${text}"`);
    if (word.text !== text) this.fail(word.span, `expected "${text}", found "${word.text}"`);
  }

  /** A whole number without a sign. */
  number(expected: string): number {
    return Number(this.bigNumber(expected));
  }

  bigNumber(expected: string): bigint {
    const { text, span } = this.take(expected);
    if (!/^(\d+|0x[0-9a-f]+)$/i.test(text)) this.fail(span, `expected ${expected}, found "${text}"`);
    return BigInt(text);
  }

  /** What a word means as a value; complains where it is none. */
  value<T>({ text, span }: Word, read: (text: string) => T): T {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      return this.fail(span, `expected ${error.message}, found "${text}"`);
    }
  }

  rest(): readonly Word[] {
    const words = this.#words.slice(this.#next);
    this.#next = this.#words.length;
    return words;
  }

  end(): void {
    const word = this.#words[this.#next];
    if (word !== undefined) this.fail(word.span, `expected the end of the line, found "${word.text}"`);
  }

  fail(span: Span, message: string, hint?: string): never {
    this.#diagnostics.error(span, message, hint);
    throw new BadLine(message);
  }
}
