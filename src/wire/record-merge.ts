import { RingReader } from "./ring-reader.ts";
import type { Wire } from "./wire.ts";

interface Follower {
  readonly wire: Wire;
  readonly reader: RingReader;
}

/** Where a merge stands: a frame of one wire. */
export type MergedFrame = Follower;

/** Walks through the recordings of several wires at once, in the order in which the frames entered the panel. */
export class RecordMerge {
  readonly #followers: Follower[] = [];
  #current: Follower | undefined;
  /** The first sequence number that belongs to another follower than the current one. */
  #bound = 0;

  /** Take in a wire, from its oldest frame held or from the next one on. */
  add(wire: Wire, from: "oldest" | "next"): void {
    this.#followers.push({ wire, reader: new RingReader(wire.ring, from) });
  }

  /** Whether a wire has been taken in. */
  has(wire: Wire): boolean {
    return this.#followers.some((follower) => follower.wire === wire);
  }

  /** Leave everything before a sequence number behind. */
  skipTo(sequence: number): void {
    for (const { reader } of this.#followers) reader.skipTo(sequence);
    this.#current = undefined;
  }

  /** The next frame, or undefined if there is none yet. Its reader stands on it until `advance` of the reader is called. */
  next(): MergedFrame | undefined {
    const current = this.#current;
    // As long as no other wire can come first, the others need not be looked at.
    if (current !== undefined && current.reader.load() && current.reader.sequence < this.#bound) return current;
    let first: Follower | undefined;
    let second = Number.POSITIVE_INFINITY;
    for (const follower of this.#followers) {
      if (!follower.reader.load()) continue;
      const { sequence } = follower.reader;
      if (first === undefined || sequence < first.reader.sequence) {
        second = first?.reader.sequence ?? second;
        first = follower;
      } else if (sequence < second) {
        second = sequence;
      }
    }
    this.#current = first;
    this.#bound = second;
    return first;
  }

  /** Let go of the place found, because frames may have been recorded meanwhile on wires that were at their end. */
  refresh(): void {
    this.#current = undefined;
  }
}
