import { type Link, listLinks, parseLinkEvent } from "../../netdev/links.ts";
import type { NetlinkMessage } from "../../netdev/netlink-message.ts";
import type { NetlinkSocket } from "../../netdev/netlink-socket.ts";
import { openPacketSocket, type PacketSocket } from "../../netdev/packet-socket.ts";
import { lldpMac, parseMac } from "../../packet/index.ts";
import { monotonicMs } from "../daemon/clock.ts";
import { type DaemonLog, OnceLog } from "../daemon/log.ts";
import type { LldpEngine } from "./engine/lldp-engine.ts";
import type { InterfaceSelection } from "./interface-selection.ts";

const etherType = 0x88cc;

interface OpenInterface {
  readonly index: number;
  readonly socket: PacketSocket;
}

/** The interfaces of this host that LLDP is spoken on, as they come, change and go. */
export class LldpInterfaces implements Disposable {
  readonly #engine: LldpEngine;
  readonly #selection: InterfaceSelection;
  readonly #settle: () => void;
  readonly #once: OnceLog;
  readonly #links = new Map<number, Link>();
  readonly #open = new Map<string, OpenInterface>();

  /** `settle` is called after frames were handed to the engine. */
  constructor(engine: LldpEngine, selection: InterfaceSelection, settle: () => void, log: DaemonLog) {
    this.#engine = engine;
    this.#selection = selection;
    this.#settle = settle;
    this.#once = new OnceLog(log);
  }

  /** Send a frame on an interface; one that is gone sends nothing. */
  send(name: string, frame: Uint8Array): void {
    const socket = this.#open.get(name)?.socket;
    socket?.send(frame, 0, frame.length);
    socket?.flush();
  }

  /** Whether this host has the interface. */
  exists(name: string): boolean {
    return [...this.#links.values()].some((link) => link.name === name);
  }

  /** Look at all interfaces anew. */
  async read(netlink: NetlinkSocket): Promise<void> {
    const links = await listLinks(netlink);
    const present = new Set(links.map(({ index }) => index));
    for (const [index, link] of this.#links) if (!present.has(index)) this.#gone(link);
    for (const link of links) this.#present(link);
  }

  /** A message of the kernel about an interface. */
  linkMessage(message: NetlinkMessage): void {
    const event = parseLinkEvent(message);
    if (event?.event === "present") this.#present(event.link);
    else if (event !== undefined) this.#gone(event.link);
  }

  /** What is spoken on may have changed. */
  reselect(): void {
    for (const link of [...this.#links.values()]) this.#present(link);
  }

  #present(link: Link): void {
    const before = this.#links.get(link.index);
    // A renamed interface is another port to everybody.
    if (before !== undefined && before.name !== link.name) this.#close(before.name, true);
    this.#links.set(link.index, link);
    const { name, index, mac, carrier } = link;
    if (!this.#selection.has(name) || mac === undefined || link.loopback) {
      this.#close(name, false);
      return;
    }
    const open = this.#open.get(name);
    if (open !== undefined && open.index !== index) this.#close(name, true);
    if (!this.#open.has(name) && !this.#listen(name, index)) return;
    this.#engine.setPort(name, { mac, isUp: carrier }, monotonicMs());
  }

  #gone({ name, index }: Link): void {
    this.#links.delete(index);
    if (this.#open.get(name)?.index === index) this.#close(name, true);
  }

  #listen(name: string, index: number): boolean {
    try {
      const socket = openPacketSocket(name, { promiscuous: false, etherType, group: parseMac(lldpMac) });
      socket.watch(() => {
        const count = socket.receive((bytes, start, length) => {
          this.#engine.frame(name, Uint8Array.from(bytes.subarray(start, start + length)), monotonicMs());
        });
        if (count > 0) this.#settle();
      });
      this.#open.set(name, { index, socket });
      return true;
    } catch (error) {
      // It may have gone in this moment; if not, it is said why nothing is heard there.
      this.#once.warn(name, `cannot listen on ${name}: ${String(error)}`);
      return false;
    }
  }

  #close(name: string, isGone: boolean): void {
    const open = this.#open.get(name);
    if (open === undefined) return;
    this.#engine.removePort(name, { isGone }, monotonicMs());
    this.#open.delete(name);
    open.socket[Symbol.dispose]();
  }

  /** Neighbours are told that this system leaves. */
  [Symbol.dispose](): void {
    for (const name of [...this.#open.keys()]) this.#close(name, false);
  }
}
