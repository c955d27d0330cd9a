import { addressNumber, compareAddresses, type Family, familyOf } from "./address.ts";
import { type Journal, JournaledMap } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import type { RowStore } from "./row-store.ts";
import type { Row } from "./tables.ts";

/** An address of the switch. */
export interface SwitchAddress {
  /** Canonical. */
  readonly address: string;
  readonly tag: string;
  /** The number of the port that it belongs to; undefined: it is the switch's as a whole. */
  readonly port: number | undefined;
  /** The link-local address of a link: it comes and goes with the link alone. */
  readonly withLink: boolean;
}

const anyPort = { kind: "ternary", value: 0n, mask: 0n } as const;
const portMask = 0x1ffn;

/**
 * Addresses of the switch. One of a port takes two rows: it is claimed there, and refused on all other ports; one of the
 * switch as a whole takes one. They share a table, so no address is there twice.
 */
export class Addresses {
  readonly #rows: RowStore;
  readonly #addresses: JournaledMap<string, SwitchAddress>;

  constructor(rows: RowStore, journal: Journal) {
    this.#rows = rows;
    this.#addresses = new JournaledMap(journal);
  }

  get(address: string): SwitchAddress | undefined {
    return this.#addresses.get(address);
  }

  /** Addresses of a port (undefined: of the switch as a whole) in ascending order. */
  of(port: number | undefined, family: Family): readonly SwitchAddress[] {
    return [...this.#addresses.values()]
      .filter((candidate) => candidate.port === port && familyOf(candidate.address) === family)
      .sort((a, b) => compareAddresses(a.address, b.address));
  }

  /** Throws a {@link Refusal} (exists) if the address is there, wherever. */
  add(address: SwitchAddress): void {
    const other = this.#addresses.get(address.address);
    if (other !== undefined) {
      const where = other.port === undefined ? "of the switch as a whole" : `of port ${other.port}`;
      throw new Refusal("exists", `${address.address} is an address ${where} already`);
    }
    for (const row of addressRows(address)) this.#rows.put(row);
    this.#addresses.set(address.address, address);
  }

  /** Nothing happens if there is none. */
  remove(address: string): void {
    const existing = this.#addresses.get(address);
    if (existing === undefined) return;
    // Refused nowhere before it is claimed nowhere.
    for (const row of addressRows(existing).toReversed()) this.#rows.remove(row);
    this.#addresses.delete(address);
  }

  /** Remove those that `which` takes. */
  removeWhere(which: (address: SwitchAddress) => boolean): void {
    for (const address of [...this.#addresses.values()]) if (which(address)) this.remove(address.address);
  }
}

function addressRows({ address, port }: SwitchAddress): readonly Row[] {
  const family = familyOf(address);
  const dst = { kind: "exact", value: addressNumber(address) } as const;
  const row = { table: `ingress.local.local_v${family}`, data: [] } as const;
  const everywhere = { ...row, key: [dst, anyPort], priority: 2 };
  if (port === undefined) return [{ ...everywhere, action: "ingress.local.claim" }];
  const here = { kind: "ternary", value: BigInt(port), mask: portMask } as const;
  return [
    { ...row, key: [dst, here], priority: 1, action: "ingress.local.claim" },
    { ...everywhere, action: `ingress.local.drop_v${family}` },
  ];
}
