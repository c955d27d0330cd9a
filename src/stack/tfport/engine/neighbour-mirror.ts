/** What dpd is to be told about a neighbour. */
export type MirrorOperation =
  | { readonly operation: "set"; readonly ip: string; readonly mac: string }
  | { readonly operation: "remove"; readonly ip: string };

/** An entry of dpd's tables. */
export interface MirroredNeighbour {
  readonly ip: string;
  readonly mac: string;
  /** Who made it. */
  readonly tag: string;
}

/**
 * The neighbours that the kernel knows on the ports, next to those that dpd has under our tag. dpd knows a neighbour by its
 * address alone: of two ports with the same neighbour address the one that was heard last counts.
 */
export class NeighbourMirror {
  readonly #tag: string;
  /** By address, then by port in the order of hearing. */
  readonly #known = new Map<string, Map<number, string>>();
  readonly #installed = new Map<string, string>();
  /** Addresses for which the two may differ. */
  readonly #dirty = new Set<string>();

  constructor(tag: string) {
    this.#tag = tag;
  }

  /** Whether there is something to tell. */
  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** The kernel knows the MAC address of a neighbour behind a port. */
  learn(port: number, ip: string, mac: string): void {
    const ports = this.#known.get(ip) ?? new Map<number, string>();
    if (ports.get(port) === mac) return;
    ports.delete(port);
    ports.set(port, mac);
    this.#known.set(ip, ports);
    this.#dirty.add(ip);
  }

  /** The kernel does not know it any more. */
  forget(port: number, ip: string): void {
    const ports = this.#known.get(ip);
    if (ports?.delete(port) !== true) return;
    if (ports.size === 0) this.#known.delete(ip);
    this.#dirty.add(ip);
  }

  /** Forget what is not in a full list of what the kernel knows. */
  retain(known: (port: number, ip: string) => boolean): void {
    for (const [ip, ports] of this.#known)
      for (const port of [...ports.keys()]) if (!known(port, ip)) this.forget(port, ip);
  }

  /** What dpd really has, in full: what differs is to be told. Entries of others are left alone, unless the kernel knows better. */
  installedAre(entries: readonly MirroredNeighbour[]): void {
    this.#installed.clear();
    for (const { ip, mac, tag } of entries) if (tag === this.#tag || this.#known.has(ip)) this.#installed.set(ip, mac);
    for (const ip of [...this.#installed.keys(), ...this.#known.keys()]) this.#dirty.add(ip);
  }

  /** The next thing to tell dpd; undefined if there is none. */
  next(): MirrorOperation | undefined {
    for (const ip of this.#dirty) {
      const mac = this.#macOf(ip);
      const installed = this.#installed.get(ip);
      if (mac !== undefined && mac !== installed) return { operation: "set", ip, mac };
      if (mac === undefined && installed !== undefined) return { operation: "remove", ip };
      this.#dirty.delete(ip);
    }
    return undefined;
  }

  /** dpd has done it. */
  done(operation: MirrorOperation): void {
    if (operation.operation === "set") this.#installed.set(operation.ip, operation.mac);
    else this.#installed.delete(operation.ip);
  }

  /** dpd does not want it: not to be told again before the next comparison or change. */
  refused({ ip }: MirrorOperation): void {
    this.#dirty.delete(ip);
  }

  #macOf(ip: string): string | undefined {
    let latest: string | undefined;
    for (const mac of this.#known.get(ip)?.values() ?? []) latest = mac;
    return latest;
  }
}
