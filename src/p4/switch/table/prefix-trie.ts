/** Entries from which on a jump table pays. */
const entriesForJumps = 64;
const mostJumpBits = 18;
/** How many keys are looked at to find where they fork. */
const sampleSize = 64;

/** Starts a look-up deep in the trie: by the bits of a key at which most keys differ. */
interface JumpTable {
  /** Bits that most keys have in common, and how many. */
  readonly common: Uint32Array;
  readonly commonBits: number;
  /** Bits behind them that are the position in the table. */
  readonly bits: number;
  /** For each position: a node on the path, and the best value at or above it. */
  readonly starts: Int32Array;
  /** Entries when it was made. */
  readonly entries: number;
}

/**
 * Longest-prefix match on bit strings of a fixed number of 32-bit words: a binary trie with compressed paths, so that a
 * look-up visits about log2(entries) nodes whatever the width, and a jump table over it that skips most of these. Nodes
 * lie in one typed array.
 *
 * Node: prefix length in bits, value or -1, child for a 0 bit, child for a 1 bit (0: none), the words of the prefix.
 */
export class PrefixTrie {
  readonly #words: number;
  readonly #stride: number;
  #nodes: Int32Array;
  #nodeCount = 1;
  #free = 0;
  #entries = 0;
  #jumps: JumpTable | undefined;

  constructor(words: number) {
    this.#words = words;
    this.#stride = valuesBeforeWords + words;
    this.#nodes = new Int32Array(this.#stride * 16);
    this.clear();
  }

  clear(): void {
    this.#nodes.fill(0, 0, this.#stride);
    this.#nodes[valueAt] = -1;
    this.#nodeCount = 1;
    this.#free = 0;
    this.#entries = 0;
    this.#jumps = undefined;
  }

  /** Value of the longest prefix of `key`, or -1. */
  get(key: Uint32Array): number {
    const nodes = this.#nodes;
    const words = this.#words;
    const bits = words * 32;
    let node = 0;
    let best = nodes[valueAt] ?? -1;
    const jumps = this.#jumps;
    if (jumps !== undefined && startsWith(key, jumps.common, jumps.commonBits)) {
      const at = 2 * bitsAt(key, jumps.commonBits, jumps.bits);
      node = jumps.starts[at] ?? 0;
      best = jumps.starts[at + 1] ?? -1;
    }
    for (;;) {
      const length = nodes[node] ?? 0;
      if (length === bits) return best;
      const bit = ((key[length >> 5] ?? 0) >>> (31 - (length & 31))) & 1;
      node = nodes[node + firstChildAt + bit] ?? 0;
      if (node === 0) return best;
      const childLength = nodes[node] ?? 0;
      const whole = childLength >> 5;
      const prefix = node + valuesBeforeWords;
      // What comes before the parent's last whole word has been compared.
      for (let at = length >> 5; at < whole; at += 1) {
        if (((key[at] ?? 0) ^ (nodes[prefix + at] ?? 0)) !== 0) return best;
      }
      const rest = childLength & 31;
      if (rest !== 0 && ((key[whole] ?? 0) ^ (nodes[prefix + whole] ?? 0)) >>> (32 - rest) !== 0) return best;
      const value = nodes[node + valueAt] ?? -1;
      if (value >= 0) best = value;
    }
  }

