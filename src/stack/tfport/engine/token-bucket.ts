/** How often something may happen (RFC 4443, section 2.4 (f)). */
export interface Rate {
  /** On average, a second. */
  readonly perSecond: number;
  /** At once, after a quiet time. */
  readonly burst: number;
}

/** A token bucket. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt = -Infinity;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#tokens = rate.burst;
  }

  /** Whether it may happen at `now`, milliseconds; if so, it counts as done. */
  take(now: number): boolean {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) * perSecond) / 1000);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
