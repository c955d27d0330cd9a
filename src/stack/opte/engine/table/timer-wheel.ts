/** Something that becomes due. Only its wheel writes the fields. */
export abstract class Timed {
  /** Bucket that it waits in, -1 while it waits for nothing. */
  bucket = -1;
  before: Timed | undefined = undefined;
  after: Timed | undefined = undefined;
  /** When it is due, in milliseconds of the engine's clock. A hit makes it later without telling the wheel. */
  abstract get deadline(): number;
}

/** Longest that the wheel reaches, in buckets of one second; longer than any lifetime. */
const buckets = 16_384;

/**
 * Waits for deadlines. Each second has a bucket; a round looks only at the buckets whose time has come. What was used
 * meanwhile moves to its new bucket then, so an entry is looked at once in its lifetime, not at every round.
 */
export class TimerWheel {
  readonly #heads: (Timed | undefined)[] = new Array<Timed | undefined>(buckets).fill(undefined);
  /** The second whose bucket is the first not yet done. */
  #second = 0;

  /** Wait for the deadline of `timed`, whatever it waited for before. */
  schedule(timed: Timed): void {
    this.cancel(timed);
    const second = Math.max(this.#second, Math.min(Math.floor(timed.deadline / 1000), this.#second + buckets - 1));
    const bucket = second % buckets;
    const head = this.#heads[bucket];
    timed.bucket = bucket;
    timed.after = head;
    if (head !== undefined) head.before = timed;
    this.#heads[bucket] = timed;
  }

  /** Wait no longer. */
  cancel(timed: Timed): void {
    if (timed.bucket < 0) {
      timed.bucket = -1;
      return;
    }
    if (timed.before === undefined) this.#heads[timed.bucket] = timed.after;
    else timed.before.after = timed.after;
    if (timed.after !== undefined) timed.after.before = timed.before;
    timed.before = timed.after = undefined;
    timed.bucket = -1;
  }

  /** Hand over everything that is due at `now`, also what becomes due by handing over. */
  advance(now: number, due: (timed: Timed) => void): void {
    const last = Math.floor(now / 1000);
    // After a long rest each bucket is looked at once.
    this.#second = Math.max(this.#second, last - buckets + 1);
    while (this.#second < last) {
      this.#drain(this.#second, now, due);
      this.#second += 1;
    }
    this.#drain(last, now, due);
  }

  #drain(second: number, now: number, due: (timed: Timed) => void): void {
    for (;;) {
      const found = this.#collect(second, now);
      if (found.length === 0) return;
      for (const timed of found) {
        // Handing over one may have ended another, which then waits for nothing.
        if (timed.bucket !== collected) continue;
        timed.bucket = -1;
        due(timed);
      }
    }
  }

  /** Take what is due out of a bucket, and move what was used meanwhile to where it belongs now. */
  #collect(second: number, now: number): Timed[] {
    const found: Timed[] = [];
    let timed = this.#heads[second % buckets];
    while (timed !== undefined) {
      const following: Timed | undefined = timed.after;
      if (timed.deadline <= now) {
        this.cancel(timed);
        timed.bucket = collected;
        found.push(timed);
      } else if (Math.floor(timed.deadline / 1000) > second) this.schedule(timed);
      timed = following;
    }
    return found;
  }
}

/** Bucket of what is about to be handed over. */
const collected = -2;
