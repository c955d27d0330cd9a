import type { MatchParameter, Table } from "../format/program.ts";
import { PrefixTrie } from "../table/prefix-trie.ts";
import type { RangeRule, TernaryRule } from "../table/ternary-rule.ts";
import { TupleSpace } from "../table/tuple-space.ts";
import { WordMap } from "../table/word-map.ts";
import { type KeyLayout, keyLayout, prefixMask, wordCount, writeWords } from "./key.ts";

/** What an index needs of an entry. */
export interface IndexedEntry {
  readonly slot: number;
  readonly handle: number;
  readonly key: readonly MatchParameter[];
  readonly priority: number;
}

/** Finds the entry that a key hits: its slot, or -1. */
export interface MatchIndex {
  get(key: Uint32Array): number;
  add(entry: IndexedEntry): void;
  delete(entry: IndexedEntry): void;
  clear(): void;
}

/** The structure that suits the table: hash, longest-prefix trie, or tuple space. */
export function createMatchIndex(table: Table): MatchIndex {
  const layout = keyLayout(table);
  switch (table.match) {
    case "exact":
      return new ExactIndex(table, layout);
    case "lpm":
      return new LongestPrefixIndex(table, layout);
    case "ternary":
    case "range":
      return new TernaryIndex(table, layout);
  }
}

class ExactIndex implements MatchIndex {
  readonly #table: Table;
  readonly #layout: KeyLayout;
  readonly #map: WordMap;

  constructor(table: Table, layout: KeyLayout) {
    this.#table = table;
    this.#layout = layout;
    this.#map = new WordMap(layout.words);
  }

  get(key: Uint32Array): number {
    return this.#map.get(key);
  }

  add(entry: IndexedEntry): void {
    this.#map.set(valueWords(this.#table, this.#layout, entry), entry.slot);
  }

  delete(entry: IndexedEntry): void {
    this.#map.delete(valueWords(this.#table, this.#layout, entry));
  }

  clear(): void {
    this.#map.clear();
  }
}

class LongestPrefixIndex implements MatchIndex {
  readonly #table: Table;
  readonly #layout: KeyLayout;
  readonly #trie: PrefixTrie;

  constructor(table: Table, layout: KeyLayout) {
    this.#table = table;
    this.#layout = layout;
    this.#trie = new PrefixTrie(layout.words);
  }

  get(key: Uint32Array): number {
    return this.#trie.get(key);
  }

  add(entry: IndexedEntry): void {
    this.#trie.set(valueWords(this.#table, this.#layout, entry), this.#length(entry), entry.slot);
  }

  delete(entry: IndexedEntry): void {
    this.#trie.delete(valueWords(this.#table, this.#layout, entry), this.#length(entry));
  }

  clear(): void {
    this.#trie.clear();
  }

  /** All that comes before the lpm part, its own padding included, belongs to the prefix. */
  #length({ key }: IndexedEntry): number {
    const at = key.findIndex(({ kind }) => kind === "lpm");
    const part = key[at];
    const width = this.#table.keys[at]?.width ?? 0;
    return this.#layout.words * 32 - width + (part?.kind === "lpm" ? part.prefixLength : 0);
  }
}

class TernaryIndex implements MatchIndex {
  readonly #table: Table;
  readonly #layout: KeyLayout;
  readonly #space: TupleSpace;
  readonly #rules: (TernaryRule | undefined)[] = [];

  constructor(table: Table, layout: KeyLayout) {
    this.#table = table;
    this.#layout = layout;
    this.#space = new TupleSpace(layout.words);
  }

  get(key: Uint32Array): number {
    return this.#space.get(key);
  }

  add(entry: IndexedEntry): void {
    const mask = new Uint32Array(this.#layout.words);
    const ranges: RangeRule[] = [];
    for (const [at, part] of entry.key.entries()) {
      const { width, mask: keyMask } = this.#table.keys[at] ?? { width: 0, mask: undefined };
      const word = this.#layout.offsets[at] ?? 0;
      const words = wordCount(width);
      if (part.kind === "range") {
        const start = new Uint32Array(words);
        const end = new Uint32Array(words);
        writeWords(part.start, start, 0, words);
        const ones = (1n << BigInt(width)) - 1n;
        writeWords(part.end > ones ? ones : part.end, end, 0, words);
        ranges.push({ word, start, end });
      } else {
        const ones = keyMask ?? (1n << BigInt(width)) - 1n;
        writeWords(partMask(part, width) & ones, mask, word, words);
      }
    }
    const value = valueWords(this.#table, this.#layout, entry).map((word, at) => word & (mask[at] ?? 0));
    const rule = { value, mask, ranges, priority: entry.priority, order: entry.handle, slot: entry.slot };
    this.#rules[entry.slot] = rule;
    this.#space.add(rule);
  }

  delete({ slot }: IndexedEntry): void {
    const rule = this.#rules[slot];
    if (rule !== undefined) this.#space.delete(rule);
    this.#rules[slot] = undefined;
  }

  clear(): void {
    this.#space.clear();
    this.#rules.length = 0;
  }
}

function partMask(part: MatchParameter, width: number): bigint {
  const ones = (1n << BigInt(width)) - 1n;
  switch (part.kind) {
    case "exact":
    case "valid":
      return ones;
    case "lpm":
      return prefixMask(width, part.prefixLength);
    case "ternary":
      return part.mask & ones;
    case "range":
      return 0n;
  }
}

/** The values of an entry's key, host bits of a prefix cleared, ranges as 0. */
function valueWords(table: Table, { words, offsets }: KeyLayout, { key }: IndexedEntry): Uint32Array {
  const target = new Uint32Array(words);
  for (const [at, part] of key.entries()) {
    const width = table.keys[at]?.width ?? 0;
    writeWords(partValue(part, width), target, offsets[at] ?? 0, wordCount(width));
  }
  return target;
}

function partValue(part: MatchParameter, width: number): bigint {
  switch (part.kind) {
    case "exact":
    case "ternary":
      return part.value;
    case "valid":
      return part.value ? 1n : 0n;
    case "lpm":
      return part.value & prefixMask(width, part.prefixLength);
    case "range":
      return 0n;
  }
}
