import type { Link } from "../../netdev/links.ts";
import { passIpv6NextHeader } from "../../netdev/packet-filter.ts";
import { batchSize, openPacketSocket, type PacketSocket } from "../../netdev/packet-socket.ts";
import type { OnceLog } from "../daemon/log.ts";

/** Next header of the DDM extension header. */
export const ddmNextHeader = 0xdd;
/** Batches taken in a row before others get their turn. */
const batchesPerTurn = 4;

/** Takes frames, which are valid until it returns. */
export type InterfaceFrameTaker = (interfaceName: string, bytes: Uint8Array, start: number, length: number) => void;

interface OpenInterface {
  readonly index: number;
  readonly socket: PacketSocket;
}

/** Sockets on interfaces as they come and go, for frames with the DDM header alone. */
export class InterfaceSockets implements Disposable {
  readonly #names: ReadonlySet<string>;
  readonly #take: InterfaceFrameTaker;
  readonly #received: () => void;
  readonly #log: OnceLog;
  readonly #open = new Map<string, OpenInterface>();

  /** `take` gets each frame, `received` is called after some. */
  constructor(names: readonly string[], take: InterfaceFrameTaker, received: () => void, log: OnceLog) {
    this.#names = new Set(names);
    this.#take = take;
    this.#received = received;
    this.#log = log;
  }

  /** Open what is new among the interfaces of this network namespace, close what is gone. */
  update(links: readonly Link[]): void {
    const present = new Map(links.map((link) => [link.name, link]));
    for (const [name, { index, socket }] of this.#open) {
      if (present.get(name)?.index === index) continue;
      socket[Symbol.dispose]();
      this.#open.delete(name);
    }
    for (const { name, index } of links) {
      if (!this.#names.has(name) || this.#open.has(name)) continue;
      try {
        this.#openOne(name, index);
      } catch (error) {
        // It may have gone meanwhile; the next view tells.
        this.#log.warn(`open ${name}`, `${name} cannot be opened: ${String(error)}`);
      }
    }
  }

  #openOne(name: string, index: number): void {
    const socket = openPacketSocket(name, { filter: passIpv6NextHeader(ddmNextHeader), promiscuous: false });
    this.#open.set(name, { index, socket });
    socket.watch(() => {
      this.#drain(name, socket);
      this.#received();
    });
  }

  /** Take what has arrived at any interface. */
  drain(): void {
    for (const [name, { socket }] of this.#open) this.#drain(name, socket);
  }

  #drain(name: string, socket: PacketSocket): void {
    for (let batch = 0; batch < batchesPerTurn; batch += 1) {
      const count = socket.receive((bytes, start, length) => {
        this.#take(name, bytes, start, length);
      });
      if (count < batchSize) return;
    }
  }

  /** Send a frame at once; on an interface that is not there it is lost. */
  send(name: string, frame: Uint8Array): void {
    const socket = this.#open.get(name)?.socket;
    socket?.send(frame, 0, frame.length);
    socket?.flush();
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.#open.values()) socket[Symbol.dispose]();
    this.#open.clear();
  }
}
