/** Protocols with ports of their own in a pool. */
type PoolName = "tcp" | "udp" | "icmp";

/** Which pool an IP protocol takes from; `undefined` for one that has no ports. */
export function poolOf(protocol: number): PoolName | undefined {
  switch (protocol) {
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 1:
    case 58:
      return "icmp";
    default:
      return undefined;
  }
}

/**
 * The ports of one external address that a guest may use, for each protocol its own. The highest free one is given out
 * first, those given back before all others, the last first.
 */
export class SnatPool {
  readonly first: number;
  readonly last: number;
  readonly #pools: Record<PoolName, { next: number; readonly returned: number[] }>;

  constructor(first: number, last: number) {
    this.first = first;
    this.last = last;
    this.#pools = {
      tcp: { next: last, returned: [] },
      udp: { next: last, returned: [] },
      icmp: { next: last, returned: [] },
    };
  }

  /** A port, or `undefined` if all are taken. */
  allocate(pool: PoolName): number | undefined {
    const state = this.#pools[pool];
    const returned = state.returned.pop();
    if (returned !== undefined) return returned;
    return state.next < this.first ? undefined : state.next--;
  }

  /** Give a port back. */
  release(pool: PoolName, port: number): void {
    this.#pools[pool].returned.push(port);
  }

  /** Take one certain port, which a restored flow has. False if it is taken or not of the pool. */
  take(pool: PoolName, port: number): boolean {
    if (port < this.first || port > this.last) return false;
    const state = this.#pools[pool];
    if (port <= state.next) {
      for (let skipped = port + 1; skipped <= state.next; skipped++) state.returned.push(skipped);
      state.next = port - 1;
      return true;
    }
    const at = state.returned.indexOf(port);
    if (at < 0) return false;
    state.returned.splice(at, 1);
    return true;
  }

  /** How many ports are free. */
  free(pool: PoolName): number {
    const { next, returned } = this.#pools[pool];
    return Math.max(0, next - this.first + 1) + returned.length;
  }
}
