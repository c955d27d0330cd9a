import type { Span } from "../diagnostics/source-file.ts";

/** What a token is; keywords are identifiers whose text is in {@link keywords}. */
export type TokenKind = "identifier" | "keyword" | "integer" | "string" | "punctuation" | "end";

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string its contents, escapes resolved. */
  readonly text: string;
  readonly span: Span;
  /** Whether white space stands before it. */
  readonly spaced: boolean;
  /** Whether it is the first of its line, as `#` of a directive has to be. */
  readonly startsLine: boolean;
  /** Of an integer. */
  readonly integer?: IntegerLiteral;
}

/** An integer as written: `8w0xFF` is unsigned with width 8, `4s7` signed with width 4, `7` has no width. */
export interface IntegerLiteral {
  readonly value: bigint;
  readonly width?: number;
  readonly signed: boolean;
}

/** Words that are never names. (`apply`, `key`, `state` and other words of position may be names elsewhere.) */
export const keywords: ReadonlySet<string> = new Set([
  "abstract",
  "action",
  "bit",
  "bool",
  "break",
  "const",
  "continue",
  "control",
  "default",
  "else",
  "enum",
  "error",
  "exit",
  "extern",
  "false",
  "for",
  "header",
  "header_union",
  "if",
  "in",
  "inout",
  "int",
  "match_kind",
  "out",
  "package",
  "parser",
  "return",
  "select",
  "string",
  "struct",
  "switch",
  "table",
  "this",
  "transition",
  "true",
  "tuple",
  "typedef",
  "varbit",
  "value_set",
  "void",
  "_",
]);
