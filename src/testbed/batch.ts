/** Of one batch: it has to fit into a message. */
const mostItems = 1000;

/** Collects what comes one by one and hands it on together: thousands a second cost little more than a few. */
export class Batch<T> implements Disposable {
  readonly #everyMs: number;
  readonly #take: (items: readonly T[]) => void;
  #items: T[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param everyMs - milliseconds that the first of a batch waits for others
   * @param take - is never given an empty batch
   */
  constructor(everyMs: number, take: (items: readonly T[]) => void) {
    this.#everyMs = everyMs;
    this.#take = take;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length >= mostItems) {
      this.flush();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.flush();
    }, this.#everyMs);
  }

  /** Hand on what there is, without waiting. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const items = this.#items;
    this.#items = [];
    if (items.length > 0) this.#take(items);
  }

  /** Forget what was not handed on. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#items = [];
  }
}
