import { createHash } from "node:crypto";

/**
 * Random numbers by position: the draw for frame `n` is a function of (seed, names, n) and of nothing else. So a frame meets
 * the same draws whether or not other impairments are on, were on before, or dropped frames before it.
 */
export class RandomDraw {
  readonly #low: number;
  readonly #high: number;

  /** `names` say what is drawn for, e.g. wire, direction, impairment; every different list is an independent source. */
  constructor(seed: string, ...names: readonly string[]) {
    const digest = createHash("sha256")
      .update(JSON.stringify([seed, ...names]))
      .digest();
    this.#low = digest.readUInt32LE(0);
    this.#high = digest.readUInt32LE(4);
  }

  /** An integer in [0, 2^32) for position `n` (an integer, at most 2^53). */
  integer(n: number): number {
    let x = mix((n >>> 0) ^ this.#low);
    x = mix((x + Math.trunc(n / 0x1_0000_0000)) ^ this.#high);
    return mix(x + this.#low) >>> 0;
  }

  /** A number in [0, 1) for position `n`. */
  fraction(n: number): number {
    return this.integer(n) / 0x1_0000_0000;
  }
}

/** A bijection of 32-bit integers in which every input bit changes every output bit with a chance close to one half. */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}
