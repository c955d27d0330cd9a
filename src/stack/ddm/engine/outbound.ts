import { updateOverhead } from "./exchange-body.ts";
import type { Path } from "./path.ts";
import type { RouteKey } from "./route-key.ts";
import type { Update, Vector } from "./update.ts";

/** What a queue asks of its router. */
export interface OutboundSource {
  /** The path by which a peer shall know the key; undefined if it shall not know it. */
  readonly wanted: (key: RouteKey) => Path | undefined;
  /** Bytes that a vector takes in a body. */
  readonly size: (vector: Vector) => number;
}

/**
 * What one peer has to be told. It remembers which paths the peer may hold, and the keys for which that may differ from
 * what it shall hold; so changes that cancel out are never sent, and a push of unknown fate is made good by the next.
 */
export class Outbound {
  readonly #held = new Map<RouteKey, readonly Path[]>();
  /** Announced or withdrawn, with no answer: `key\npath`. */
  readonly #unsure = new Set<string>();
  readonly #dirty = new Set<RouteKey>();
  #inFlight: Update | undefined;

  /** Something about the key changed. */
  touch(key: RouteKey): void {
    this.#dirty.add(key);
  }

  /** Look anew at everything that the peer may hold, and at these keys. */
  touchAll(keys: Iterable<RouteKey>): void {
    for (const key of this.#held.keys()) this.#dirty.add(key);
    for (const key of keys) this.#dirty.add(key);
  }

  get waiting(): number {
    return this.#dirty.size;
  }

  get busy(): boolean {
    return this.#inFlight !== undefined;
  }

  /**
   * The next push of at most `limit` bytes (one vector is always sent), to be ended by {@link sent} or {@link failed};
   * undefined if there is nothing to tell.
   */
  next(limit: number, { wanted, size }: OutboundSource): Update | undefined {
    const announce: Vector[] = [];
    const withdraw: Vector[] = [];
    let bytes: number = updateOverhead.body;
    for (const key of this.#dirty) {
      const path = wanted(key);
      const held = this.#held.get(key) ?? [];
      const fresh = path === undefined || this.#surelyHeld(key, path) ? [] : [{ key, path }];
      const stale = held.filter(({ text }) => text !== path?.text).map((old) => ({ key, path: old }));
      const cost = [...fresh, ...stale].reduce((sum, vector) => sum + size(vector) + updateOverhead.vector, 0);
      if (announce.length + withdraw.length > 0 && bytes + cost > limit) break;
      bytes += cost;
      this.#dirty.delete(key);
      announce.push(...fresh);
      withdraw.push(...stale);
      // It may arrive even if its answer does not.
      for (const vector of fresh) {
        this.#hold(vector);
        this.#unsure.add(unsureText(vector));
      }
      // Nor is it known of what is withdrawn, should it be wanted again before the answer.
      for (const vector of stale) this.#unsure.add(unsureText(vector));
    }
    if (announce.length + withdraw.length === 0) return undefined;
    this.#inFlight = { announce, withdraw };
    return this.#inFlight;
  }

  /** The push arrived and was taken. */
  sent(): void {
    for (const vector of this.#inFlight?.announce ?? []) this.#unsure.delete(unsureText(vector));
    for (const { key, path } of this.#inFlight?.withdraw ?? []) {
      const left = this.#held.get(key)?.filter(({ text }) => text !== path.text) ?? [];
      if (left.length === 0) this.#held.delete(key);
      else this.#held.set(key, left);
      this.#unsure.delete(unsureText({ key, path }));
    }
    this.#inFlight = undefined;
  }

  /** The push may have arrived or not: the peer may hold both what it announced and what it withdrew, and is told again. */
  failed(): void {
    for (const { key } of this.#inFlight?.announce ?? []) this.#dirty.add(key);
    for (const { key } of this.#inFlight?.withdraw ?? []) this.#dirty.add(key);
    this.#inFlight = undefined;
  }

  /**
   * The peer asked for everything and was given this. What it may have held before stays on record: if it has forgotten
   * that, a needless withdrawal does no harm.
   */
  pulled(vectors: readonly Vector[]): void {
    for (const vector of vectors) {
      this.#hold(vector);
      this.#unsure.delete(unsureText(vector));
    }
  }

  #hold({ key, path }: Vector): void {
    const held = this.#held.get(key);
    if (held === undefined) this.#held.set(key, [path]);
    else if (!held.some(({ text }) => text === path.text)) this.#held.set(key, [...held, path]);
  }

  #surelyHeld(key: RouteKey, path: Path): boolean {
    return (
      this.#held.get(key)?.some(({ text }) => text === path.text) === true &&
      !this.#unsure.has(unsureText({ key, path }))
    );
  }
}

function unsureText({ key, path }: Vector): string {
  return `${key}\n${path.text}`;
}
