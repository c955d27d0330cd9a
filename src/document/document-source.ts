import { isMap, isScalar, isSeq, type LineCounter, type Node, type Pair, type ParsedNode } from "yaml";
import { codeFrame } from "../error/code-frame.ts";
import type { DocumentFault, DocumentPath } from "./document-fault.ts";

/** Which part of an entry a fault is about: the key itself, or what it holds. */
export type EntryPart = "key" | "value";

/** Where a document comes from: it turns places in the structure into places that a person can look at. */
export interface DocumentSource {
  readonly name: string;
  /** A fault at `path`; at the nearest enclosing entry when the path itself is not in the document. */
  faultAt(path: DocumentPath, message: string, hint?: string, part?: EntryPart): DocumentFault;
  /** Whether the document itself says something at `path`. */
  has(path: DocumentPath): boolean;
}

/** A YAML text: faults carry line, column and code frame. */
export class TextSource implements DocumentSource {
  readonly name: string;
  readonly #lines: readonly string[];
  readonly #lineCounter: LineCounter;
  readonly #root: ParsedNode | null;

  constructor(name: string, text: string, lineCounter: LineCounter, root: ParsedNode | null) {
    this.name = name;
    this.#lines = text.split(/\r?\n/);
    this.#lineCounter = lineCounter;
    this.#root = root;
  }

  /** The text of a line, counted from 1; empty beyond the end. */
  lineText(line: number): string {
    return this.#lines[line - 1] ?? "";
  }

  has(path: DocumentPath): boolean {
    return this.#find(path).depth === path.length;
  }

  faultAt(path: DocumentPath, message: string, hint?: string, part: EntryPart = "value"): DocumentFault {
    const { depth, pair, node } = this.#find(path);
    const key = pair?.key;
    // An entry that is not there is shown at the key of what should hold it, which is one line and near the top.
    const useKey = part === "key" || depth < path.length || !isScalar(node);
    const shown = useKey && key !== undefined ? key : node;
    const [start, end] = shown?.range ?? [0, 1];
    return this.faultAtOffsets(start, end, message, hint, path);
  }

  /** A fault at a stretch of the text, given as offsets in UTF-16 code units. */
  faultAtOffsets(start: number, end: number, message: string, hint?: string, path: DocumentPath = []): DocumentFault {
    const from = this.#lineCounter.linePos(start);
    const to = this.#lineCounter.linePos(end);
    const line = Math.max(1, from.line);
    const column = Math.max(1, from.col);
    const lineEnd = (this.#lines[line - 1] ?? "").length + 1;
    const endColumn = to.line === from.line ? to.col : lineEnd;
    return {
      file: this.name,
      line,
      column,
      path,
      message,
      ...(hint === undefined ? {} : { hint }),
      frame: codeFrame(this.#lines, { line, column, endColumn }),
    };
  }

  /** Follow `path` as far as it goes. */
  #find(path: DocumentPath): {
    depth: number;
    pair: Pair<ParsedNode, ParsedNode | null> | undefined;
    node: Node | null;
  } {
    let node: ParsedNode | null = this.#root;
    let pair: Pair<ParsedNode, ParsedNode | null> | undefined;
    let depth = 0;
    for (const key of path) {
      if (isMap<ParsedNode, ParsedNode | null>(node)) {
        const found = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
        if (found === undefined) break;
        pair = found;
        node = found.value;
      } else if (isSeq<ParsedNode>(node) && typeof key === "number") {
        const item: ParsedNode | undefined = node.items[key];
        if (item === undefined) break;
        // Inside a list the item itself is the place, not the key that holds the list.
        pair = undefined;
        node = item;
      } else break;
      depth++;
    }
    return { depth, pair, node };
  }
}

/** A document that was built by a program: faults carry the path. */
export class ValueSource implements DocumentSource {
  readonly name: string;
  readonly #value: unknown;

  constructor(name: string, value: unknown) {
    this.name = name;
    this.#value = value;
  }

  has(path: DocumentPath): boolean {
    return valueAt(this.#value, path) !== undefined;
  }

  faultAt(path: DocumentPath, message: string, hint?: string): DocumentFault {
    return { file: this.name, path, message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** The value at `path`, or `undefined` when the path leads nowhere. */
export function valueAt(value: unknown, path: DocumentPath): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string | number, unknown>)[key];
  }
  return current;
}
