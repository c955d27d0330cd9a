import type { Journal } from "./journal.ts";

/** Who has which slots of the table of targets. Slots of one owner are a run without gaps. */
export class TargetSlots {
  readonly #owners: (string | undefined)[];
  readonly #journal: Journal;
  /** No slot below it is free. */
  #searchFrom = 0;
  #free: number;

  constructor(size: number, journal: Journal) {
    this.#owners = Array.from({ length: size }, () => undefined);
    this.#journal = journal;
    this.#free = size;
  }

  get size(): number {
    return this.#owners.length;
  }

  /** Slots that nobody has. */
  get free(): number {
    return this.#free;
  }

  owner(slot: number): string | undefined {
    return this.#owners[slot];
  }

  isFree(slot: number): boolean {
    return slot >= 0 && slot < this.size && this.#owners[slot] === undefined;
  }

  /** The first of `count` free slots in a row, the lowest such; undefined if there are none. */
  find(count: number): number | undefined {
    if (this.#free < count) return undefined;
    while (this.#searchFrom < this.size && !this.isFree(this.#searchFrom)) this.#searchFrom += 1;
    let run = 0;
    for (let slot = this.#searchFrom; slot < this.size; slot += 1) {
      run = this.isFree(slot) ? run + 1 : 0;
      if (run === count) return slot - count + 1;
    }
    return undefined;
  }

  /** Give a slot to an owner, or free it. */
  set(slot: number, owner: string | undefined): void {
    const before = this.#owners[slot];
    if (before === owner) return;
    this.#assign(slot, owner);
    this.#journal.record(() => {
      this.#assign(slot, before);
    });
  }

  #assign(slot: number, owner: string | undefined): void {
    this.#free += (owner === undefined ? 1 : 0) - (this.#owners[slot] === undefined ? 1 : 0);
    this.#owners[slot] = owner;
    if (owner === undefined && slot < this.#searchFrom) this.#searchFrom = slot;
  }
}
