import { closeSync, openSync, writeFileSync } from "node:fs";
import { createVeth, deleteLink, findLink, type Link, type LinkEvent, setLink } from "../../../netdev/links.ts";
import type { NetlinkSocket } from "../../../netdev/netlink-socket.ts";
import { disableOffloads } from "../../../netdev/offload.ts";
import { forwardedFramesWaiting, openPacketSocket, type PacketSocket } from "../../../netdev/packet-socket.ts";
import type { DaemonLog } from "../../daemon/log.ts";
import type { Frame } from "../engine/parse/frame.ts";
import type { Attachment } from "./sled-state.ts";

/** Takes a frame of a port's guest; `isUnfinished` where its checksum was left to a NIC. */
export type GuestTaker = (
  port: string,
  bytes: Uint8Array,
  start: number,
  length: number,
  isUnfinished: boolean,
) => void;

/** What is attached. */
export interface GuestLinkSpec {
  readonly port: string;
  readonly attachment: Attachment;
  /** Of the guest; its end of a pair gets it. */
  readonly mac: string;
  readonly mtu: number;
}

interface GuestLink {
  readonly spec: GuestLinkSpec;
  /** The interface on this side. */
  readonly name: string;
  index: number;
  socket: PacketSocket | undefined;
}

/** Name of the near end of the pair of a port. */
export function nearEndOf(port: string): string {
  return `${port}-h`;
}

/** The interfaces that guests are behind: opened as they appear, given up as they go. */
export class GuestLinks implements Disposable {
  readonly #netlink: NetlinkSocket;
  readonly #take: GuestTaker;
  readonly #done: () => void;
  readonly #log: DaemonLog;
  readonly #links = new Map<string, GuestLink>();
  readonly #dirty = new Set<PacketSocket>();
  /** Frames for guests whose interface is not there. */
  undelivered = 0;

  /** `take` gets each frame of a guest; after each lot `done` is called. */
  constructor(netlink: NetlinkSocket, take: GuestTaker, done: () => void, log: DaemonLog) {
    this.#netlink = netlink;
    this.#take = take;
    this.#done = done;
    this.#log = log;
  }

  /** Attach a port's guest. Rejects with the kernel's error when a pair cannot be made; there is none then. */
  async attach(spec: GuestLinkSpec): Promise<void> {
    const { port, attachment } = spec;
    const name = attachment.kind === "link" ? attachment.link : nearEndOf(port);
    if (attachment.kind === "veth") await this.#ensurePair(spec, attachment.namespace);
    this.#links.set(port, { spec, name, index: 0, socket: undefined });
    const link = await findLink(this.#netlink, name);
    if (link !== undefined) this.linkEvent({ event: "present", link });
  }

  /** The pair of a port: one that is there outlasted this daemon. */
  async #ensurePair({ port, mac, mtu }: GuestLinkSpec, namespace: string | undefined): Promise<void> {
    if ((await findLink(this.#netlink, nearEndOf(port))) !== undefined) return;
    const far = { name: port, mac, mtu };
    await createVeth(this.#netlink, { name: nearEndOf(port), mtu, addressGeneration: "none" }, far);
    try {
      disableOffloads(port);
      if (namespace !== undefined) await this.#moveInto(port, namespace);
    } catch (error) {
      const near = await findLink(this.#netlink, nearEndOf(port));
      if (near !== undefined) await deleteLink(this.#netlink, near.index);
      throw error;
    }
  }

  async #moveInto(name: string, namespace: string): Promise<void> {
    const link = await findLink(this.#netlink, name);
    const descriptor = openSync(`/run/netns/${namespace}`, "r");
    try {
      await setLink(this.#netlink, link?.index ?? 0, { netNamespaceFd: descriptor });
    } finally {
      closeSync(descriptor);
    }
  }

  /** End a port's attachment; a pair that was made for it goes. */
  async detach(port: string): Promise<void> {
    const link = this.#links.get(port);
    if (link === undefined) return;
    this.#links.delete(port);
    this.#close(link);
    if (link.spec.attachment.kind === "link") return;
    const near = await findLink(this.#netlink, link.name);
    if (near !== undefined) await deleteLink(this.#netlink, near.index);
  }

  /** An interface is there, changed, or gone. */
  linkEvent({ event, link }: LinkEvent): void {
    for (const guest of this.#links.values()) {
      if (guest.index === link.index && (event === "gone" || guest.name !== link.name)) this.#close(guest);
      if (event === "present" && guest.name === link.name && guest.index !== link.index) this.#open(guest, link);
    }
  }

  #open(guest: GuestLink, { index, name, up }: Link): void {
    this.#close(guest);
    const { port } = guest.spec;
    try {
      silence(name);
      disableOffloads(name);
      const socket = openPacketSocket(name, { waiting: forwardedFramesWaiting });
      socket.watch(() => {
        socket.receive((bytes, start, length, isUnfinished) => {
          this.#take(port, bytes, start, length, isUnfinished);
        });
        this.#done();
      });
      guest.index = index;
      guest.socket = socket;
      this.#log.info({ port, interface: name }, "guest attached");
    } catch (error) {
      this.#log.error({ port, interface: name, error: String(error) }, "a guest's interface cannot be opened");
      return;
    }
    if (up) return;
    setLink(this.#netlink, index, { up: true }).catch((error: unknown) => {
      this.#log.error({ port, interface: name, error: String(error) }, "a guest's interface cannot be set up");
    });
  }

  #close(guest: GuestLink): void {
    if (guest.socket === undefined) return;
    this.#dirty.delete(guest.socket);
    guest.socket[Symbol.dispose]();
    guest.socket = undefined;
    guest.index = 0;
    this.#log.info({ port: guest.spec.port, interface: guest.name }, "guest detached");
  }

  /** Give a port's guest a frame. */
  send(port: string, frame: Frame): void {
    const socket = this.#links.get(port)?.socket;
    if (socket === undefined) {
      this.undelivered += 1;
      return;
    }
    socket.send(frame.bytes, frame.start, frame.end - frame.start);
    this.#dirty.add(socket);
  }

  /** Have everything leave that was sent. */
  flush(): void {
    for (const socket of this.#dirty) socket.flush();
    this.#dirty.clear();
  }

  /** Whether the guest's interface is there, and frames that it did not take. */
  status(port: string): { readonly interface: string; readonly isAttached: boolean; readonly sendDrops: number } {
    const link = this.#links.get(port);
    return {
      interface: link?.name ?? "",
      isAttached: link?.socket !== undefined,
      sendDrops: link?.socket?.sendDrops ?? 0,
    };
  }

  /** What was made stays: a pair is found again by the next run. */
  [Symbol.dispose](): void {
    for (const link of this.#links.values()) this.#close(link);
  }
}

/**
 * Keep the sled's own stack from talking to a guest: it has no address on the interface, and answers no question for those
 * that it has elsewhere.
 */
function silence(name: string): void {
  writeFileSync(`/proc/sys/net/ipv6/conf/${name}/disable_ipv6`, "1");
  writeFileSync(`/proc/sys/net/ipv4/conf/${name}/arp_ignore`, "8");
}
