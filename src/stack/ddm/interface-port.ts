import type { ServedApi } from "../daemon/api.ts";
import { DiscoverySockets } from "./discovery-sockets.ts";
import { type ExchangeAnswer, type ReceivedExchange, serveExchange } from "./exchange-api.ts";
import type { InterfaceState } from "./interface-watch.ts";
import { ensureZone } from "./zone.ts";

/** What happens on an interface. */
export interface InterfacePortEvents {
  /** The interface can be used with this address (all sockets are open), or not any more. */
  readonly usable: (address: string | undefined, index: number) => void;
  readonly datagram: (from: string, bytes: Uint8Array, group: boolean) => void;
  readonly notSent: (reason: string) => void;
  readonly exchange: (request: ReceivedExchange) => Promise<ExchangeAnswer>;
  readonly refused: (status: number, message: string) => void;
  /** The sockets cannot be had; it is tried again. */
  readonly notOpened: (reason: string) => void;
}

interface OpenSockets {
  readonly address: string;
  readonly index: number | undefined;
  readonly discovery: DiscoverySockets;
  readonly exchange: ServedApi;
}

/** Before sockets that could not be opened are tried again (section 1.3, ip_addr_wait). */
const retryMs = 1000;

/** The sockets of one interface: open while it has a carrier and an address. */
export class InterfacePort implements AsyncDisposable {
  readonly #name: string;
  readonly #events: InterfacePortEvents;
  #wanted: InterfaceState | undefined;
  #open: OpenSockets | undefined;
  #working: Promise<void> | undefined;
  /** Something changed while it was being worked, perhaps after the last look. */
  #again = false;
  #retry: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(name: string, events: InterfacePortEvents) {
    this.#name = name;
    this.#events = events;
  }

  /** The interface is now like this. */
  update(state: InterfaceState): void {
    this.#wanted = state;
    // A lost carrier is told at once, whatever the sockets are doing.
    if (this.#open !== undefined && !this.#fits(this.#open)) this.#events.usable(undefined, state.index ?? 0);
    this.#work();
  }

  solicit(bytes: Uint8Array): void {
    this.#open?.discovery.solicit(bytes);
  }

  advertise(to: string, bytes: Uint8Array): void {
    this.#open?.discovery.advertise(to, bytes);
  }

  #fits({ address, index }: OpenSockets): boolean {
    const wanted = this.#wanted;
    return wanted?.up === true && wanted.address === address && wanted.index === index;
  }

  #work(): void {
    if (this.#working !== undefined) {
      this.#again = true;
      return;
    }
    this.#working = this.#settle().finally(() => {
      this.#working = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#work();
    });
  }

  /** Until the sockets are as the interface is now. */
  async #settle(): Promise<void> {
    clearTimeout(this.#retry);
    for (;;) {
      const wanted = this.#ended ? undefined : this.#wanted;
      const address = wanted?.up === true ? wanted.address : undefined;
      if (this.#open !== undefined && (address === undefined || !this.#fits(this.#open))) {
        const old = this.#open;
        this.#open = undefined;
        await Promise.all([old.discovery[Symbol.asyncDispose](), old.exchange[Symbol.asyncDispose]()]);
        continue;
      }
      if (address === undefined || this.#open !== undefined) return;
      try {
        this.#open = await this.#openAll(address, wanted?.index);
      } catch (error) {
        this.#events.notOpened(String(error));
        this.#retry = setTimeout(() => {
          this.#work();
        }, retryMs);
        return;
      }
      if (this.#fits(this.#open)) this.#events.usable(address, this.#open.index ?? 0);
    }
  }

  async #openAll(address: string, index: number | undefined): Promise<OpenSockets> {
    const { datagram, notSent, exchange: answer, refused } = this.#events;
    if (index !== undefined) await ensureZone(this.#name, index);
    const discovery = await DiscoverySockets.open(this.#name, address, { datagram, notSent });
    try {
      const exchange = await serveExchange({ interfaceName: this.#name, address, answer, refused });
      return { address, index, discovery, exchange };
    } catch (error) {
      await discovery[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#work();
    while (this.#working !== undefined) await this.#working;
    clearTimeout(this.#retry);
  }
}
