import type { NextHop, RouteChange } from "./input-output.ts";

/** The next hops of every destination. */
export type RouteSet = ReadonlyMap<string, readonly NextHop[]>;

/**
 * What a forwarding table shall hold, and for which destinations it may hold something else. Changes that come while others
 * are being made are put together: only the last matters. What an earlier run left in the table stays, next hop by next hop,
 * until the link that it leads to is settled: a router that starts anew knows too little to take it away.
 */
export class ForwardingPlan {
  readonly #told = new Map<string, readonly NextHop[]>();
  readonly #found = new Map<string, readonly NextHop[]>();
  readonly #wanted = new Map<string, readonly NextHop[]>();
  readonly #dirty = new Set<string>();
  readonly #settled = new Set<string>();
  #allSettled = false;

  /** All that shall be there. */
  get wanted(): RouteSet {
    return this.#wanted;
  }

  /** How many destinations are still to be made right. */
  get waiting(): number {
    return this.#dirty.size;
  }

  want({ destination, nextHops }: RouteChange): void {
    if (nextHops.length > 0) this.#told.set(destination, nextHops);
    else if (!this.#told.delete(destination)) return;
    this.#update(destination);
  }

  /** An earlier run left this in the table. Tells the links that it leads to and that are not settled. */
  adopt(installed: RouteSet): ReadonlySet<string> {
    const links = new Set<string>();
    for (const [destination, hops] of installed) {
      const kept = hops.filter(({ link }) => !this.#allSettled && !this.#settled.has(link));
      if (kept.length === 0) continue;
      for (const { link } of kept) links.add(link);
      this.#found.set(destination, kept);
      this.#join(destination);
    }
    return links;
  }

  /** What leads to this link is known from now on, or to any link: what was found and not wanted goes. */
  settle(link: string | undefined): void {
    if (link === undefined) this.#allSettled = true;
    else this.#settled.add(link);
    for (const [destination, hops] of this.#found) {
      const kept = link === undefined ? [] : hops.filter((hop) => hop.link !== link);
      if (kept.length === hops.length) continue;
      if (kept.length === 0) this.#found.delete(destination);
      else this.#found.set(destination, kept);
      this.#update(destination);
    }
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

  #update(destination: string): void {
    this.#join(destination);
    this.#dirty.add(destination);
  }

  #join(destination: string): void {
    const told = this.#told.get(destination) ?? [];
    // A link has one neighbour: where it is known who, it is no other.
    const found = (this.#found.get(destination) ?? []).filter((hop) => told.every(({ link }) => link !== hop.link));
    const wanted = [...told, ...found];
    if (wanted.length > 0) this.#wanted.set(destination, wanted);
    else this.#wanted.delete(destination);
  }
}

function sameHops(wanted: readonly NextHop[], installed: readonly NextHop[] | undefined): boolean {
  if (installed?.length !== wanted.length) return false;
  return wanted.every(({ link, address }) => installed.some((hop) => hop.link === link && hop.address === address));
}
