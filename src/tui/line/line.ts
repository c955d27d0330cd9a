/** What a piece of text means; the palette decides how that looks, with and without colours. */
export type Role = "plain" | "title" | "muted" | "good" | "busy" | "warning" | "bad" | "accent" | "selected" | "key";

/** A piece of text that looks the same throughout. */
export interface Span {
  readonly text: string;
  readonly role?: Role;
  /** Parameters of SGR (ECMA-48, 8.3.117) that win over the role: what a program in a console asked for. */
  readonly sgr?: string;
}

/** One line of the screen. */
export type Line = readonly Span[];

/** A line of one role, or of spans. */
export function line(...parts: readonly (Span | string)[]): Line {
  return parts.map((part) => (typeof part === "string" ? { text: part } : part));
}

/** A span of a role. */
export function span(text: string, role: Role = "plain"): Span {
  return { text, role };
}

/** The text of a line without its looks. */
export function lineText(of: Line): string {
  return of.map(({ text }) => text).join("");
}

/** Columns that a line takes. */
export function lineWidth(of: Line): number {
  return of.reduce((sum, { text }) => sum + textColumns(text), 0);
}

/** Columns that a text takes in a terminal. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterColumns(character.codePointAt(0) ?? 0);
  return columns;
}

/** Cut a line to a width, with an ellipsis where something is missing, or fill it with blanks up to it. */
export function fitLine(of: Line, width: number, fill = true): Line {
  const wide = lineWidth(of);
  if (wide <= width) return fill && wide < width ? [...of, { text: " ".repeat(width - wide) }] : of;
  const kept: Span[] = [];
  let left = Math.max(0, width - 1);
  for (const part of of) {
    if (left === 0) break;
    const text = cutText(part.text, left);
    kept.push({ ...part, text });
    left -= textColumns(text);
    if (text !== part.text) break;
  }
  return width <= 0 ? [] : [...kept, { text: "…" }];
}

/** As much of a text as fits into so many columns. */
function cutText(text: string, columns: number): string {
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += characterColumns(character.codePointAt(0) ?? 0);
    if (used > columns) return kept;
    kept += character;
  }
  return kept;
}

/**
 * Break a text between words into lines of at most so many columns; longer words are broken where they must be. Lines are
 * indented as what they go on with.
 */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const indent = (/^ */.exec(paragraph)?.[0] ?? "").slice(0, Math.floor(Math.max(0, width) / 2));
    return wrapWords(paragraph.trimStart(), width - indent.length).map((each) => `${indent}${each}`);
  });
}

function wrapWords(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = "";
  for (let word of paragraph.split(" ")) {
    if (current !== "" && textColumns(current) + 1 + textColumns(word) <= width) {
      current += ` ${word}`;
      continue;
    }
    if (current !== "") lines.push(current);
    while (textColumns(word) > width && width > 0) {
      const head = cutText(word, width);
      if (head === "") break;
      lines.push(head);
      word = word.slice(head.length);
    }
    current = word;
  }
  return [...lines, current];
}

/** A text from outside as it may go to a terminal: no control characters, tabs as blanks. */
export function printable(text: string): string {
  return text
    .replaceAll("\t", "    ")
    .replaceAll(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
}

/** The wide blocks of Unicode Standard Annex #11 that are met in practice; marks that combine take no column. */
function characterColumns(code: number): number {
  if (code < 0x300) return 1;
  if (code <= 0x36f || (code >= 0xfe00 && code <= 0xfe0f) || code === 0x200d) return 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}
