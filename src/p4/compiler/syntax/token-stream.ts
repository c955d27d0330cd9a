import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import { spanning, type Span } from "../diagnostics/source-file.ts";
import type { Name } from "./ast.ts";
import type { Token } from "./token.ts";

/** Thrown and caught inside the parser only: what follows makes no sense until the next place to go on from. */
export class SyntaxFault extends Error {}

/** Where a speculative reading did not work out; see {@link TokenStream.attempt}. */
class WrongGuess extends Error {}

/** Made once: guesses are many, and nobody looks at where they went wrong. */
const wrongGuess = new WrongGuess();

/** How deep expressions, types and blocks may be nested. */
const deepest = 200;

/** The tokens of a program and a position in them. */
export class TokenStream {
  readonly diagnostics: Diagnostics;
  /** Names that stand for types, as far as they have been declared: `(name) x` is a cast for these only. */
  readonly typeNames = new Set<string>();
  readonly #tokens: readonly Token[];
  #at = 0;
  #guessing = 0;
  #depth = 0;

  /** @param tokens - at least one; the last one is `end` */
  constructor(tokens: readonly Token[], diagnostics: Diagnostics) {
    this.#tokens = tokens;
    this.diagnostics = diagnostics;
  }

  get next(): Token {
    return this.peek(0);
  }

  get atEnd(): boolean {
    return this.next.kind === "end";
  }

  peek(ahead: number): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError("a token stream without an end");
    return token;
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== "end") this.#at++;
    return token;
  }

  /** Whether the next token is this keyword, contextual word or punctuation. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && token.kind !== "string" && token.kind !== "end";
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.take();
    return true;
  }

  /** Take this token, or report what is there instead. */
  expect(text: string, place: string): Token {
    if (this.is(text)) return this.take();
    // What is missing belongs behind the last token rather than before the next one, often lines below.
    const missing = text === ";" || text === ")" || text === "}";
    throw this.fault(
      `expected ${JSON.stringify(text)} ${place}`,
      missing && this.#at > 0 ? this.previousEnd() : undefined,
    );
  }

  /** Take a name; words that have a meaning only in places are names as well. */
  expectName(place: string): Name {
    const { kind, text, span } = this.next;
    if (kind === "identifier") {
      this.take();
      return { text, span };
    }
    throw this.fault(
      `expected ${place}`,
      undefined,
      kind === "keyword" && text !== "_" ? `"${text}" is a word of the language and cannot be a name` : undefined,
    );
  }

  /** Report that the next token is not what it should be. The caller throws what it gets. */
  fault(expected: string, span: Span = this.next.span, hint?: string): Error {
    if (this.#guessing > 0) return wrongGuess;
    this.diagnostics.error(span, `${expected}, found ${describeToken(this.next)}`, hint);
    return new SyntaxFault();
  }

  /** From a span, or the token taken first, to the token taken last. */
  spanFrom(first: Span): Span {
    const last = this.#tokens[Math.max(0, this.#at - 1)];
    return last === undefined ? first : spanning(first, last.span);
  }

  /** Read speculatively: on a fault nothing is taken or reported, and the result is undefined. */
  attempt<T>(read: () => T): T | undefined {
    const { at, depth } = { at: this.#at, depth: this.#depth };
    this.#guessing++;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof WrongGuess)) throw error;
      this.#at = at;
      this.#depth = depth;
      return undefined;
    } finally {
      this.#guessing--;
    }
  }

  /** Whether a speculative reading would work out; nothing is taken. */
  looksLike(read: () => void): boolean {
    const at = this.#at;
    const works = this.attempt(() => {
      read();
      return true;
    });
    this.#at = at;
    return works === true;
  }

  /** Read something that contains itself, to a depth that no sane program reaches. */
  nested<T>(read: () => T): T {
    this.#depth++;
    try {
      if (this.#depth > deepest) throw this.fault(`expected at most ${deepest} levels of nesting`);
      return read();
    } finally {
      this.#depth--;
    }
  }

  /**
   * Read one thing of a list; when that fails, skip to where the next one may begin.
   *
   * @param starts - whether the next token begins something anew
   */
  recovering<T>(read: () => T, starts: () => boolean): T | undefined {
    const at = this.#at;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      this.#skip(at, starts);
      return undefined;
    }
  }

  previousEnd(): Span {
    const { file, end } = (this.#tokens[this.#at - 1] ?? this.next).span;
    return { file, start: end, end: end + 1 };
  }

  /** Skip to the end of what began at a token: behind the braces that it opened, or behind its semicolon. */
  #skip(from: number, starts: () => boolean): void {
    let braces = 0;
    for (const { kind, text } of this.#tokens.slice(from, this.#at)) {
      if (kind === "punctuation" && text === "{") braces++;
      if (kind === "punctuation" && text === "}") braces--;
    }
    if (this.#at === from) this.take();
    while (this.next.kind !== "end") {
      if (braces <= 0 && (this.is("}") || starts())) return;
      // These stand outside of all braces, so some are missing.
      if (this.next.startsLine && outermostWords.has(this.next.text)) return;
      const { text, kind } = this.take();
      if (kind !== "punctuation") continue;
      if (text === "{") braces++;
      else if (text === "}" && --braces <= 0) return;
      else if (text === ";" && braces <= 0) return;
    }
  }
}

const outermostWords: ReadonlySet<string> = new Set([
  "control",
  "extern",
  "header",
  "header_union",
  "package",
  "parser",
  "struct",
  "typedef",
]);

/** A token as messages name it. */
function describeToken({ kind, text }: Token): string {
  if (kind === "end") return "the end of the file";
  return kind === "string" ? "a string" : JSON.stringify(text);
}
