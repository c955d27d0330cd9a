import type { Link } from "../../../netdev/links.ts";
import {
  forwardedFramesWaiting,
  openPacketSocket,
  type FrameTaker,
  type PacketSocket,
} from "../../../netdev/packet-socket.ts";
import { passUdp6Port } from "../../../netdev/packet-filter.ts";
import { parseMac } from "../../../packet/mac.ts";
import { genevePort } from "../engine/parse/parse-underlay.ts";

/** One of the sled's links to a switch, while it is there. */
export class UnderlayLink implements Disposable {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  readonly mac: Uint8Array;
  readonly socket: PacketSocket;

  /** Opens the interface; frames that arrive are handed to `take`, and after each lot `done` is called. */
  constructor({ name, index, mtu, mac }: Link, take: FrameTaker, done: () => void) {
    this.name = name;
    this.index = index;
    this.mtu = mtu;
    this.mac = parseMac(mac ?? "00:00:00:00:00:00");
    // Groups of the underlay are the switch's to choose: what nobody here has subscribed to is dropped.
    this.socket = openPacketSocket(name, {
      filter: passUdp6Port(genevePort),
      promiscuous: false,
      allGroups: true,
      waiting: forwardedFramesWaiting,
    });
    this.socket.watch(() => {
      this.socket.receive(take);
      done();
    });
  }

  /** Whether a frame's destination MAC address, at `start`, is this link's or a group's. */
  isFor(bytes: Uint8Array, start: number): boolean {
    if (((bytes[start] ?? 0) & 1) !== 0) return true;
    for (let i = 0; i < 6; i++) if (bytes[start + i] !== this.mac[i]) return false;
    return true;
  }

  [Symbol.dispose](): void {
    this.socket[Symbol.dispose]();
  }
}
