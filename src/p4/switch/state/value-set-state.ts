import type { ValueSet } from "../format/program.ts";

/** Members of a parser value set. */
export class ValueSetState {
  readonly set: ValueSet;
  readonly members = new Set<bigint>();
  /** The same, for keys of at most 32 bits. */
  readonly #narrow = new Set<number>();

  constructor(set: ValueSet) {
    this.set = set;
  }

  add(value: bigint): void {
    const member = BigInt.asUintN(this.set.width, value);
    this.members.add(member);
    if (this.set.width <= 32) this.#narrow.add(Number(member));
  }

  delete(value: bigint): void {
    const member = BigInt.asUintN(this.set.width, value);
    this.members.delete(member);
    this.#narrow.delete(Number(member));
  }

  clear(): void {
    this.members.clear();
    this.#narrow.clear();
  }

  /** Whether a key of at most 32 bits is a member. */
  hasNumber(key: number): boolean {
    return this.#narrow.has(key);
  }

  /** Whether a member agrees with `key` in the bits of `mask`. */
  has(key: bigint, mask: bigint | undefined): boolean {
    if (mask === undefined) return this.members.has(key);
    for (const member of this.members) {
      if (((member ^ key) & mask) === 0n) return true;
    }
    return false;
  }
}
