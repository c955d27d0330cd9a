import type { IpAddress } from "../engine/parse/address.ts";

interface Entry<Way> {
  way: Way | undefined;
  askedAt: number;
  generation: number;
}

/** Specification, section 2.4. */
const capacity = 8192;
const freshMs = 100;
const oldestMs = 1000;

/** Tells what a cache did, for probes. */
export type CacheListener = (event: "hit" | "insert" | "refresh" | "full" | "delete", destination: string) => void;

/**
 * Ways of a port's frames, whatever stands for one, by destination and the UDP port that stands for the flow: the kernel is asked about each every 100 ms
 * at most, and at once after its routes have changed.
 */
export class RouteCache<Way> {
  /** By the names of the kstat `opteN_route_cache`. */
  readonly stats = { capacity, occupancy: 0, hit: 0, miss: 0, refresh: 0, table_full: 0, error: 0 };
  listener: CacheListener | undefined = undefined;
  readonly #byDestination = new Map<string, Map<number, Entry<Way>>>();

  /** The way, from the cache or by `ask`; `generation` counts the changes of the kernel's routes. */
  find(
    destination: IpAddress,
    sourcePort: number,
    now: number,
    generation: number,
    ask: (destination: IpAddress, sourcePort: number) => Way | undefined,
  ): Way | undefined {
    const { stats } = this;
    const entry = this.#byDestination.get(destination.text)?.get(sourcePort);
    if (entry?.generation === generation && now - entry.askedAt <= freshMs) {
      stats.hit += 1;
      this.listener?.("hit", destination.text);
      return entry.way;
    }
    const way = ask(destination, sourcePort);
    if (way === undefined) stats.error += 1;
    if (entry !== undefined) {
      stats.refresh += 1;
      this.listener?.("refresh", destination.text);
      entry.way = way;
      entry.askedAt = now;
      entry.generation = generation;
      return way;
    }
    stats.miss += 1;
    this.#insert(destination.text, sourcePort, { way, askedAt: now, generation });
    return way;
  }

  #insert(destination: string, sourcePort: number, entry: Entry<Way>): void {
    const { stats } = this;
    if (stats.occupancy >= capacity) {
      stats.table_full += 1;
      this.listener?.("full", destination);
      return;
    }
    let entries = this.#byDestination.get(destination);
    if (entries === undefined) this.#byDestination.set(destination, (entries = new Map<number, Entry<Way>>()));
    entries.set(sourcePort, entry);
    stats.occupancy += 1;
    this.listener?.("insert", destination);
  }

  /** Forget what was not asked about for a second. */
  prune(now: number): void {
    for (const [destination, entries] of this.#byDestination) {
      for (const [sourcePort, { askedAt }] of entries) {
        if (now - askedAt <= oldestMs) continue;
        entries.delete(sourcePort);
        this.stats.occupancy -= 1;
        this.listener?.("delete", destination);
      }
      if (entries.size === 0) this.#byDestination.delete(destination);
    }
  }
}
