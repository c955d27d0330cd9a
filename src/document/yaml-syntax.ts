import {
  isAlias,
  isNode,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type ErrorCode,
  type ParsedNode,
} from "yaml";
import type { DocumentFault } from "./document-fault.ts";
import { TextSource } from "./document-source.ts";

/** A YAML text read without regard to what it should say. */
export interface ParsedText {
  readonly source: TextSource;
  /** The plain value; `undefined` when the syntax is too broken to have one. */
  readonly value: unknown;
  readonly faults: readonly DocumentFault[];
}

/** Larger texts are refused: a declaration is written by people. */
const longestText = 8 * 1024 * 1024;

const hints: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: "indent with spaces: YAML does not allow tabs there",
  DUPLICATE_KEY: "each key may be given once in a mapping: rename or remove one of the two",
  BAD_INDENT: "entries of the same mapping or list start in the same column",
  MISSING_CHAR: "look for a quote, bracket or colon that is missing here or just before",
  MULTILINE_IMPLICIT_KEY: 'a key is one line and ends in ": "',
  BLOCK_AS_IMPLICIT_KEY: 'text that contains ": " needs quotes',
  BAD_SCALAR_START: "text that starts with one of @ ` % needs quotes",
  TAG_RESOLVE_FAILED: "remove the tag: only plain data is read",
  UNEXPECTED_TOKEN: "look for a quote, bracket or colon that is missing here or just before",
};

/** Clearer words than the parser's own. */
const words: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: "the same key is given twice",
  RESOURCE_EXHAUSTION: "lists and mappings are nested too deeply to be read",
};

/** Syntax faults after which the structure can still be trusted. */
const harmless: ReadonlySet<ErrorCode> = new Set(["DUPLICATE_KEY"]);

/**
 * Parse one YAML 1.2 document of plain data: no anchors, aliases, merge keys or tags, text keys only.
 * Never throws for any text.
 */
export function parseYaml(text: string, name: string): ParsedText {
  const lineCounter = new LineCounter();
  const bare = (): TextSource => {
    lineCounter.addNewLine(0);
    return new TextSource(name, text, lineCounter, null);
  };
  if (text.length > longestText) {
    const source = bare();
    const size = `${(text.length / 1024 / 1024).toFixed(1)} MiB`;
    return { source, value: undefined, faults: [source.faultAt([], `expected at most 8 MiB of text, found ${size}`)] };
  }
  const binary = findControlCharacter(text);
  if (binary !== undefined) {
    const before = text.slice(0, binary.offset);
    const line = before.split("\n").length;
    const message = `expected text, found the control character ${binary.name} in line ${line}`;
    const hint = "is this a YAML file? It may be an archive, an image, or text in UTF-16";
    return { source: bare(), value: undefined, faults: [{ file: name, path: [], message, hint }] };
  }
  try {
    return parseDocuments(text, name, lineCounter);
  } catch (error) {
    // The parser and its visitor recurse, so hostile nesting ends in a RangeError.
    if (!(error instanceof RangeError)) throw error;
    const faults = [{ file: name, path: [], message: "lists and mappings are nested too deeply to be read" }];
    return { source: bare(), value: undefined, faults };
  }
}

function parseDocuments(text: string, name: string, lineCounter: LineCounter): ParsedText {
  const documents = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    logLevel: "silent",
    merge: false,
    version: "1.2",
  });
  const [first, second] = Array.isArray(documents) ? documents : [];
  const source = new TextSource(name, text, lineCounter, first?.contents ?? null);
  if (first === undefined || first.contents === null) {
    const faults = (first?.errors ?? []).map((error) => syntaxFault(source, error.code, error.message, error.pos));
    if (faults.length > 0) return { source, value: undefined, faults };
    return {
      source,
      value: undefined,
      faults: [{ file: name, path: [], message: "the file says nothing: it is empty" }],
    };
  }
  const problems = [...first.errors, ...first.warnings];
  const faults = oncePerLine(problems.map(({ code, message, pos }) => syntaxFault(source, code, message, pos)));
  if (second !== undefined) {
    const [start] = second.contents?.range ?? second.range;
    const hint = 'remove the "---" and what follows, or put it into a file of its own';
    faults.push(source.faultAtOffsets(start, start + 1, "expected one document, found a second", hint));
  }
  const features = unsupportedFeatures(first.contents, source);
  faults.push(...features);
  const broken = problems.some(({ code }) => !harmless.has(code)) || features.length > 0;
  return { source, value: broken ? undefined : first.toJS({ maxAliasCount: 0 }), faults };
}

function syntaxFault(
  source: TextSource,
  code: ErrorCode,
  message: string,
  [start, end]: readonly [number, number],
): DocumentFault {
  const text = words[code] ?? decapitalize(message.split("\n", 1)[0] ?? message);
  const fault = source.faultAtOffsets(start, Math.max(end, start + 1), text);
  const hint = isUnquotedExpression(source, fault) ? quotes : message.includes("end with a") ? unclosed : hints[code];
  return hint === undefined ? fault : { ...fault, hint };
}

const quotes = 'inside [ ] and { } a text with "${…}" needs quotes';
const unclosed = "the bracket or brace was opened above: look for where it should have been closed";

/** An expression in a flow collection: its brace is taken for the start of a mapping. */
function isUnquotedExpression(source: TextSource, { line = 0, column = 0 }: DocumentFault): boolean {
  return source.lineText(line).slice(0, column).includes("${");
}

/** What follows a fault of syntax in the same line follows from it. */
function oncePerLine(faults: readonly DocumentFault[]): DocumentFault[] {
  return faults.filter((fault, index) => faults.findIndex(({ line }) => line === fault.line) === index);
}

function decapitalize(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

function unsupportedFeatures(root: ParsedNode, source: TextSource): DocumentFault[] {
  const faults: DocumentFault[] = [];
  const report = (range: readonly number[] | null | undefined, message: string, hint: string): void => {
    const [start = 0, end = start + 1] = range ?? [];
    faults.push(source.faultAtOffsets(start, end, message, hint));
  };
  const sharing = "write the value out, or share it by a means of the document itself (a topology has `extends`)";
  visit(root, {
    Node: (_key, node) => {
      if (isAlias(node)) report(node.range, `the alias *${node.source} is not supported`, sharing);
      else if (node.anchor !== undefined) report(node.range, `the anchor &${node.anchor} is not supported`, sharing);
    },
    Pair: (_key, { key }) => {
      if (isScalar(key) && key.value === "<<") report(key.range, 'the merge key "<<" is not supported', sharing);
      else if (isScalar(key) && key.value === "__proto__") {
        report(key.range, 'the key "__proto__" is not allowed', "choose another name");
      } else if (!isScalar(key) && !isAlias(key)) {
        const range = isNode(key) ? key.range : null;
        report(range, "expected text as a key, found a list or mapping", 'text in { } needs quotes: "{ x }"');
      }
    },
  });
  return faults;
}

function findControlCharacter(text: string): { offset: number; name: string } | undefined {
  // Everything below the space but tab, line feed and carriage return.
  const match = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.exec(text);
  if (match === null) return undefined;
  const code = match[0].charCodeAt(0);
  return { offset: match.index, name: `U+${code.toString(16).toUpperCase().padStart(4, "0")}` };
}
