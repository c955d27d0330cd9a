/** Milliseconds between two frames after a key. */
const urgentMs = 33;
/** Milliseconds between two frames when only the testbed has news: nobody reads faster. */
const idleMs = 250;
/** Of the time, drawing what nobody asked for with a key may take one part in so many. */
const idleShare = 25;

/** Timers as a frame limiter needs them. */
export interface FrameTimers {
  readonly now: () => number;
  readonly set: (work: () => void, milliseconds: number) => unknown;
  readonly clear: (timer: unknown) => void;
}

/** Draws when there is something new: soon after keys, and else as often as it costs little. */
export class FrameLimiter {
  readonly #draw: () => void;
  readonly #timers: FrameTimers;
  #last = Number.NEGATIVE_INFINITY;
  #lastTookMs = 0;
  #pending: { readonly timer: unknown; readonly at: number } | undefined;

  constructor(draw: () => void, timers: FrameTimers) {
    this.#draw = draw;
    this.#timers = timers;
  }

  /** Something has changed. */
  request(urgent: boolean): void {
    const now = this.#timers.now();
    const apart = urgent ? urgentMs : Math.max(idleMs, this.#lastTookMs * idleShare);
    const at = Math.max(now, this.#last + apart);
    if (this.#pending !== undefined) {
      if (this.#pending.at <= at) return;
      this.#timers.clear(this.#pending.timer);
    }
    const timer = this.#timers.set(() => {
      this.#pending = undefined;
      this.#last = this.#timers.now();
      this.#draw();
      this.#lastTookMs = this.#timers.now() - this.#last;
    }, at - now);
    this.#pending = { timer, at };
  }

  /** Draw nothing any more. */
  stop(): void {
    if (this.#pending !== undefined) this.#timers.clear(this.#pending.timer);
    this.#pending = undefined;
  }
}
