import type { Diagnostics } from "../compiler/diagnostics/diagnostics.ts";
import type { SourceFile, Span } from "../compiler/diagnostics/source-file.ts";
import { commands } from "./commands.ts";
import { BadLine, Line } from "./line.ts";
import type { PacketPattern } from "./packet-pattern.ts";
import {
  type ActionText,
  type Comparison,
  comparisons,
  type NamedValue,
  type Statement,
  type Word,
} from "./statement.ts";

type Reader = (line: Line, keyword: Word) => DistributiveOmit<Statement, "span">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

const punctuation = ":(),=";
const brackets = "()[\\]";
const endMark = "$";

/** Characters that are words by themselves in some statements. */
const separators: Readonly<Record<string, string>> = {
  add: punctuation,
  setdefault: punctuation,
  check_counter: brackets,
  check_register: brackets,
  check_digest: endMark,
  expect: endMark,
};

const readers: Readonly<Record<string, Reader>> = {
  packet(line) {
    const port = line.number("a port");
    const bytes = hexadecimal(line, false).map((nibble) => nibble ?? 0);
    if (bytes.length === 0) line.take("the bytes of a packet");
    if (bytes.length % 2 !== 0) line.fail(line.span, "a packet has whole bytes, found an odd number of digits");
    return { kind: "packet", port, bytes: Uint8Array.from({ length: bytes.length / 2 }, (_, at) => byteAt(bytes, at)) };
  },
  expect: (line) => ({ kind: "expect", port: line.number("a port"), pattern: pattern(line) }),
  no_packet: () => ({ kind: "noPacket" }),
  wait: (line) => ({ kind: "wait", milliseconds: line.peek() === undefined ? 1000 : line.number("milliseconds") }),
  add(line) {
    const table = line.take("a table");
    const isPriority = line.peek() !== undefined && ![":", "("].includes(line.peek(1) ?? "");
    const priority = isPriority ? line.number("a priority, a key or an action") : undefined;
    const keys: NamedValue[] = [];
    while (line.peek(1) === ":") keys.push(namedValue(line, "a key"));
    const action = actionText(line);
    const label = line.accept("=") ? line.take("a name for the entry") : undefined;
    return { kind: "add", table, priority, keys, action, label };
  },
  setdefault: (line) => ({ kind: "setDefault", table: line.take("a table"), action: actionText(line) }),
  remove: (line) => ({ kind: "remove", label: line.take("the name of an entry") }),
  check_counter(line) {
    const { name, cell } = cellOf(line, "a counter");
    const unit = line.peek() === "bytes" ? "bytes" : "packets";
    line.accept(unit);
    return { kind: "check", name, cell, unit, ...comparison(line) };
  },
  check_register: (line) => ({ kind: "check", ...cellOf(line, "a register"), unit: "register", ...comparison(line) }),
  check_digest(line) {
    const list = line.take("a learn list");
    return { kind: "checkDigest", list, pattern: pattern(line) };
  },
};

/**
 * Read a test in the simple test framework's format (STF), a statement a line; what is wrong with it goes to
 * `diagnostics`, all of it.
 */
export function parseStf(file: SourceFile, diagnostics: Diagnostics): readonly Statement[] {
  const statements: Statement[] = [];
  let start = 0;
  for (const raw of file.text.split("\n")) {
    const text = raw.replace(/#.*$/, "");
    const keyword = /\S+/.exec(text)?.[0].toLowerCase();
    if (keyword !== undefined) {
      try {
        statements.push(statement(file, start, text, keyword, diagnostics));
      } catch (error) {
        if (!(error instanceof BadLine)) throw error;
      }
    }
    start += raw.length + 1;
  }
  return statements;
}

function statement(
  file: SourceFile,
  start: number,
  text: string,
  keyword: string,
  diagnostics: Diagnostics,
): Statement {
  const line = Line.of(file, start, text, separatorsOf(keyword), diagnostics);
  const { span } = line;
  const word = line.take("a statement");
  const read = Object.hasOwn(readers, keyword) ? readers[keyword] : undefined;
  if (read !== undefined) {
    const found = read(line, word);
    line.end();
    return { ...found, span };
  }
  if (!Object.hasOwn(commands, keyword)) {
    const known = [...Object.keys(readers), ...Object.keys(commands)].sort().join(", ");
    line.fail(word.span, `"${word.text}" is no statement`, `statements are ${known}`);
  }
  return { kind: "command", name: { ...word, text: keyword }, words: line.rest(), span };
}

function separatorsOf(keyword: string): string {
  return Object.hasOwn(separators, keyword) ? (separators[keyword] ?? "") : "";
}

function pattern(line: Line): PacketPattern | undefined {
  const nibbles = hexadecimal(line, true);
  const complete = line.accept("$");
  return nibbles.length === 0 && !complete ? undefined : { nibbles, complete };
}

/** The digits up to the end of the line or to `$`, spaces between them free. */
function hexadecimal(line: Line, wildcards: boolean): readonly (number | undefined)[] {
  const nibbles: (number | undefined)[] = [];
  while (line.peek() !== undefined && line.peek() !== "$") {
    const { text, span } = line.take("hexadecimal digits");
    for (const [at, digit] of Array.from(text).entries()) {
      if (!/[0-9a-f]/i.test(digit) && !(wildcards && digit === "*")) {
        line.fail(place(span, at), `expected a hexadecimal digit${wildcards ? ", * or $" : ""}, found "${digit}"`);
      }
      nibbles.push(digit === "*" ? undefined : Number.parseInt(digit, 16));
    }
  }
  return nibbles;
}

function place(span: Span, at: number): Span {
  return { ...span, start: span.start + at, end: span.start + at + 1 };
}

function byteAt(nibbles: readonly number[], at: number): number {
  return ((nibbles[at * 2] ?? 0) << 4) | (nibbles[at * 2 + 1] ?? 0);
}

/** `name[index]` or `name(entry)` */
function cellOf(line: Line, what: string): { name: Word; cell: Word | undefined } {
  const name = line.take(what);
  const opening = ["(", "["].find((bracket) => line.accept(bracket));
  if (opening === undefined) return { name, cell: undefined };
  const cell = line.take("an index or the name of an entry");
  line.expect(opening === "(" ? ")" : "]");
  return { name, cell };
}

function comparison(line: Line): { comparison: Comparison; value: bigint } {
  const expected = `one of ${comparisons.join(" ")}`;
  const sign = line.take(expected);
  const known = comparisons.find((each) => each === sign.text);
  if (known === undefined) line.fail(sign.span, `expected ${expected}, found "${sign.text}"`);
  return { comparison: known, value: line.bigNumber("a number") };
}

function actionText(line: Line): ActionText {
  const name = line.take("an action");
  const values: NamedValue[] = [];
  line.expect("(");
  while (!line.accept(")")) {
    if (values.length > 0) line.expect(",");
    values.push(namedValue(line, "a parameter"));
  }
  return { name, values };
}

function namedValue(line: Line, what: string): NamedValue {
  const name = line.take(what);
  line.expect(":");
  return { name, value: line.take(`the value of ${name.text}`) };
}
