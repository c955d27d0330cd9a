import { createHash } from "node:crypto";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A stream of random numbers that follows from a seed and a name alone. */
export interface RandomSource {
  /** An integer in [0, limit); limit at most 2^32. */
  below(limit: number): number;
}

/**
 * The generator that an engine draws from. Clones of one template share the state of the kernel's and of Node.js's own
 * generators, so everything random in the stack follows from the node's seed and the names given here.
 *
 * @param seed the node's seed, from its configuration
 * @param names what is drawn for, e.g. the daemon and the purpose; every different list is an independent stream
 */
export function randomSource(seed: string, ...names: readonly string[]): RandomSource {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...names]))
    .digest();
  const generator = xoroshiro128plus(digest.readInt32LE(0));
  return { below: (limit) => Math.floor(((generator.next() >>> 0) / 0x1_0000_0000) * limit) };
}
