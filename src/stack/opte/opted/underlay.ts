import { findLink, type LinkEvent } from "../../../netdev/links.ts";
import type { NetlinkSocket } from "../../../netdev/netlink-socket.ts";
import { claimUdp6Port } from "../../../netdev/protocol-claim.ts";
import { type RoutedDatagram, RouteLookup } from "../../../netdev/route-lookup.ts";
import type { DaemonLog } from "../../daemon/log.ts";
import { monotonicMs } from "../../daemon/clock.ts";
import type { IpAddress } from "../engine/parse/address.ts";
import { Frame } from "../engine/parse/frame.ts";
import { genevePort } from "../engine/parse/parse-underlay.ts";
import { NeighbourTable, type NeighbourEntry } from "./neighbour-table.ts";
import type { RouteCache } from "./route-cache.ts";
import { UnderlayLink } from "./underlay-link.ts";

/** Takes an encapsulated frame that arrived. */
export type UnderlayTaker = (bytes: Uint8Array, start: number, length: number) => void;

/** How a frame leaves the sled. */
export interface Way {
  readonly link: UnderlayLink;
  readonly neighbour: NeighbourEntry;
}

/** What the underlay tells of itself. */
export interface UnderlayListener {
  readonly frame: UnderlayTaker;
  /** A lot of frames has arrived. */
  readonly done: () => void;
}

/** The links of the sled to its switches, and the way of frames out over them: by the kernel's routes and neighbours. */
export class Underlay implements Disposable {
  /** Frames that were lost on their way out, by reason; received ones that are not for this sled. */
  readonly stats = { no_route: 0, no_neighbour: 0, queue_full: 0, too_long: 0, not_for_us: 0 };
  readonly neighbours: NeighbourTable;
  /** Told of each next hop that was looked up. */
  onNextHop: ((destination: string, link: string, nextHop: string) => void) | undefined = undefined;
  readonly #netlink: NetlinkSocket;
  readonly #listener: UnderlayListener;
  readonly #log: DaemonLog;
  readonly #lookup = new RouteLookup();
  readonly #links = new Map<number, UnderlayLink>();
  readonly #dirty = new Set<UnderlayLink>();
  #names: readonly string[] = [];
  #claim: Disposable | undefined;
  #generation = 0;
  #frame: Frame | undefined;

  constructor(netlink: NetlinkSocket, listener: UnderlayListener, log: DaemonLog) {
    this.#netlink = netlink;
    this.#listener = listener;
    this.#log = log;
    this.neighbours = new NeighbourTable(netlink, {
      found: (entry, frames) => {
        for (const frame of frames) this.#sendTo(entry, frame);
        this.flush();
      },
      lost: (_, frames) => {
        this.stats.no_neighbour += frames.length;
      },
    });
  }

  /** Have these interfaces; those that are not there yet are used when they come. Throws where UDP port 6081 is taken. */
  async open(names: readonly string[]): Promise<void> {
    this.#claim ??= claimUdp6Port(genevePort);
    this.#names = [...new Set(names)];
    for (const name of this.#names) {
      const link = await findLink(this.#netlink, name);
      if (link !== undefined) this.linkEvent({ event: "present", link });
    }
  }

  close(): void {
    for (const link of this.#links.values()) link[Symbol.dispose]();
    this.#links.clear();
    this.#names = [];
    this.#claim?.[Symbol.dispose]();
    this.#claim = undefined;
  }

  get links(): readonly UnderlayLink[] {
    return [...this.#links.values()];
  }

  /** An interface is there, changed, or gone. */
  linkEvent({ event, link }: LinkEvent): void {
    const known = this.#links.get(link.index);
    const isOurs = event === "present" && this.#names.includes(link.name);
    if (known !== undefined && isOurs && known.name === link.name && known.mtu === link.mtu) return;
    if (known !== undefined) {
      known[Symbol.dispose]();
      this.#links.delete(link.index);
      this.#dirty.delete(known);
    }
    if (isOurs) this.#openLink(link);
    this.routesChanged();
  }

  #openLink(link: LinkEvent["link"]): void {
    try {
      const opened: UnderlayLink = new UnderlayLink(
        link,
        (bytes, start, length) => {
          if (opened.isFor(bytes, start)) this.#listener.frame(bytes, start, length);
          else this.stats.not_for_us += 1;
        },
        this.#listener.done,
      );
      this.#links.set(link.index, opened);
      this.#log.info({ interface: link.name }, "underlay link opened");
    } catch (error) {
      this.#log.error({ interface: link.name, error: String(error) }, "an underlay link cannot be opened");
    }
  }

  /** The kernel's routes are others: what is cached of them is asked for anew. */
  routesChanged(): void {
    this.#generation += 1;
  }

  /** Send an encapsulated frame towards `destination`; `cache` is that of the port it comes from. */
  send(frame: Frame, destination: IpAddress, cache: RouteCache<Way>): void {
    const sourcePort = frame.view.getUint16(frame.start + 54);
    this.#frame = frame;
    const way = cache.find(destination, sourcePort, monotonicMs(), this.#generation, this.#ask);
    if (way === undefined) {
      this.stats.no_route += 1;
      return;
    }
    const { neighbour, link } = way;
    if (frame.end - frame.start - 14 > link.mtu) {
      this.stats.too_long += 1;
      return;
    }
    frame.bytes.set(link.mac, frame.start + 6);
    // A group's frame has its destination already.
    if (frame.bytes[frame.start] === 0x33) this.#sendOn(link, frame.bytes, frame.start, frame.end - frame.start);
    else if (neighbour.mac === undefined) {
      if (!this.neighbours.wait(neighbour, frame.contents.slice())) this.stats.queue_full += 1;
    } else {
      neighbour.isUsed = true;
      frame.bytes.set(neighbour.mac, frame.start);
      this.#sendOn(link, frame.bytes, frame.start, frame.end - frame.start);
    }
  }

  readonly #ask = (destination: IpAddress, sourcePort: number): Way | undefined => {
    const { bytes, start } = this.#frame ?? new Frame(0);
    const datagram: RoutedDatagram = {
      source: bytes.subarray(start + 22, start + 38),
      destination: destination.bytes,
      sourcePort,
      destinationPort: genevePort,
    };
    const route = this.#lookup.find(datagram);
    const link = route && this.#links.get(route.index);
    if (route === undefined || link === undefined) return undefined;
    this.onNextHop?.(destination.text, link.name, route.nextHop);
    return { link, neighbour: this.neighbours.entry(route.index, route.nextHop) };
  };

  #sendTo(entry: NeighbourEntry, frame: Uint8Array): void {
    const link = this.#links.get(entry.index);
    if (link === undefined || entry.mac === undefined) {
      this.stats.no_neighbour += 1;
      return;
    }
    entry.isUsed = true;
    frame.set(entry.mac, 0);
    this.#sendOn(link, frame, 0, frame.length);
  }

  #sendOn(link: UnderlayLink, bytes: Uint8Array, start: number, length: number): void {
    link.socket.send(bytes, start, length);
    this.#dirty.add(link);
  }

  /** Have everything leave that was sent. */
  flush(): void {
    for (const link of this.#dirty) link.socket.flush();
    this.#dirty.clear();
  }

  [Symbol.dispose](): void {
    this.close();
    this.#lookup[Symbol.dispose]();
  }
}
