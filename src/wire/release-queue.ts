/** Something that comes out of a wire later. */
export interface Release {
  /** Nanoseconds on the panel's monotonic clock. */
  readonly due: number;
  /** Breaks ties: what was scheduled first comes out first. */
  readonly order: number;
  /** Called once, at or after `due`. */
  readonly run: (now: number) => void;
}

/** All that is under way in the panel, earliest first (a binary heap). */
export class ReleaseQueue {
  readonly #heap: Release[] = [];
  #order = 0;

  get length(): number {
    return this.#heap.length;
  }

  /** When the earliest release is due; infinity if there is none. */
  get earliest(): number {
    return this.#heap[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  schedule(due: number, run: (now: number) => void): void {
    const heap = this.#heap;
    const release: Release = { due, order: this.#order, run };
    this.#order += 1;
    let index = heap.length;
    heap.push(release);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !before(release, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = release;
  }

  /** Run everything due at `now`, in order. */
  runDue(now: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.due <= now; first = this.#heap[0]) {
      this.#removeFirst();
      first.run(now);
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && before(right, child)) {
        childIndex += 1;
        child = right;
      }
      if (!before(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function before(a: Release, b: Release): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
