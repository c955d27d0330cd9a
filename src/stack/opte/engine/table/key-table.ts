import { hashKey, keyWords } from "../parse/flow-key.ts";

/*
 * A record of a table, in 32-bit words: the key, its hash, the next slot of its chain, and then what the owner keeps with
 * it, from word `dataWord` on.
 */
const hashWord = keyWords;
const nextWord = keyWords + 1;

/** Word of a record at which its owner's data begins: also the first of a 64-bit number. */
export const dataWord = keyWords + 2;

/**
 * A hash table from flow keys to values. Keys and what is written at every hit lie together in one array, so that a hit
 * touches few cache lines and allocates nothing. It grows up to `limit` and gives out slots, which stay until
 * removed.
 */
export class KeyTable<Value> {
  readonly limit: number;
  /** Words of a record. */
  readonly stride: number;
  /** The records; data of a slot begins at `slot * stride + dataWord`. Another array after each growth. */
  words: Int32Array;
  /** The same memory as 64-bit numbers. */
  doubles: Float64Array;
  readonly #seed: number;
  #size = 0;
  /** First slot of each chain and one, 0 for none: memory is zero until it is touched. */
  #heads = new Int32Array(2 * initialSlots);
  #values: (Value | undefined)[] = [];
  #free = -1;
  #used = 0;

  /** `seed`: of the hash, secret to guests. `dataWords`: of each record, for the owner. */
  constructor(limit: number, seed: number, dataWords = 0) {
    this.limit = limit;
    this.#seed = seed;
    // Whole cache lines.
    this.stride = Math.ceil((dataWord + dataWords) / 16) * 16;
    this.words = new Int32Array(initialSlots * this.stride);
    this.doubles = new Float64Array(this.words.buffer);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.limit;
  }

  /** The value of the key, if there is one. */
  get(key: Int32Array): Value | undefined {
    const slot = this.find(key);
    return slot < 0 ? undefined : this.#values[slot];
  }

  /** The slot of the key, -1 if there is none. */
  find(key: Int32Array): number {
    const { words, stride } = this;
    const hash = hashKey(key, this.#seed);
    let slot = (this.#heads[hash & (this.#heads.length - 1)] ?? 0) - 1;
    while (slot >= 0) {
      const at = slot * stride;
      if (words[at + hashWord] === hash) {
        let i = 0;
        while (i < keyWords && words[at + i] === key[i]) i++;
        if (i === keyWords) return slot;
      }
      slot = words[at + nextWord] ?? -1;
    }
    return -1;
  }

  /** The value in a slot. */
  valueAt(slot: number): Value | undefined {
    return this.#values[slot];
  }

  /** Put a key in that is not there; returns its slot, its data all zero, or -1 if the table is full. */
  insert(key: Int32Array, value: Value): number {
    const slot = this.reserve(key);
    if (slot >= 0) this.setValue(slot, value);
    return slot;
  }

  /** As {@link insert}, for a value that has to know its slot: {@link setValue} has to follow. */
  protected reserve(key: Int32Array): number {
    if (this.isFull) return -1;
    const slot = this.#takeSlot();
    const hash = hashKey(key, this.#seed);
    const { words, stride } = this;
    const at = slot * stride;
    // Loops: for so few words the methods of typed arrays cost more.
    for (let i = 0; i < keyWords; i++) words[at + i] = key[i] ?? 0;
    for (let i = dataWord; i < stride; i++) words[at + i] = 0;
    words[at + hashWord] = hash;
    this.#chain(slot, hash);
    this.#size += 1;
    return slot;
  }

  protected setValue(slot: number, value: Value): void {
    this.#values[slot] = value;
  }

  #takeSlot(): number {
    if (this.#free >= 0) {
      const slot = this.#free;
      this.#free = this.words[slot * this.stride + nextWord] ?? -1;
      return slot;
    }
    if (this.#used * this.stride === this.words.length) this.#grow();
    return this.#used++;
  }

  #chain(slot: number, hash: number): void {
    const chain = hash & (this.#heads.length - 1);
    this.words[slot * this.stride + nextWord] = (this.#heads[chain] ?? 0) - 1;
    this.#heads[chain] = slot + 1;
  }

  #grow(): void {
    const slots = this.#used < manySlots ? Math.min(growth * this.#used, this.limit) : this.limit;
    const words = new Int32Array(slots * this.stride);
    words.set(this.words);
    this.words = words;
    this.doubles = new Float64Array(words.buffer);
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(2 * slots)));
    // Growth happens only while no slot is free: all of them hold keys.
    for (let slot = 0; slot < this.#used; slot++) this.#chain(slot, words[slot * this.stride + hashWord] ?? 0);
  }

  /** Take out what is in a slot. */
  remove(slot: number): void {
    const { words } = this;
    const own = slot * this.stride;
    const chain = (words[own + hashWord] ?? 0) & (this.#heads.length - 1);
    const following = words[own + nextWord] ?? -1;
    if (this.#heads[chain] === slot + 1) this.#heads[chain] = following + 1;
    else {
      let before = (this.#heads[chain] ?? 0) - 1;
      while (words[before * this.stride + nextWord] !== slot) before = words[before * this.stride + nextWord] ?? -1;
      words[before * this.stride + nextWord] = following;
    }
    this.#values[slot] = undefined;
    words[own + nextWord] = this.#free;
    this.#free = slot;
    this.#size -= 1;
  }

  /** The key of a slot in use: a copy. */
  keyAt(slot: number): Int32Array {
    return this.words.slice(slot * this.stride, slot * this.stride + keyWords);
  }

  /** All values, in no order that means something. */
  *values(): Generator<Value> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }
}

const initialSlots = 64;
/** Copying touches memory anew, which costs most of it: so it is done seldom. */
const growth = 4;
/** A table of so many grows to all that it may hold: the kernel gives memory to what is touched alone. */
const manySlots = 4096;
