/** Items under the lowest free numbers from 0. */
export class HandlePool<T> {
  readonly #items: (T | undefined)[] = [];
  /** Freed numbers, a binary heap with the lowest first. */
  readonly #freed: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number that the next item gets. */
  get next(): number {
    return this.#freed[0] ?? this.#items.length;
  }

  add(item: T): number {
    const handle = this.next;
    if (this.#freed.length > 0) this.#takeLowest();
    this.#items[handle] = item;
    this.#size += 1;
    return handle;
  }

  /** Put an item under a number of its own; {@link freeGaps} has to follow the last one. For a pool that was empty. */
  put(handle: number, item: T): void {
    while (this.#items.length < handle) this.#items.push(undefined);
    this.#items[handle] = item;
    this.#size += 1;
  }

  /** Make the numbers free that {@link put} left out. */
  freeGaps(): void {
    // Ascending numbers are a heap.
    for (const [handle, item] of this.#items.entries()) if (item === undefined) this.#freed.push(handle);
  }

  get(handle: number): T | undefined {
    return this.#items[handle];
  }

  delete(handle: number): void {
    if (this.#items[handle] === undefined) return;
    this.#items[handle] = undefined;
    this.#size -= 1;
    const heap = this.#freed;
    let at = heap.length;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt] ?? 0;
      if (parent <= handle) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = handle;
  }

  clear(): void {
    this.#items.length = 0;
    this.#freed.length = 0;
    this.#size = 0;
  }

  /** Items in ascending order of their numbers. */
  *entries(): Generator<[number, T]> {
    for (const [handle, item] of this.#items.entries()) {
      if (item !== undefined) yield [handle, item];
    }
  }

  /** Direct access, for the hot path: items by number, undefined where free. */
  get items(): readonly (T | undefined)[] {
    return this.#items;
  }

  #takeLowest(): void {
    const heap = this.#freed;
    const last = heap.pop() ?? 0;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= heap.length) break;
      if ((heap[childAt + 1] ?? Infinity) < (heap[childAt] ?? Infinity)) childAt += 1;
      const child = heap[childAt] ?? 0;
      if (child >= last) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
  }
}
