import type { NextHop, RouteChange } from "./input-output.ts";

/** The next hops of every destination. */
export type RouteSet = ReadonlyMap<string, readonly NextHop[]>;

/**
 * What a forwarding table shall hold, and for which destinations it may hold something else. Changes that come while others
 * are being made are put together: only the last matters.
 */
export class ForwardingPlan {
  readonly #wanted = new Map<string, readonly NextHop[]>();
  readonly #dirty = new Set<string>();

  /** All that shall be there. */
  get wanted(): RouteSet {
    return this.#wanted;
  }

  /** How many destinations are still to be made right. */
  get waiting(): number {
    return this.#dirty.size;
  }

  want({ destination, nextHops }: RouteChange): void {
    if (nextHops.length > 0) this.#wanted.set(destination, nextHops);
    else if (!this.#wanted.delete(destination)) return;
    this.#dirty.add(destination);
  }

  /** At most `limit` destinations and what they shall have; they count as done unless {@link again} names them. */
  next(limit: number): readonly RouteChange[] {
    const changes: RouteChange[] = [];
    for (const destination of this.#dirty) {
      if (changes.length === limit) break;
      this.#dirty.delete(destination);
      changes.push({ destination, nextHops: this.#wanted.get(destination) ?? [] });
    }
    return changes;
  }

  /** What was tried for these failed, or must be done anew. */
  again(destinations: Iterable<string>): void {
    for (const destination of destinations) this.#dirty.add(destination);
  }

  /** Compare with what the table really holds; tells how many destinations differ that were thought to be right. */
  compare(installed: RouteSet): number {
    let differing = 0;
    const note = (destination: string): void => {
      if (this.#dirty.has(destination)) return;
      this.#dirty.add(destination);
      differing += 1;
    };
    for (const [destination, hops] of this.#wanted) {
      if (!sameHops(hops, installed.get(destination))) note(destination);
    }
    for (const destination of installed.keys()) if (!this.#wanted.has(destination)) note(destination);
    return differing;
  }
}

function sameHops(wanted: readonly NextHop[], installed: readonly NextHop[] | undefined): boolean {
  if (installed?.length !== wanted.length) return false;
  return wanted.every(({ link, address }) => installed.some((hop) => hop.link === link && hop.address === address));
}
