import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import type { SourceFile, Span } from "../diagnostics/source-file.ts";
import { type IntegerLiteral, keywords, type Token } from "./token.ts";

/** The widest number that a literal may claim, in bits. */
const widestLiteral = 8192;

/**
 * Longest first. `>>` is left as two tokens: in `bit<bit<8>>` it is none, and the parser joins what touches.
 */
const punctuation =
  /\|\+\|=|\|-\|=|&&&|\.\.\.|<<=|\|\+\||\|-\||\+\+|&&|\|\||==|!=|<=|>=|<<|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|\.\.|##|[-+*/%&|^~!<>=(){}[\].,;:?@#]/y;
const spaces = /(?:[ \t\r\f\v\u00a0\ufeff]|\\\r?\n)+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /[0-9][0-9A-Za-z_]*/y;
const integer =
  /^(?:(?<width>[0-9][0-9_]*)(?<sign>[ws]))?(?<digits>0[xX][0-9A-Fa-f_]+|0[bB][01_]+|0[oO][0-7_]+|0[dD][0-9_]+|[0-9][0-9_]*)$/;

/** The tokens of a file, without comments; the last one is `end`. What is no token is reported and left out. */
export function lex(file: SourceFile, diagnostics: Diagnostics): Token[] {
  const { text } = file;
  const tokens: Token[] = [];
  let at = 0;
  let spaced = false;
  let startsLine = true;
  const add = (kind: Token["kind"], end: number, tokenText: string, literal?: IntegerLiteral): void => {
    const span: Span = { file, start: at, end };
    const base = { kind, text: tokenText, span, spaced, startsLine };
    tokens.push(literal === undefined ? base : { ...base, integer: literal });
    at = end;
    spaced = false;
    startsLine = false;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const character = text[at];
    if (character === "\n") {
      at++;
      spaced = true;
      startsLine = true;
      continue;
    }
    const blank = match(spaces);
    if (blank !== undefined) {
      at += blank.length;
      spaced = true;
      continue;
    }
    if (text.startsWith("//", at)) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
      continue;
    }
    if (text.startsWith("/*", at)) {
      const end = text.indexOf("*/", at + 2);
      if (end < 0)
        diagnostics.error({ file, start: at, end: at + 2 }, "this comment is never closed", "end it with */");
      const next = end < 0 ? text.length : end + 2;
      // A directive may follow a comment that began on an earlier line.
      if (text.slice(at, next).includes("\n")) startsLine = true;
      at = next;
      spaced = true;
      continue;
    }
    if (character === '"') {
      const { end, contents, closed } = readString(text, at);
      if (!closed) diagnostics.error({ file, start: at, end }, "this string is never closed", 'end it with "');
      add("string", end, contents);
      continue;
    }
    const name = match(word);
    if (name !== undefined) {
      add(keywords.has(name) ? "keyword" : "identifier", at + name.length, name);
      continue;
    }
    const digits = match(number);
    if (digits !== undefined) {
      add(
        "integer",
        at + digits.length,
        digits,
        readInteger(digits, { file, start: at, end: at + digits.length }, diagnostics),
      );
      continue;
    }
    const mark = match(punctuation);
    if (mark !== undefined) {
      add("punctuation", at + mark.length, mark);
      continue;
    }
    const strange = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const end = at + strange.length;
    diagnostics.error({ file, start: at, end }, `${JSON.stringify(strange)} has no meaning in P4`);
    at = end;
  }
  at = text.length;
  startsLine = true;
  add("end", text.length, "");
  return tokens;
}

function readString(text: string, start: number): { end: number; contents: string; closed: boolean } {
  let contents = "";
  let at = start + 1;
  while (at < text.length && text[at] !== "\n") {
    const character = text[at] ?? "";
    if (character === '"') return { end: at + 1, contents, closed: true };
    if (character === "\\" && at + 1 < text.length && text[at + 1] !== "\n") {
      const escaped = text[at + 1] ?? "";
      contents += escaped === "n" ? "\n" : escaped === "t" ? "\t" : escaped === "r" ? "\r" : escaped;
      at += 2;
      continue;
    }
    contents += character;
    at++;
  }
  return { end: at, contents, closed: false };
}

function readInteger(text: string, span: Span, diagnostics: Diagnostics): IntegerLiteral {
  const parts = integer.exec(text)?.groups;
  const digits = parts?.["digits"]?.replaceAll("_", "").replace(/^0[dD]/, "");
  if (parts === undefined || digits === undefined || /^0[xXbBoO]$/.test(digits)) {
    diagnostics.error(span, `${text} is no number`, "numbers are written 10, 0xFF, 0b1010, 0o17, 8w255, 4s7");
    return { value: 0n, signed: false };
  }
  const value = BigInt(digits === "" ? "0" : digits);
  const { width: widthText, sign } = parts;
  if (widthText === undefined) return { value, signed: false };
  const width = Number(widthText.replaceAll("_", ""));
  const signed = sign === "s";
  if (width > widestLiteral || width < (signed ? 1 : 0)) {
    diagnostics.error(span, `${width} bits are out of range for a number`, `widths go up to ${widestLiteral}`);
    return { value, width: 32, signed };
  }
  if (value >> BigInt(signed ? width - 1 : width) > 0n) {
    diagnostics.warn(span, `${text.slice(text.search(/[ws]/) + 1)} takes more than ${width} bits: some are cut off`);
  }
  return { value, width, signed };
}
