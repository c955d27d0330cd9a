import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import { SourceFile, spanning, type Span } from "../diagnostics/source-file.ts";
import { lex } from "../syntax/lexer.ts";
import type { Token } from "../syntax/token.ts";
import { conditionHolds } from "./condition.ts";
import { type Macro, MacroExpander } from "./macro.ts";

/** Finds what `#include` names. */
export interface IncludeResolver {
  /**
   * @param path - as written
   * @param from - name of the including file
   * @param system - written `<path>` rather than `"path"`
   */
  resolve(path: string, from: string, system: boolean): SourceFile | undefined;
}

const deepestInclude = 64;

/**
 * The tokens of a program: files included, macros replaced, branches of conditionals chosen. Ends with an `end`.
 *
 * @param defines - macros from outside: name and text
 */
export function preprocess(
  main: SourceFile,
  includes: IncludeResolver,
  defines: ReadonlyMap<string, string>,
  diagnostics: Diagnostics,
): Token[] {
  const preprocessor = new Preprocessor(includes, diagnostics);
  for (const [name, text] of defines) preprocessor.define(name, text);
  preprocessor.read(main, 0);
  return preprocessor.finish(main);
}

/** One `#if` that is open: whether its branch is read, and whether one has been. */
interface Conditional {
  readonly span: Span;
  readonly outerActive: boolean;
  active: boolean;
  taken: boolean;
  sawElse: boolean;
}

class Preprocessor {
  readonly #includes: IncludeResolver;
  readonly #diagnostics: Diagnostics;
  readonly #macros = new Map<string, Macro>();
  readonly #output: Token[] = [];
  readonly #expander: MacroExpander;

  constructor(includes: IncludeResolver, diagnostics: Diagnostics) {
    this.#includes = includes;
    this.#diagnostics = diagnostics;
    this.#expander = new MacroExpander(this.#macros, diagnostics);
  }

