import { bestOf, compareWords, insertRule, type RangeRule, removeRule, type TernaryRule } from "./ternary-rule.ts";

/**
 * Rules by the ranges of one part of the key: a segment tree. The bounds of all rules cut the numbers into segments; each
 * rule is kept at the few nodes that together cover its range, so that what a number hits lies on the way from its segment
 * to the root. Rules that bring new bounds wait in a list until there are so many that the tree is made anew.
 */
export class IntervalIndex {
  readonly #word: number;
  readonly #words: number;
  /** First numbers of the segments, ascending. */
  readonly #bounds: Uint32Array;
  readonly #segments: number;
  /** Rules of each node, the most urgent first; node 1 is the root, the segments' nodes begin at `#segments`. */
  readonly #nodes: (TernaryRule[] | undefined)[];
  readonly #waiting: TernaryRule[] = [];
  readonly #mostWaiting: number;

  /** Index rules by the part of the key in which they differ most. */
  constructor(rules: readonly TernaryRule[]) {
    const part = mostBounds(rules);
    this.#word = part.word;
    this.#words = part.words;
    this.#bounds = part.bounds;
    this.#segments = part.bounds.length / part.words;
    this.#nodes = new Array<TernaryRule[] | undefined>(2 * this.#segments);
    // Making the tree costs n log n, each look-up the length of the list: this keeps both small.
    this.#mostWaiting = 16 + 2 * Math.ceil(Math.sqrt(rules.length));
    for (const rule of rules) this.#place(rule);
  }

  /** Whether so many rules wait that the index is to be made anew. */
  get outgrown(): boolean {
    return this.#waiting.length > this.#mostWaiting;
  }

  add(rule: TernaryRule): void {
    if (!this.#place(rule)) insertRule(this.#waiting, rule);
  }

  delete(rule: TernaryRule): void {
    if (removeRule(this.#waiting, rule)) return;
    this.#cover(rule, (node) => {
      removeRule(this.#nodes[node] ?? [], rule);
    });
  }

  /** The most urgent rule that a key hits, if it precedes `best`; else `best`. */
  find(key: Uint32Array, best: TernaryRule | undefined): TernaryRule | undefined {
    let found = bestOf(this.#waiting, key, best);
    for (let node = this.#segments + this.#segmentOf(key, this.#word); node > 0; node >>= 1) {
      const rules = this.#nodes[node];
      if (rules !== undefined && rules.length > 0) found = bestOf(rules, key, found);
    }
    return found;
  }

  /** Whether the rule's bounds are known, so that it could be put into the tree. */
  #place(rule: TernaryRule): boolean {
    return this.#cover(rule, (node) => {
      insertRule((this.#nodes[node] ??= []), rule);
    });
  }

  /** Call `visit` for the nodes that cover a rule's range; false, and nothing else, if it has bounds that are not known. */
  #cover(rule: TernaryRule, visit: (node: number) => void): boolean {
    const range = rule.ranges.find(({ word }) => word === this.#word);
    if (range === undefined) return false;
    const first = this.#segmentAt(range.start);
    const behind = behindEnd(range);
    const last = behind === undefined ? this.#segments : this.#segmentAt(behind);
    if (first < 0 || last < 0) return false;
    let low = first + this.#segments;
    let high = last + this.#segments;
    for (; low < high; low >>= 1, high >>= 1) {
      if ((low & 1) === 1) visit(low++);
      if ((high & 1) === 1) visit(--high);
    }
    return true;
  }

  /** The segment that begins with a number, or -1. */
  #segmentAt(bound: Uint32Array): number {
    const segment = this.#segmentOf(bound, 0);
    return compareWords(bound, 0, this.#bounds, segment * this.#words, this.#words) === 0 ? segment : -1;
  }

  /** The segment that a number lies in. */
  #segmentOf(source: Uint32Array, offset: number): number {
    let low = 0;
    let high = this.#segments;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (compareWords(source, offset, this.#bounds, middle * this.#words, this.#words) < 0) high = middle;
      else low = middle;
    }
    return low;
  }
}

interface Part {
  readonly word: number;
  readonly words: number;
  readonly bounds: Uint32Array;
}

/** The range part of the rules that cuts the numbers into most segments, and where these begin. */
function mostBounds(rules: readonly TernaryRule[]): Part {
  const [some] = rules;
  const parts = (some?.ranges ?? []).map(({ word, start }, at): Part => {
    const words = start.length;
    const ranges = rules.flatMap((rule) => rule.ranges[at] ?? []);
    const all = [new Uint32Array(words), ...ranges.flatMap((range) => [range.start, behindEnd(range) ?? []].flat())];
    const sorted = all.toSorted((a, b) => compareWords(a, 0, b, 0, words));
    const distinct = sorted.filter((bound, place) => {
      const before = sorted[place - 1];
      return before === undefined || compareWords(bound, 0, before, 0, words) !== 0;
    });
    const bounds = new Uint32Array(distinct.length * words);
    for (const [place, bound] of distinct.entries()) bounds.set(bound, place * words);
    return { word, words, bounds };
  });
  const [best] = parts.toSorted((a, b) => b.bounds.length / b.words - a.bounds.length / a.words);
  return best ?? { word: 0, words: 1, bounds: new Uint32Array(1) };
}

/** The number behind a range; undefined behind the last one of all. */
function behindEnd({ end }: RangeRule): Uint32Array | undefined {
  const behind = end.slice();
  for (let at = behind.length - 1; at >= 0; at -= 1) {
    const sum = (behind[at] ?? 0) + 1;
    behind[at] = sum;
    if (sum <= 0xffff_ffff) return behind;
  }
  return undefined;
}
