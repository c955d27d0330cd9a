import { IntervalIndex } from "./interval-index.ts";
import { bestOf, insertRule, removeRule, type TernaryRule } from "./ternary-rule.ts";
import { WordMap } from "./word-map.ts";

/** Rules with ranges in one bucket from which an index is faster than looking at them all. */
const indexedFrom = 16;

/** All rules with one mask: a hash from masked key to rules, best first. */
interface Tuple {
  readonly mask: Uint32Array;
  readonly map: WordMap;
  readonly buckets: TernaryRule[][];
  /** Of buckets that are large enough, by ranges. */
  readonly indexes: (IntervalIndex | undefined)[];
  readonly freeBuckets: number[];
  /** Not worse than the best priority in it. */
  best: number;
  size: number;
}

/**
 * Ternary match by tuple space search: one hash look-up for each distinct mask, most urgent masks first, and none for
 * masks whose best priority cannot win any more. Ranges are looked up within the bucket of the other parts.
 */
export class TupleSpace {
  readonly #words: number;
  readonly #byMask = new Map<string, Tuple>();
  readonly #masked: Uint32Array;
  #tuples: Tuple[] = [];
  #sorted = true;

  constructor(words: number) {
    this.#words = words;
    this.#masked = new Uint32Array(words);
  }

  clear(): void {
    this.#byMask.clear();
    this.#tuples = [];
    this.#sorted = true;
  }

  /** Slot of the most urgent rule that matches `key`, or -1. */
  get(key: Uint32Array): number {
    if (!this.#sorted) this.#sort();
    const masked = this.#masked;
    let best: TernaryRule | undefined;
    for (const tuple of this.#tuples) {
      if (best !== undefined && tuple.best > best.priority) break;
      const { mask } = tuple;
      for (let at = 0; at < this.#words; at += 1) masked[at] = (key[at] ?? 0) & (mask[at] ?? 0);
      const found = tuple.map.get(masked);
      if (found < 0) continue;
      const rules = tuple.buckets[found];
      if (rules === undefined) continue;
      // Without ranges the most urgent rule hides all others.
      const many = rules.length >= indexedFrom && rules[0]?.ranges.length !== 0;
      best = many ? indexOf(tuple, found, rules).find(key, best) : bestOf(rules, key, best);
    }
    return best === undefined ? -1 : best.slot;
  }

  add(rule: TernaryRule): void {
    const tuple = this.#tupleOf(rule.mask);
    let at = tuple.map.get(rule.value);
    if (at < 0) {
      at = tuple.freeBuckets.pop() ?? tuple.buckets.length;
      tuple.buckets[at] = [];
      tuple.map.set(rule.value, at);
    }
    insertRule((tuple.buckets[at] ??= []), rule);
    tuple.indexes[at]?.add(rule);
    tuple.size += 1;
    if (rule.priority < tuple.best) {
      tuple.best = rule.priority;
      this.#sorted = false;
    }
  }

  delete(rule: TernaryRule): void {
    const tuple = this.#tupleOf(rule.mask);
    const at = tuple.map.get(rule.value);
    const bucket = tuple.buckets[at] ?? [];
    removeRule(bucket, rule);
    tuple.indexes[at]?.delete(rule);
    if (bucket.length < indexedFrom && tuple.indexes[at] !== undefined) tuple.indexes[at] = undefined;
    tuple.size -= 1;
    if (bucket.length === 0) {
      tuple.map.delete(rule.value);
      tuple.freeBuckets.push(at);
    }
    if (tuple.size === 0) {
      this.#byMask.delete(rule.mask.join());
      this.#tuples = this.#tuples.filter((other) => other !== tuple);
    }
  }

  #tupleOf(mask: Uint32Array): Tuple {
    const name = mask.join();
    let tuple = this.#byMask.get(name);
    if (tuple === undefined) {
      tuple = {
        mask,
        map: new WordMap(this.#words),
        buckets: [],
        indexes: [],
        freeBuckets: [],
        best: Infinity,
        size: 0,
      };
      this.#byMask.set(name, tuple);
      this.#tuples.push(tuple);
      this.#sorted = false;
    }
    return tuple;
  }

  #sort(): void {
    this.#tuples.sort((a, b) => a.best - b.best);
    this.#sorted = true;
  }
}

/** The index of a bucket, made anew where too many rules wait for it. */
function indexOf({ indexes }: Tuple, bucket: number, rules: readonly TernaryRule[]): IntervalIndex {
  const known = indexes[bucket];
  if (known !== undefined && !known.outgrown) return known;
  const made = new IntervalIndex(rules);
  indexes[bucket] = made;
  return made;
}
