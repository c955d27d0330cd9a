/** Remembers how to take back what was done since it began. */
export class Journal {
  #undo: (() => void)[] = [];

  /** Something was done; this takes it back. */
  record(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Begin anew; what came before can be taken back by the returned function alone, if nothing came after it. */
  cut(): () => void {
    const steps = this.#undo;
    this.#undo = [];
    return () => {
      for (const undo of steps.toReversed()) undo();
    };
  }
}

/** A map whose changes a {@link Journal} can take back. */
export class JournaledMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  keys(): MapIterator<K> {
    return this.#map.keys();
  }

  values(): MapIterator<V> {
    return this.#map.values();
  }

  set(key: K, value: V): void {
    const before = this.#map.get(key);
    this.#journal.record(() => {
      if (before === undefined) this.#map.delete(key);
      else this.#map.set(key, before);
    });
    this.#map.set(key, value);
  }

  delete(key: K): void {
    const before = this.#map.get(key);
    if (before === undefined) return;
    this.#journal.record(() => this.#map.set(key, before));
    this.#map.delete(key);
  }
}
