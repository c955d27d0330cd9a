/** Lets so many units a second pass, and so many at once. */
export class TokenBucket {
  readonly perSecond: number;
  readonly burst: number;
  #tokens: number;
  #filledAt: number;

  /** Full at `now`, in milliseconds. */
  constructor(perSecond: number, burst: number, now: number) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.#tokens = burst;
    this.#filledAt = now;
  }

  /** Take `amount`; false, and nothing taken, if there is not as much. */
  take(amount: number, now: number): boolean {
    if (now > this.#filledAt) {
      this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#filledAt) * this.perSecond) / 1000);
      this.#filledAt = now;
    }
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }
}
