/** What a ternary or range entry matches; all words in the layout of the table's key. */
export interface TernaryRule {
  readonly value: Uint32Array;
  readonly mask: Uint32Array;
  /** Parts that are ranges (their words of value and mask are 0); the same parts in all rules of a table. */
  readonly ranges: readonly RangeRule[];
  /** Smallest wins. */
  readonly priority: number;
  /** Smallest wins among equal priorities. */
  readonly order: number;
  readonly slot: number;
}

/** Bounds of one part of the key, inclusive. */
export interface RangeRule {
  /** Position of the part's first word. */
  readonly word: number;
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

/** Whether the first rule wins where both match. */
export function precedes(a: TernaryRule, b: TernaryRule): boolean {
  return a.priority < b.priority || (a.priority === b.priority && a.order < b.order);
}

/** Whether a key lies within all ranges of a rule. */
export function inRanges(key: Uint32Array, { ranges }: TernaryRule): boolean {
  for (const { word, start, end } of ranges) {
    if (compareWords(key, word, start, 0, start.length) < 0) return false;
    if (compareWords(key, word, end, 0, end.length) > 0) return false;
  }
  return true;
}

/** Negative, 0 or positive as `count` words at `offset` in `a` are less, the same or more than those in `b`. */
export function compareWords(
  a: Uint32Array,
  offset: number,
  b: Uint32Array,
  otherOffset: number,
  count: number,
): number {
  for (let at = 0; at < count; at += 1) {
    const difference = (a[offset + at] ?? 0) - (b[otherOffset + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Put a rule where it belongs in a list, the most urgent first. */
export function insertRule(rules: TernaryRule[], rule: TernaryRule): void {
  let position = rules.length;
  for (let before = rules[position - 1]; before !== undefined && precedes(rule, before); before = rules[position - 1]) {
    position -= 1;
  }
  rules.splice(position, 0, rule);
}

/** Take a rule out of a list; whether it was in it. */
export function removeRule(rules: TernaryRule[], { slot }: TernaryRule): boolean {
  const at = rules.findIndex((rule) => rule.slot === slot);
  if (at >= 0) rules.splice(at, 1);
  return at >= 0;
}

/** The most urgent rule of a sorted list whose ranges a key lies in, if it precedes `best`; else `best`. */
export function bestOf(
  rules: readonly TernaryRule[],
  key: Uint32Array,
  best: TernaryRule | undefined,
): TernaryRule | undefined {
  for (const rule of rules) {
    if (best !== undefined && !precedes(rule, best)) return best;
    if (inRanges(key, rule)) return rule;
  }
  return best;
}
