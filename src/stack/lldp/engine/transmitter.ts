import type { LldpTimers } from "./timers.ts";

const secondMs = 1000;

/** When a port sends (transmit timer state machine, IEEE 802.1AB, section 9.2.10). Times are milliseconds. */
export class Transmitter {
  readonly #timers: LldpTimers;
  readonly #beginMs: number;
  /** When the next frame is due (txTTR). */
  #dueMs: number;
  /** Frames still to be sent fast (txFast). */
  #fast = 0;
  #credit: number;
  /** When the next credit comes, if there is room for it. */
  #creditMs: number;
  /** A frame is to be sent as soon as there is credit (txNow). */
  #isWanted = false;

  /** A port that sends from `beginMs` on. */
  constructor(timers: LldpTimers, beginMs: number) {
    this.#timers = timers;
    this.#beginMs = beginMs;
    this.#dueMs = beginMs;
    this.#credit = timers.creditLimit;
    this.#creditMs = beginMs + secondMs;
  }

  /** When {@link advance} has something to do. */
  get deadline(): number {
    const next = this.#isWanted && this.#credit === 0 ? Math.min(this.#dueMs, this.#creditMs) : this.#dueMs;
    return Math.max(this.#beginMs, next);
  }

  /** What is said has changed: say it (localChange). */
  changed(now: number): void {
    if (now >= this.#beginMs) this.#signal(now);
  }

  /** A neighbour came that was not known: it is to know of us soon, even if a frame is lost (newNeighbor). */
  neighbourCame(now: number): void {
    if (now < this.#beginMs) return;
    if (this.#fast === 0) this.#fast = this.#timers.fastCount;
    this.#dueMs = now;
  }

  /** Time has passed; calls `send` for a frame that is to leave now. */
  advance(now: number, send: () => void): void {
    if (now < this.#beginMs) return;
    this.#earn(now);
    if (now >= this.#dueMs) {
      if (this.#fast > 0) this.#fast -= 1;
      this.#signal(now);
    }
    if (!this.#isWanted || this.#credit === 0) return;
    this.#isWanted = false;
    this.#credit -= 1;
    send();
  }

  #signal(now: number): void {
    const { fastInterval, transmitInterval } = this.#timers;
    this.#isWanted = true;
    this.#dueMs = now + (this.#fast > 0 ? fastInterval : transmitInterval) * secondMs;
  }

  #earn(now: number): void {
    if (now < this.#creditMs) return;
    const earned = Math.floor((now - this.#creditMs) / secondMs) + 1;
    this.#credit = Math.min(this.#timers.creditLimit, this.#credit + earned);
    this.#creditMs += earned * secondMs;
  }
}
