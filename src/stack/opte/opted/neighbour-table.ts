import { listNeighbours, type Neighbour, parseNeighbourEvent, resolveNeighbour } from "../../../netdev/neighbours.ts";
import type { NetlinkMessage } from "../../../netdev/netlink-message.ts";
import type { NetlinkSocket } from "../../../netdev/netlink-socket.ts";
import { parseMac } from "../../../packet/mac.ts";

/** Frames that wait for one next hop's MAC address at most. */
const longestQueue = 64;

/** States in which the kernel itself sends to a neighbour's MAC address. */
const usable: ReadonlySet<Neighbour["state"]> = new Set(["reachable", "stale", "delay", "probe", "permanent", "noarp"]);

/** A next hop on a link of the underlay. */
export class NeighbourEntry {
  /** Of the link. */
  readonly index: number;
  readonly address: string;
  mac: Uint8Array | undefined = undefined;
  state: Neighbour["state"] = "none";
  /** Whether a frame was sent to it since it was last looked at. */
  isUsed = false;
  /** Frames that wait for its MAC address. */
  readonly waiting: Uint8Array[] = [];

  constructor(index: number, address: string) {
    this.index = index;
    this.address = address;
  }
}

/** Who hears what became of next hops. */
export interface NeighbourListener {
  /** Send what waited for it. */
  found(entry: NeighbourEntry, frames: readonly Uint8Array[]): void;
  /** It does not answer: what waited is lost. */
  lost(entry: NeighbourEntry, frames: readonly Uint8Array[]): void;
}

/** The MAC addresses of next hops, as the kernel resolves them. */
export class NeighbourTable {
  readonly #netlink: NetlinkSocket;
  readonly #listener: NeighbourListener;
  readonly #entries = new Map<string, NeighbourEntry>();

  constructor(netlink: NetlinkSocket, listener: NeighbourListener) {
    this.#netlink = netlink;
    this.#listener = listener;
  }

  /** The entry of a next hop; it stays the same while the daemon runs. */
  entry(index: number, address: string): NeighbourEntry {
    const key = keyOf(index, address);
    let entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, (entry = new NeighbourEntry(index, address)));
    return entry;
  }

  /** Keep a frame until the next hop's MAC address is known; false if too many wait already. */
  wait(entry: NeighbourEntry, frame: Uint8Array): boolean {
    if (entry.waiting.length >= longestQueue) return false;
    if (entry.waiting.push(frame) === 1) this.#resolve(entry);
    return true;
  }

  #resolve(entry: NeighbourEntry): void {
    // A link that is down does not ask.
    resolveNeighbour(this.#netlink, entry).catch(() => {
      this.#drop(entry);
    });
  }

  #drop(entry: NeighbourEntry): void {
    const frames = entry.waiting.splice(0);
    if (frames.length > 0) this.#listener.lost(entry, frames);
  }

  /** Take a message of the group "neighbours". */
  message(message: NetlinkMessage): void {
    const event = parseNeighbourEvent(message);
    if (event !== undefined) this.#take(event.neighbour, event.event === "present");
  }

  /** Read them all anew. */
  async read(): Promise<void> {
    for (const neighbour of await listNeighbours(this.#netlink)) this.#take(neighbour, true);
  }

  #take({ index, address, mac, state }: Neighbour, isPresent: boolean): void {
    const key = keyOf(index, address);
    const isUsable = isPresent && mac !== undefined && usable.has(state);
    const entry = this.#entries.get(key) ?? (isUsable ? this.entry(index, address) : undefined);
    if (entry === undefined) return;
    entry.state = isPresent ? state : "none";
    entry.mac = isUsable ? parseMac(mac) : undefined;
    if (isUsable) {
      const frames = entry.waiting.splice(0);
      if (frames.length > 0) this.#listener.found(entry, frames);
    } else if (!isPresent || state === "failed") this.#drop(entry);
  }

  /** Have the kernel make sure of those that are in use, as it does when it sends itself; to be called every second. */
  confirm(): void {
    for (const entry of this.#entries.values()) {
      if (entry.isUsed && entry.state === "stale") this.#resolve(entry);
      entry.isUsed = false;
    }
  }
}

function keyOf(index: number, address: string): string {
  return `${index} ${address}`;
}
