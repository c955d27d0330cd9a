import { comparePaths, type Path } from "./path.ts";
import { isTunnelKey, type RouteKey } from "./route-key.ts";
import type { Scope } from "./policy.ts";

/** All that is known of one prefix or tunnel origin. */
export interface RibEntry {
  readonly key: RouteKey;
  readonly scope: Scope;
  originated: boolean;
  /** By the interface it was heard on, best path first; never an empty list. */
  readonly learned: Map<string, readonly Path[]>;
}

/** How many prefixes and tunnel origins there are of something. */
export interface RouteCount {
  underlay: number;
  tunnel: number;
}

/**
 * The originated and the imported set in one table, found by key and by interface, so that a change costs what it changes.
 * Every operation tells whether anything changed.
 */
export class Rib {
  readonly #entries = new Map<RouteKey, RibEntry>();
  readonly #byLink = new Map<string, Set<RouteKey>>();
  readonly #scopeOf: (key: RouteKey) => Scope;
  readonly #counts = new Map<string, RouteCount>();

  constructor(scopeOf: (key: RouteKey) => Scope) {
    this.#scopeOf = scopeOf;
  }

  get(key: RouteKey): RibEntry | undefined {
    return this.#entries.get(key);
  }

  /** Everything known, in no order. */
  entries(): MapIterator<RibEntry> {
    return this.#entries.values();
  }

  /** The keys of everything known. */
  keys(): MapIterator<RouteKey> {
    return this.#entries.keys();
  }

  /** The keys heard on an interface. */
  heardOn(link: string): ReadonlySet<RouteKey> {
    return this.#byLink.get(link) ?? new Set();
  }

  /** How many keys were heard on an interface. */
  count(link: string): Readonly<RouteCount> {
    return this.#counts.get(link) ?? { underlay: 0, tunnel: 0 };
  }

  originate(key: RouteKey): boolean {
    const entry = this.#entryOf(key);
    if (entry.originated) return false;
    entry.originated = true;
    return true;
  }

  withdraw(key: RouteKey): boolean {
    const entry = this.#entries.get(key);
    if (entry?.originated !== true) return false;
    entry.originated = false;
    this.#dropIfEmpty(entry);
    return true;
  }

  learn(link: string, key: RouteKey, path: Path): boolean {
    const entry = this.#entryOf(key);
    const known = entry.learned.get(link);
    if (known?.some(({ text }) => text === path.text) === true) return false;
    if (known === undefined) this.#index(link, key);
    entry.learned.set(link, known === undefined ? [path] : [...known, path].sort(comparePaths));
    return true;
  }

  /** Make this the one path that was heard on the interface. */
  replace(link: string, key: RouteKey, path: Path): boolean {
    const known = this.#entries.get(key)?.learned.get(link);
    if (known?.length === 1 && known[0]?.text === path.text) return false;
    if (known === undefined) return this.learn(link, key, path);
    this.#entryOf(key).learned.set(link, [path]);
    return true;
  }

  forget(link: string, key: RouteKey, path: Path): boolean {
    const known = this.#entries.get(key)?.learned.get(link);
    const left = known?.filter(({ text }) => text !== path.text);
    if (known === undefined || left?.length === known.length) return false;
    return this.#keep(link, key, left ?? []);
  }

  /** Forget every path to a key that was heard on the interface. */
  forgetKey(link: string, key: RouteKey): boolean {
    return this.#entries.get(key)?.learned.has(link) === true && this.#keep(link, key, []);
  }

  #keep(link: string, key: RouteKey, paths: readonly Path[]): boolean {
    const entry = this.#entryOf(key);
    if (paths.length > 0) {
      entry.learned.set(link, paths);
      return true;
    }
    entry.learned.delete(link);
    this.#byLink.get(link)?.delete(key);
    this.#countOf(link)[isTunnelKey(key) ? "tunnel" : "underlay"] -= 1;
    this.#dropIfEmpty(entry);
    return true;
  }

  #index(link: string, key: RouteKey): void {
    let keys = this.#byLink.get(link);
    if (keys === undefined) {
      keys = new Set();
      this.#byLink.set(link, keys);
    }
    keys.add(key);
    this.#countOf(link)[isTunnelKey(key) ? "tunnel" : "underlay"] += 1;
  }

  #countOf(link: string): RouteCount {
    let count = this.#counts.get(link);
    if (count === undefined) {
      count = { underlay: 0, tunnel: 0 };
      this.#counts.set(link, count);
    }
    return count;
  }

  #entryOf(key: RouteKey): RibEntry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { key, scope: this.#scopeOf(key), originated: false, learned: new Map() };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #dropIfEmpty({ key, originated, learned }: RibEntry): void {
    if (!originated && learned.size === 0) this.#entries.delete(key);
  }
}
