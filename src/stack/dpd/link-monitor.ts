import { type Carrier, carrierTold, type LinkRecord, unknownLink } from "./engine/link-state.ts";

/** Follows the carriers of the NICs behind the ports. */
export class LinkMonitor {
  readonly #records = new Map<string, LinkRecord>();
  readonly #now: () => number;

  /** `now`: milliseconds since the daemon started. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The carrier of a NIC was told. */
  told(interfaceName: string, carrier: Carrier): void {
    this.#records.set(interfaceName, carrierTold(this.of(interfaceName), carrier, this.#now()));
  }

  /** What is known of a NIC. */
  of(interfaceName: string): LinkRecord {
    return this.#records.get(interfaceName) ?? unknownLink;
  }
}
