/** A seeded source of random numbers (the sfc32 generator): same seed, same sequence. */
export class RandomSource {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    this.#state.set([seed, Math.floor(seed / 0x1_0000_0000), 0x9e3779b9, 1]);
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** An integer in [0, 2^32). */
  next(): number {
    const state = this.#state;
    const a = state[0] ?? 0;
    const b = state[1] ?? 0;
    const c = state[2] ?? 0;
    const counter = state[3] ?? 0;
    const sum = (a + b + counter) >>> 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum;
  }

  /** An integer in [low, high], uniform; both of at most 64 bits. Always two draws, whatever the range. */
  between(low: bigint, high: bigint): bigint {
    const draw = (BigInt(this.next()) << 32n) | BigInt(this.next());
    return low + ((draw * (high - low + 1n)) >> 64n);
  }
}
