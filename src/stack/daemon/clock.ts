/** Milliseconds of a clock that never goes back; what a daemon gives its engine as `now`. */
export function monotonicMs(): number {
  return performance.now();
}

/** A timer that is always set to the next moment an engine named, and to no other. */
export class WakeTimer implements Disposable {
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** `wake` is called when the moment has come. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Wake at `atMs` of {@link monotonicMs}, instead of any earlier wish; undefined for not at all. */
  set(atMs: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (atMs === undefined) return;
    this.#timer = setTimeout(this.#wake, Math.max(0, Math.ceil(atMs - monotonicMs())));
  }

  [Symbol.dispose](): void {
    this.set(undefined);
  }
}
