import { addressNumber, type Family, macNumber } from "./address.ts";
import { type Journal, JournaledMap } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import type { RowStore } from "./row-store.ts";
import type { Row } from "./tables.ts";

/** The MAC address of a next hop; 00:00:00:00:00:00 for a black hole. */
export interface Neighbor {
  readonly tag: string;
  /** Canonical. */
  readonly ip: string;
  /** Canonical. */
  readonly mac: string;
  /** When it came or last changed, milliseconds on the daemon's clock. */
  readonly updatedMs: number;
}

/** What ARP (IPv4) or NDP (IPv6) know. */
export class Neighbors {
  readonly #family: Family;
  readonly #rows: RowStore;
  readonly #neighbors: JournaledMap<string, Neighbor>;

  constructor(family: Family, rows: RowStore, journal: Journal) {
    this.#family = family;
    this.#rows = rows;
    this.#neighbors = new JournaledMap(journal);
  }

  all(): readonly Neighbor[] {
    return [...this.#neighbors.values()];
  }

  get(ip: string): Neighbor | undefined {
    return this.#neighbors.get(ip);
  }

  /** Let a next hop have this address, whatever it had. */
  set(neighbor: Neighbor): void {
    this.#rows.put(this.#row(neighbor));
    this.#neighbors.set(neighbor.ip, neighbor);
  }

  /** Throws a {@link Refusal} (missing). */
  remove(ip: string): void {
    const neighbor = this.#neighbors.get(ip);
    if (neighbor === undefined) throw new Refusal("missing", `no MAC address of ${ip} is known`);
    this.#rows.remove(this.#row(neighbor));
    this.#neighbors.delete(ip);
  }

  /** Remove what an owner set; undefined: whoever set it. */
  removeTag(tag: string | undefined): void {
    for (const neighbor of this.all()) if (tag === undefined || neighbor.tag === tag) this.remove(neighbor.ip);
  }

  #row({ ip, mac }: Neighbor): Row {
    return {
      table: `ingress.resolver.resolver_v${this.#family}`,
      key: [{ kind: "exact", value: addressNumber(ip) }],
      priority: -1,
      action: "ingress.resolver.rewrite_dst",
      data: [macNumber(mac)],
    };
  }
}
