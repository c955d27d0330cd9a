import { listAddresses } from "../../netdev/addresses.ts";
import { type Link, listLinks } from "../../netdev/links.ts";
import { listNeighbours, type Neighbour, resolveNeighbour } from "../../netdev/neighbours.ts";
import { type NetlinkSocket, openNetlinkSocket, watchNetlink } from "../../netdev/netlink-socket.ts";
import { parseMac } from "../../packet/mac.ts";
import type { OnceLog } from "../daemon/log.ts";
import { type MultipathPath, neighbourKey } from "./engine/input-output.ts";

/** How often the kernel is asked again to find next hops that it does not know. */
const resolveIntervalMs = 2000;

/** What the kernel knows that multipath needs: interfaces, this node's addresses, the MAC addresses of next hops. */
export class NetworkView implements Disposable {
  links: readonly Link[] = [];
  addresses: readonly string[] = [];
  #neighbours: readonly Neighbour[] = [];
  #wanted: readonly MultipathPath[] = [];
  readonly #socket: NetlinkSocket;
  readonly #watch: Disposable;
  readonly #changed: () => void;
  readonly #log: OnceLog;
  #reading: Promise<void> | undefined;
  #stale = false;
  #closed = false;
  #resolveTimer: NodeJS.Timeout | undefined;

  /** `changed` is called whenever anything is known anew. */
  constructor(changed: () => void, log: OnceLog) {
    this.#changed = changed;
    this.#log = log;
    this.#socket = openNetlinkSocket();
    try {
      const refresh = (): void => {
        void this.refresh();
      };
      this.#watch = watchNetlink(["links", "addresses", "neighbours"], { message: refresh, lost: refresh });
    } catch (error) {
      this.#socket[Symbol.dispose]();
      throw error;
    }
  }

  /** Read everything anew; of many wishes meanwhile one more reading comes. */
  refresh(): Promise<void> {
    this.#stale = true;
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    while (this.#stale && !this.#closed) {
      this.#stale = false;
      try {
        const [links, addresses, neighbours] = [
          await listLinks(this.#socket),
          await listAddresses(this.#socket),
          await listNeighbours(this.#socket),
        ];
        this.links = links;
        this.addresses = addresses.filter(({ tentative, duplicate }) => !tentative && !duplicate).map(textOf);
        this.#neighbours = neighbours;
      } catch (error) {
        if (!this.#isClosed()) this.#log.warn("network view", `the kernel's tables cannot be read: ${String(error)}`);
        return;
      }
      this.#changed();
      this.#resolve();
    }
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  /** The next hops whose MAC addresses are to be known. */
  want(paths: readonly MultipathPath[]): void {
    this.#wanted = paths;
    this.#resolve();
  }

  /** The MAC addresses of the wanted next hops, as far as they are known. */
  neighbourMacs(): ReadonlyMap<string, Uint8Array> {
    const names = new Map(this.links.map(({ index, name }) => [index, name]));
    const known = new Map<string, Uint8Array>();
    for (const { index, address, mac, state } of this.#neighbours) {
      if (mac === undefined || state === "failed" || state === "incomplete") continue;
      known.set(neighbourKey({ interface: names.get(index) ?? "", nextHop: address }), parseMac(mac));
    }
    return new Map(
      this.#wanted.flatMap((path) => {
        const mac = known.get(neighbourKey(path));
        return mac === undefined ? [] : [[neighbourKey(path), mac] as const];
      }),
    );
  }

  /** Make the kernel look for those that it does not know, now and from time to time. */
  #resolve(): void {
    clearTimeout(this.#resolveTimer);
    this.#resolveTimer = undefined;
    const known = this.neighbourMacs();
    const missing = this.#wanted.filter((path) => !known.has(neighbourKey(path)));
    if (missing.length === 0 || this.#closed) return;
    const indexes = new Map(
      this.links.flatMap(({ name, index, carrier }) => (carrier ? [[name, index] as const] : [])),
    );
    const asked = new Set(this.#neighbours.filter(({ state }) => state === "incomplete").map(hopOf));
    for (const { interface: name, nextHop: address } of missing) {
      const index = indexes.get(name);
      if (index === undefined || asked.has(hopOf({ index, address }))) continue;
      resolveNeighbour(this.#socket, { index, address }).catch((error: unknown) => {
        if (!this.#closed) this.#log.warn(`resolve ${name}`, `cannot ask for ${address} on ${name}: ${String(error)}`);
      });
    }
    this.#resolveTimer = setTimeout(() => void this.refresh(), resolveIntervalMs);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#resolveTimer);
    this.#watch[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
  }
}

function textOf({ address }: { readonly address: string }): string {
  return address;
}

function hopOf({ index, address }: { readonly index: number; readonly address: string }): string {
  return `${address}%${index}`;
}
