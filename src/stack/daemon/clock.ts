/** Milliseconds of a clock that never goes back; what a daemon gives its engine as `now`. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * A timer that is always set to the next moment an engine named, and to no other. What has arrived by then is heard before: a
 * process that was kept waiting must not take for silence what it has not read yet.
 */
export class WakeTimer implements Disposable {
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #afterReading: NodeJS.Immediate | undefined;

  /** `wake` is called when the moment has come. */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Wake at `atMs` of {@link monotonicMs}, instead of any earlier wish; undefined for not at all. */
  set(atMs: number | undefined): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#afterReading);
    this.#timer = undefined;
    this.#afterReading = undefined;
    if (atMs === undefined) return;
    // Immediates run when all that could be read has been.
    const due = (): void => void (this.#afterReading = setImmediate(this.#wake));
    this.#timer = setTimeout(due, Math.max(0, Math.ceil(atMs - monotonicMs())));
  }

  [Symbol.dispose](): void {
    this.set(undefined);
  }
}