  /** Set the value of the first `length` bits of `key`; the bits behind them must be 0. */
  set(key: Uint32Array, length: number, value: number): void {
    this.#insert(key, length, value);
    if (this.#entries >= entriesForJumps && this.#entries >= 4 * (this.#jumps?.entries ?? 0)) this.#makeJumps();
    else this.#refreshJumps(key, length);
  }

  #insert(key: Uint32Array, length: number, value: number): void {
    let parent = 0;
    for (;;) {
      const parentLength = this.#nodes[parent] ?? 0;
      if (parentLength === length) {
        if (this.#nodes[parent + valueAt] === -1) this.#entries += 1;
        this.#nodes[parent + valueAt] = value;
        return;
      }
      const link = parent + firstChildAt + bitOf(key, 0, parentLength);
      const child = this.#nodes[link] ?? 0;
      if (child === 0) {
        const leaf = this.#newNode(key, length, value);
        this.#nodes[link] = leaf;
        this.#entries += 1;
        return;
      }
      const childLength = this.#nodes[child] ?? 0;
      const common = this.#commonLength(key, child, Math.min(length, childLength));
      if (common === childLength) {
        parent = child;
        continue;
      }
      const fork = this.#newNode(key, common, common === length ? value : -1);
      const childBit = bitOf(this.#nodes, child + valuesBeforeWords, common);
      this.#nodes[fork + firstChildAt + childBit] = child;
      this.#nodes[link] = fork;
      if (common < length) {
        const leaf = this.#newNode(key, length, value);
        this.#nodes[fork + firstChildAt + 1 - childBit] = leaf;
      }
      this.#entries += 1;
      return;
    }
  }

  /** Forget the first `length` bits of `key`, which must be there. */
  delete(key: Uint32Array, length: number): void {
    let grandparentLink = -1;
    let parentLink = -1;
    let node = 0;
    while ((this.#nodes[node] ?? 0) < length) {
      grandparentLink = parentLink;
      parentLink = node + firstChildAt + bitOf(key, 0, this.#nodes[node] ?? 0);
      node = this.#nodes[parentLink] ?? 0;
    }
    this.#nodes[node + valueAt] = -1;
    this.#entries -= 1;
    let refreshFrom = length;
    if (parentLink >= 0) {
      this.#splice(node, parentLink);
      const parent = parentLink - (parentLink % this.#stride);
      if (grandparentLink >= 0 && this.#nodes[parent + valueAt] === -1) {
        refreshFrom = this.#nodes[parent] ?? 0;
        this.#splice(parent, grandparentLink);
      }
    }
    this.#refreshJumps(key, refreshFrom);
  }

  /** A jump table for the keys as they are now. */
  #makeJumps(): void {
    const sample = this.#sampleLeaves();
    const low = sample[Math.floor(sample.length / 10)] ?? 0;
    const high = sample[Math.floor((sample.length * 9) / 10)] ?? 0;
    const words = this.#nodes.slice(low + valuesBeforeWords, low + this.#stride);
    const common = new Uint32Array(words);
    const bits = Math.min(mostJumpBits, 33 - Math.clz32(this.#entries));
    const shared = this.#commonLength(common, high, Math.min(this.#nodes[low] ?? 0, this.#nodes[high] ?? 0));
    const commonBits = Math.max(0, Math.min(shared, this.#words * 32 - bits));
    this.#jumps = { common, commonBits, bits, starts: new Int32Array(2 << bits), entries: this.#entries };
    this.#refreshJumps(common, commonBits);
  }

  /** Some nodes without children, in the order of their keys. */
  #sampleLeaves(): readonly number[] {
    const leaves: number[] = [];
    const visit = (node: number): void => {
      const left = this.#nodes[node + firstChildAt] ?? 0;
      const right = this.#nodes[node + firstChildAt + 1] ?? 0;
      if (left === 0 && right === 0) leaves.push(node);
      if (left !== 0) visit(left);
      if (right !== 0) visit(right);
    };
    visit(0);
    const step = Math.max(1, leaves.length / sampleSize);
    return Array.from({ length: Math.min(sampleSize, leaves.length) }, (_, at) => leaves[Math.floor(at * step)] ?? 0);
  }

  /** Look anew where the look-ups of all keys start that begin with the first `length` bits of `key`. */
  #refreshJumps(key: Uint32Array, length: number): void {
    const jumps = this.#jumps;
    if (jumps === undefined) return;
    const { common, commonBits, bits, starts } = jumps;
    if (!startsWith(key, common, Math.min(length, commonBits))) return;
    const given = Math.max(0, Math.min(bits, length - commonBits));
    const first = given === 0 ? 0 : bitsAt(key, commonBits, given) << (bits - given);
    const probe = common.slice();
    for (let at = first; at < first + 2 ** (bits - given); at += 1) {
      setBits(probe, commonBits, bits, at);
      this.#findStart(probe, commonBits + bits, starts, at * 2);
    }
  }

  /** The last node on the way to `key` whose prefix is not longer than `limit` bits. */
  #findStart(key: Uint32Array, limit: number, starts: Int32Array, at: number): void {
    let node = 0;
    let best = this.#nodes[valueAt] ?? -1;
    for (;;) {
      const length = this.#nodes[node] ?? 0;
      const child = length < limit ? (this.#nodes[node + firstChildAt + bitOf(key, 0, length)] ?? 0) : 0;
      const childLength = this.#nodes[child] ?? 0;
      if (child === 0 || childLength > limit || this.#commonLength(key, child, childLength) < childLength) break;
      node = child;
      const value = this.#nodes[node + valueAt] ?? -1;
      if (value >= 0) best = value;
    }
    starts[at] = node;
    starts[at + 1] = best;
  }

  /** Take out a node without value that leads to fewer than two others. */
  #splice(node: number, link: number): void {
    const left = this.#nodes[node + firstChildAt] ?? 0;
    const right = this.#nodes[node + firstChildAt + 1] ?? 0;
    if (left !== 0 && right !== 0) return;
    this.#nodes[link] = left === 0 ? right : left;
    this.#nodes[node] = this.#free;
    this.#free = node;
  }

  #newNode(key: Uint32Array, length: number, value: number): number {
    let node = this.#free;
    if (node !== 0) {
      this.#free = this.#nodes[node] ?? 0;
    } else {
      node = this.#nodeCount * this.#stride;
      this.#nodeCount += 1;
      if (node + this.#stride > this.#nodes.length) {
        const grown = new Int32Array(this.#nodes.length * 2);
        grown.set(this.#nodes);
        this.#nodes = grown;
      }
    }
    this.#nodes[node] = length;
    this.#nodes[node + valueAt] = value;
    this.#nodes[node + firstChildAt] = 0;
    this.#nodes[node + firstChildAt + 1] = 0;
    for (let at = 0; at < this.#words; at += 1) this.#nodes[node + valuesBeforeWords + at] = key[at] ?? 0;
    return node;
  }

  #commonLength(key: Uint32Array, node: number, limit: number): number {
    for (let at = 0; at * 32 < limit; at += 1) {
      const difference = (key[at] ?? 0) ^ (this.#nodes[node + valuesBeforeWords + at] ?? 0);
      if (difference !== 0) return Math.min(limit, at * 32 + Math.clz32(difference));
    }
    return limit;
  }
}

const valueAt = 1;
const firstChildAt = 2;
const valuesBeforeWords = 4;

function bitOf(words: Uint32Array | Int32Array, offset: number, bit: number): number {
  return ((words[offset + (bit >> 5)] ?? 0) >>> (31 - (bit & 31))) & 1;
}

/** Whether `key` begins with the first `length` bits of `prefix`. */
function startsWith(key: Uint32Array, prefix: Uint32Array, length: number): boolean {
  const whole = length >> 5;
  for (let at = 0; at < whole; at += 1) if (key[at] !== prefix[at]) return false;
  const rest = length & 31;
  return rest === 0 || ((key[whole] ?? 0) ^ (prefix[whole] ?? 0)) >>> (32 - rest) === 0;
}

/** `count` bits (1 to 31) of `key` from bit `from` on. */
function bitsAt(key: Uint32Array, from: number, count: number): number {
  const word = from >> 5;
  const shift = from & 31;
  const high = (key[word] ?? 0) << shift;
  const low = shift === 0 ? 0 : (key[word + 1] ?? 0) >>> (32 - shift);
  return (high | low) >>> (32 - count);
}

/** Set `count` bits of `key` from bit `from` on. */
function setBits(key: Uint32Array, from: number, count: number, value: number): void {
  for (let bit = 0; bit < count; bit += 1) {
    const at = from + bit;
    const mask = 0x8000_0000 >>> (at & 31);
    const on = ((value >>> (count - 1 - bit)) & 1) === 1;
    key[at >> 5] = on ? (key[at >> 5] ?? 0) | mask : (key[at >> 5] ?? 0) & ~mask;
  }
}
