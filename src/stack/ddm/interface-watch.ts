import { type InterfaceAddress, listAddresses, parseAddressEvent } from "../../netdev/addresses.ts";
import { type Link, listLinks, parseLinkEvent } from "../../netdev/links.ts";
import { openNetlinkSocket, watchNetlink } from "../../netdev/netlink-socket.ts";
import { parseIpv6 } from "../../packet/index.ts";

/** An interface as the kernel has it now. */
export interface InterfaceState {
  readonly name: string;
  /** Undefined while there is no such interface. */
  readonly index: number | undefined;
  readonly mac: string | undefined;
  /** Enabled, with a carrier. */
  readonly up: boolean;
  /** Its lowest link-local address that may be used. */
  readonly address: string | undefined;
}

/** Follows interfaces by name: their coming and going, carriers and link-local addresses. */
export class InterfaceWatch implements AsyncDisposable {
  readonly #names: ReadonlySet<string>;
  readonly #changed: (state: InterfaceState) => void;
  readonly #socket = openNetlinkSocket();
  readonly #links = new Map<number, Link>();
  readonly #addresses = new Map<number, Map<string, InterfaceAddress>>();
  readonly #told = new Map<string, string>();
  #watch: Disposable | undefined;
  #listing: Promise<void> | undefined;

  /** `changed` is called for each of the names once, and again whenever something about it is different. */
  constructor(names: readonly string[], changed: (state: InterfaceState) => void) {
    this.#names = new Set(names);
    this.#changed = changed;
  }

  /** Begin; resolves when all interfaces have been told of. */
  async start(): Promise<void> {
    // Watch first, so that nothing can happen between the list and the watching.
    this.#watch = watchNetlink(["links", "addresses"], {
      message: (message) => {
        const link = parseLinkEvent(message);
        if (link !== undefined) this.#takeLink(link.link, link.event === "present");
        const address = parseAddressEvent(message);
        if (address !== undefined) this.#takeAddress(address.address, address.event === "present");
        if (this.#listing === undefined) this.#tell();
      },
      lost: () => {
        this.#listing ??= this.#list();
      },
    });
    this.#listing = this.#list();
    await this.#listing;
  }

  async #list(): Promise<void> {
    try {
      const links = await listLinks(this.#socket);
      const addresses = await listAddresses(this.#socket);
      this.#links.clear();
      this.#addresses.clear();
      for (const link of links) this.#takeLink(link, true);
      for (const address of addresses) this.#takeAddress(address, true);
    } finally {
      this.#listing = undefined;
    }
    this.#tell();
  }

  #takeLink(link: Link, present: boolean): void {
    if (present) {
      this.#links.set(link.index, link);
      return;
    }
    this.#links.delete(link.index);
    this.#addresses.delete(link.index);
  }

  #takeAddress(address: InterfaceAddress, present: boolean): void {
    if (!isLinkLocal(address.address)) return;
    let known = this.#addresses.get(address.index);
    if (known === undefined) {
      known = new Map();
      this.#addresses.set(address.index, known);
    }
    if (present) known.set(address.address, address);
    else known.delete(address.address);
  }

  #tell(): void {
    const byName = new Map(Array.from(this.#links.values(), (link) => [link.name, link]));
    for (const name of this.#names) {
      const state = this.#stateOf(name, byName.get(name));
      const text = JSON.stringify(state);
      if (this.#told.get(name) === text) continue;
      this.#told.set(name, text);
      this.#changed(state);
    }
  }

  #stateOf(name: string, link: Link | undefined): InterfaceState {
    if (link === undefined) return { name, index: undefined, mac: undefined, up: false, address: undefined };
    const usable = Array.from(this.#addresses.get(link.index)?.values() ?? [])
      .filter(({ tentative, duplicate }) => !tentative && !duplicate)
      .map(({ address }) => address)
      .sort((a, b) => Buffer.compare(parseIpv6(a), parseIpv6(b)));
    return { name, index: link.index, mac: link.mac, up: link.up && link.carrier, address: usable[0] };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
    return Promise.resolve();
  }
}

/** fe80::/10 (RFC 4291 section 2.5.6). */
function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/.test(address);
}
