/** Longest delay told apart, microseconds; also what a lost probe counts as. */
const maxDelayMicroseconds = 100_000;

/** Of a sample in the smoothed delay, as RFC 6298 has it for round trips. */
const gain = 1 / 8;
/** Losses in a row after which a path is silent. */
const silentAfter = 3;

/** What is known of a path's delay. */
export class DelayEstimate {
  /** Microseconds; undefined while nothing is known. */
  delay: number | undefined;
  #losses = 0;
  #heardAtMs = -Infinity;

  /** Whether nothing comes back on the path. */
  get silent(): boolean {
    return this.#losses >= silentAfter;
  }

  /** A probe came back after so many microseconds. */
  sample(microseconds: number, nowMs: number): void {
    // What was before a silence says nothing about now.
    if (this.silent) this.delay = undefined;
    this.#losses = 0;
    this.#smooth(microseconds, nowMs);
  }

  /** A probe did not come back. */
  loss(nowMs: number): void {
    this.#losses += 1;
    this.#smooth(maxDelayMicroseconds, nowMs);
  }

  /** Forget what is older than `maxAgeMs`; returns whether there was anything. */
  age(maxAgeMs: number, nowMs: number): boolean {
    if (this.delay === undefined || nowMs - this.#heardAtMs <= maxAgeMs) return false;
    this.delay = undefined;
    this.#losses = 0;
    return true;
  }

  #smooth(microseconds: number, nowMs: number): void {
    const clamped = Math.min(Math.max(microseconds, 0), maxDelayMicroseconds);
    this.delay = this.delay === undefined ? clamped : this.delay + gain * (clamped - this.delay);
    this.#heardAtMs = nowMs;
  }
}
