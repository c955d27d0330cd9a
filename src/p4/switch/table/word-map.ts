const empty = -1;
const deleted = -2;

/** Maps keys of a fixed number of 32-bit words to non-negative integers: open addressing, no allocation to look up. */
export class WordMap {
  readonly words: number;
  #keys: Uint32Array;
  #values: Int32Array;
  #mask: number;
  #used = 0;
  #size = 0;

  constructor(words: number) {
    this.words = words;
    this.#mask = 15;
    this.#keys = new Uint32Array(16 * words);
    this.#values = new Int32Array(16).fill(empty);
  }

  get size(): number {
    return this.#size;
  }

  clear(): void {
    this.#values.fill(empty);
    this.#used = 0;
    this.#size = 0;
  }

  /** The value of `key`, or -1. */
  get(key: Uint32Array): number {
    const slot = this.#find(key);
    return slot < 0 ? -1 : (this.#values[slot] ?? -1);
  }

  set(key: Uint32Array, value: number): void {
    const slot = this.#find(key);
    if (slot >= 0) {
      this.#values[slot] = value;
      return;
    }
    if ((this.#used + 1) * 2 > this.#mask) this.#rebuild();
    this.#place(key, 0, value);
    this.#size += 1;
  }

  delete(key: Uint32Array): void {
    const slot = this.#find(key);
    if (slot < 0) return;
    this.#values[slot] = deleted;
    this.#size -= 1;
  }

  #find(key: Uint32Array): number {
    const { words } = this;
    const keys = this.#keys;
    const values = this.#values;
    let slot = hashWords(key, 0, words) & this.#mask;
    for (;;) {
      const value = values[slot] ?? empty;
      if (value === empty) return -1;
      if (value >= 0) {
        const base = slot * words;
        let at = 0;
        while (at < words && keys[base + at] === key[at]) at += 1;
        if (at === words) return slot;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  /** Put a key that is not there, from `offset` in `source`, into the first free slot. */
  #place(source: Uint32Array, offset: number, value: number): void {
    let slot = hashWords(source, offset, this.words) & this.#mask;
    while ((this.#values[slot] ?? empty) >= 0) slot = (slot + 1) & this.#mask;
    if (this.#values[slot] === empty) this.#used += 1;
    this.#values[slot] = value;
    for (let at = 0; at < this.words; at += 1) this.#keys[slot * this.words + at] = source[offset + at] ?? 0;
  }

  #rebuild(): void {
    const keys = this.#keys;
    const values = this.#values;
    let capacity = 16;
    while (capacity < this.#size * 4) capacity *= 2;
    this.#mask = capacity - 1;
    this.#keys = new Uint32Array(capacity * this.words);
    this.#values = new Int32Array(capacity).fill(empty);
    this.#used = 0;
    for (const [slot, value] of values.entries()) {
      if (value >= 0) this.#place(keys, slot * this.words, value);
    }
  }
}

function hashWords(words: Uint32Array, offset: number, count: number): number {
  let hash = 0x9e3779b1;
  for (let at = 0; at < count; at += 1) {
    hash = Math.imul(hash ^ (words[offset + at] ?? 0), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