  define(name: string, text: string): void {
    const body = lex(new SourceFile("<command line>", text), this.#diagnostics).slice(0, -1);
    this.#macros.set(name, { name, body });
  }

  finish(main: SourceFile): Token[] {
    const { length } = main.text;
    const span = { file: main, start: length, end: length };
    this.#output.push({ kind: "end", text: "", span, spaced: true, startsLine: true });
    return this.#output;
  }

  read(file: SourceFile, depth: number): void {
    const tokens = lex(file, this.#diagnostics);
    const open: Conditional[] = [];
    let pending: Token[] = [];
    // Macro arguments may go over several lines, but not over a directive.
    const flush = (): void => {
      for (const token of this.#expander.expand(pending)) this.#output.push(token);
      pending = [];
    };
    for (let at = 0; at < tokens.length - 1; at++) {
      const token = tokens[at];
      if (token === undefined) break;
      if (!(token.startsLine && token.text === "#" && token.kind === "punctuation")) {
        if (open.at(-1)?.active ?? true) pending.push(token);
        continue;
      }
      flush();
      const line: Token[] = [];
      for (let following = tokens[at + 1]; following?.startsLine === false; following = tokens[at + 1]) {
        line.push(following);
        at++;
      }
      this.#directive(token, line, open, depth);
    }
    flush();
    for (const { span } of open)
      this.#diagnostics.error(span, "this conditional is never closed", "end it with #endif");
  }

  #directive(hash: Token, line: readonly Token[], open: Conditional[], depth: number): void {
    const [word, ...rest] = line;
    if (word === undefined) return;
    const span = spanning(hash.span, line.at(-1)?.span ?? hash.span);
    const active = open.at(-1)?.active ?? true;
    switch (word.text) {
      case "if":
      case "ifdef":
      case "ifndef": {
        const holds = active && this.#holds(word.text, rest, span);
        open.push({ span, outerActive: active, active: holds, taken: holds, sawElse: false });
        return;
      }
      case "elif":
      case "else":
        this.#branch(word.text, rest, span, open.at(-1));
        return;
      case "endif":
        if (open.pop() === undefined) this.#diagnostics.error(span, "#endif without #if");
        return;
    }
    if (!active) return;
    switch (word.text) {
      case "define":
        this.#define(rest, span);
        return;
      case "undef":
        if (rest[0] === undefined) this.#diagnostics.error(span, "#undef without a name");
        else this.#macros.delete(rest[0].text);
        return;
      case "include":
        this.#include(rest, span, depth);
        return;
      case "error":
        this.#diagnostics.error(span, `#error ${textOf(rest)}`.trim());
        return;
      case "warning":
        this.#diagnostics.warn(span, `#warning ${textOf(rest)}`.trim());
        return;
      case "line":
      case "pragma":
        return;
      default:
        this.#diagnostics.error(
          word.span,
          `#${word.text} is no directive`,
          "directives are include, define, undef, if, ifdef, ifndef, elif, else, endif, error, warning, line, pragma",
        );
    }
  }

  #holds(word: string, rest: readonly Token[], span: Span): boolean {
    const [name] = rest;
    if (name === undefined) {
      this.#diagnostics.error(span, `#${word} without a condition`);
      return false;
    }
    if (word === "if") return conditionHolds(rest, span, this.#macros, this.#diagnostics);
    return this.#macros.has(name.text) === (word === "ifdef");
  }

  #branch(word: string, rest: readonly Token[], span: Span, conditional: Conditional | undefined): void {
    if (conditional === undefined || conditional.sawElse) {
      this.#diagnostics.error(span, conditional === undefined ? `#${word} without #if` : `#${word} after #else`);
      return;
    }
    conditional.sawElse = word === "else";
    const candidate = conditional.outerActive && !conditional.taken;
    conditional.active = candidate && (word === "else" || this.#holds("if", rest, span));
    conditional.taken ||= conditional.active;
  }

  #define(rest: readonly Token[], span: Span): void {
    const [name, ...body] = rest;
    if (name === undefined || (name.kind !== "identifier" && name.kind !== "keyword")) {
      this.#diagnostics.error(span, "#define without a name");
      return;
    }
    const [first] = body;
    // Only a parenthesis that touches the name begins parameters.
    if (first?.text !== "(" || first.spaced) {
      this.#macros.set(name.text, { name: name.text, body });
      return;
    }
    const close = body.findIndex(({ text }) => text === ")");
    const parameters = body.slice(1, Math.max(1, close)).filter(({ text }) => text !== ",");
    if (close < 0 || parameters.some(({ kind }) => kind !== "identifier")) {
      this.#diagnostics.error(span, `the parameters of the macro ${name.text} are not a list of names`);
      return;
    }
    this.#macros.set(name.text, {
      name: name.text,
      parameters: parameters.map(({ text }) => text),
      body: body.slice(close + 1),
    });
  }

  #include(rest: readonly Token[], span: Span, depth: number): void {
    const [first] = rest;
    const last = rest.at(-1);
    const system = first?.text === "<" && last?.text === ">" && first.kind === "punctuation";
    const path = system
      ? span.file.text.slice(first.span.end, last.span.start)
      : first?.kind === "string"
        ? first.text
        : "";
    if (path === "") {
      this.#diagnostics.error(span, "#include without a file", 'write #include <v1model.p4> or #include "file.p4"');
      return;
    }
    if (depth >= deepestInclude) {
      this.#diagnostics.error(
        span,
        `files include each other more than ${deepestInclude} levels deep`,
        "guard them with #ifndef",
      );
      return;
    }
    const file = this.#includes.resolve(path, span.file.name, system);
    if (file === undefined) this.#diagnostics.error(span, `cannot find ${path}`, "-I adds a folder to look in");
    else this.read(file, depth + 1);
  }
}

function textOf(tokens: readonly Token[]): string {
  const [first] = tokens;
  const last = tokens.at(-1);
  if (first === undefined || last === undefined) return "";
  return first.span.file.text.slice(first.span.start, last.span.end);
}
