import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import { SourceFile, spanning, type Span } from "../diagnostics/source-file.ts";
import { lex } from "../syntax/lexer.ts";
import type { Token } from "../syntax/token.ts";

/** What `#define` gave a name. */
export interface Macro {
  readonly name: string;
  /** Absent when the macro takes no parentheses. */
  readonly parameters?: readonly string[];
  readonly body: readonly Token[];
}

/** The macros that are defined at a point of the program. */
export type MacroTable = ReadonlyMap<string, Macro>;

/** How many tokens the macros of one program may come to: a runaway of macros that double each other ends there. */
const mostTokens = 2_000_000;

/** Replaces macros in tokens. What comes out stands where the macro was used, so that messages point there. */
export class MacroExpander {
  readonly #macros: MacroTable;
  readonly #diagnostics: Diagnostics;
  #produced = 0;

  constructor(macros: MacroTable, diagnostics: Diagnostics) {
    this.#macros = macros;
    this.#diagnostics = diagnostics;
  }

  /**
   * @param tokens - without an `end`
   * @param busy - macros that are being replaced: their own names stay as they are inside of them
   */
  expand(tokens: readonly Token[], busy: ReadonlySet<string> = new Set()): Token[] {
    const result: Token[] = [];
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at];
      if (token === undefined) break;
      const macro = token.kind === "string" || busy.has(token.text) ? undefined : this.#macros.get(token.text);
      if (macro === undefined) {
        result.push(token);
        continue;
      }
      if (macro.parameters === undefined) {
        result.push(...this.#replace(macro, new Map(), token.span, token, busy));
        continue;
      }
      const call = readArguments(tokens, at + 1);
      if (call === undefined) {
        // The name alone is not a use of a macro with parameters.
        result.push(token);
        continue;
      }
      const span = spanning(token.span, tokens[call.end]?.span ?? token.span);
      at = call.end;
      const given =
        macro.parameters.length === 0 && call.values.every((value) => value.length === 0) ? [] : call.values;
      if (given.length !== macro.parameters.length) {
        const expected = `${macro.parameters.length} ${macro.parameters.length === 1 ? "argument" : "arguments"}`;
        this.#diagnostics.error(span, `the macro ${macro.name} takes ${expected}, found ${given.length}`);
        continue;
      }
      const values = new Map(macro.parameters.map((name, index) => [name, given[index] ?? []]));
      result.push(...this.#replace(macro, values, span, token, busy));
    }
    return result;
  }

  #replace(
    macro: Macro,
    values: ReadonlyMap<string, readonly Token[]>,
    span: Span,
    use: Token,
    busy: ReadonlySet<string>,
  ): Token[] {
    const substituted = this.#substitute(macro, values, span, busy);
    this.#produced += substituted.length;
    if (this.#produced > mostTokens) {
      this.#diagnostics.error(span, `the macros of this program come to more than ${mostTokens} tokens`);
      return [];
    }
    const placed = substituted.map((token, index) => ({
      ...token,
      span,
      spaced: index === 0 ? use.spaced : token.spaced,
      startsLine: index === 0 && use.startsLine,
    }));
    return this.expand(placed, new Set([...busy, macro.name]));
  }

  #substitute(
    macro: Macro,
    values: ReadonlyMap<string, readonly Token[]>,
    span: Span,
    busy: ReadonlySet<string>,
  ): Token[] {
    const result: Token[] = [];
    const { body } = macro;
    for (let at = 0; at < body.length; at++) {
      const token = body[at];
      if (token === undefined) break;
      const following = body[at + 1];
      if (token.text === "#" && token.kind === "punctuation" && following !== undefined && values.has(following.text)) {
        const text = (values.get(following.text) ?? [])
          .map(({ text, spaced }) => (spaced ? ` ${text}` : text))
          .join("");
        result.push({ kind: "string", text: text.trim(), span, spaced: token.spaced, startsLine: false });
        at++;
        continue;
      }
      if (token.text === "##" && following !== undefined) {
        const left = result.pop();
        const [right, ...rest] = values.get(following.text) ?? [following];
        result.push(...this.#paste(left, right, span), ...rest);
        at++;
        continue;
      }
      const value = token.kind === "string" ? undefined : values.get(token.text);
      if (value === undefined) result.push(token);
      else result.push(...(following?.text === "##" ? value : this.expand(value, busy)));
    }
    return result;
  }

  #paste(left: Token | undefined, right: Token | undefined, span: Span): readonly Token[] {
    if (left === undefined || right === undefined) return [left ?? right].filter((token) => token !== undefined);
    const joined = lex(new SourceFile(span.file.name, left.text + right.text), this.#diagnostics).slice(0, -1);
    return joined.map((token) => ({ ...token, span, spaced: left.spaced }));
  }
}

/** The arguments from an opening parenthesis on, and the index of the closing one. */
function readArguments(tokens: readonly Token[], from: number): { values: Token[][]; end: number } | undefined {
  if (tokens[from]?.text !== "(") return undefined;
  const values: Token[][] = [[]];
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const isMark = token.kind === "punctuation";
    if (isMark && token.text === "(" && ++depth === 1) continue;
    if (isMark && token.text === ")" && --depth === 0) return { values, end: at };
    if (isMark && token.text === "," && depth === 1) values.push([]);
    else values.at(-1)?.push(token);
  }
  return undefined;
}
