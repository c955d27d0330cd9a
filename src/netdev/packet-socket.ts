import koffi from "koffi";
import { batchSize, type FrameTaker, longestFrame } from "./frame.ts";
import {
  check,
  errnoName,
  integer,
  libc,
  type PollHandle,
  SO_ERROR,
  SO_RCVBUF,
  SOCK_NONBLOCK_CLOEXEC,
  SOCK_RAW,
  SOL_PACKET,
  SOL_SOCKET,
} from "./libc.ts";
import { attachFilter } from "./packet-filter.ts";
import { ReceiveRing } from "./receive-ring.ts";
import { SendBatch } from "./send-batch.ts";

export { batchSize, forwardedFramesWaiting, type FrameTaker } from "./frame.ts";

/**
 * Raw frames of a network interface (packet(7)), many a call. Frames that this host sends on the interface are not
 * received; VLAN tags, which the kernel takes out of received frames, are put back.
 */
export interface PacketSocket extends Disposable {
  /** Frames that could not be sent, because the interface was down or its queue full. */
  readonly sendDrops: number;
  /**
   * Take up to {@link batchSize} frames that have arrived; `take` gets each as `bytes[start, start + length)`, valid until
   * it returns. Returns how many there were; does not wait.
   */
  receive(take: FrameTaker): number;
  /** Send a frame, at the latest when {@link PacketSocket.flush} is called. */
  send(bytes: Uint8Array, start: number, length: number): void;
  flush(): void;
  /** Call `ready` from the event loop whenever frames have arrived, until the socket is closed. */
  watch(ready: () => void): void;
}

const AF_PACKET = 17;
const ETH_P_ALL = 3;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_MR_MULTICAST = 0;
const PACKET_MR_PROMISC = 1;
const PACKET_MR_ALLMULTI = 2;
const PACKET_QDISC_BYPASS = 20;
const PACKET_IGNORE_OUTGOING = 23;
/** Frames that may wait unless the opener says otherwise. */
const defaultWaiting = 256;
/** For frames longer than the ring's slots. */
const longFramesBytes = 4 * 1024 * 1024;

/** How an interface is opened. */
export interface PacketSocketOptions {
  /** Take only frames that this program of the kernel lets pass; see packet-filter.ts. All unless given. */
  readonly filter?: Buffer;
  /** Also take frames for other stations; true unless given. */
  readonly promiscuous?: boolean;
  /** Take only frames of this type; one with a VLAN tag has that of what is behind the tag. */
  readonly etherType?: number;
  /** Have the interface take frames to all groups too. */
  readonly allGroups?: boolean;
  /** Have the interface take frames to this group too, a MAC address of 6 bytes. */
  readonly group?: Uint8Array;
  /** Frames that may wait until they are taken, 2 KiB of memory each; 256 unless given. */
  readonly waiting?: number;
}

/** Open an interface by name. Throws an Error with the call and the name of its errno. */
export function openPacketSocket(interfaceName: string, options: PacketSocketOptions = {}): PacketSocket {
  const index = Number(libc.nameToIndex(interfaceName));
  if (index === 0) throw new Error(`if_nametoindex ${interfaceName}: ${errnoName()}`);
  const fds: number[] = [];
  let ring: ReceiveRing | undefined;
  try {
    const socket = (): number => {
      const fd = check("socket", libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, 0));
      fds.push(fd);
      return fd;
    };
    const receiving = socket();
    // Before the socket is bound: frames that came in between would wait where nobody looks.
    ring = new ReceiveRing(receiving, options.waiting ?? defaultWaiting);
    configureReceiving(receiving, index, options);
    const sending = socket();
    configureSending(sending, index);
    return new NativePacketSocket(receiving, sending, ring);
  } catch (error) {
    ring?.[Symbol.dispose]();
    for (const fd of fds) libc.close(fd);
    throw error;
  }
}

function configureReceiving(fd: number, index: number, options: PacketSocketOptions): void {
  const { filter, promiscuous = true, allGroups = false, etherType = ETH_P_ALL, group } = options;
  const option = (name: string, level: number, number: number, value: Buffer): void => {
    check(name, libc.setsockopt(fd, level, number, value, value.length));
  };
  option("PACKET_IGNORE_OUTGOING", SOL_PACKET, PACKET_IGNORE_OUTGOING, integer(1));
  option("SO_RCVBUF", SOL_SOCKET, SO_RCVBUF, integer(longFramesBytes));
  const join = (type: number, address: Uint8Array): void => {
    const membership = Buffer.alloc(16);
    membership.writeInt32LE(index, 0);
    membership.writeUInt16LE(type, 4);
    membership.writeUInt16LE(address.length, 6);
    membership.set(address, 8);
    option("PACKET_ADD_MEMBERSHIP", SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership);
  };
  if (promiscuous) join(PACKET_MR_PROMISC, new Uint8Array(0));
  if (allGroups) join(PACKET_MR_ALLMULTI, new Uint8Array(0));
  if (group !== undefined) join(PACKET_MR_MULTICAST, group);
  if (filter !== undefined) attachFilter(fd, filter);
  bind(fd, index, etherType);
}

function configureSending(fd: number, index: number): void {
  // Only saves time: without it frames pass through the interface's queueing discipline.
  libc.setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, integer(1), 4);
  bind(fd, index, 0);
}

/** The protocol comes with the interface, so that no frame of another one is received in between; 0: none is. */
function bind(fd: number, index: number, etherType: number): void {
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(etherType, 2);
  address.writeInt32LE(index, 4);
  check("bind", libc.bind(fd, address, address.length));
}

/** Frames leave by a socket of their own: the kernel would tell the one that is watched of each that has left. */
class NativePacketSocket implements PacketSocket {
  readonly #receiving: number;
  readonly #sending: number;
  readonly #ring: ReceiveRing;
  readonly #outgoing: SendBatch;
  #poll: PollHandle | undefined;
  #refused = 0;
  #closed = false;

  constructor(receiving: number, sending: number, ring: ReceiveRing) {
    this.#receiving = receiving;
    this.#sending = sending;
    this.#ring = ring;
    this.#outgoing = new SendBatch(sending);
  }

  get sendDrops(): number {
    return this.#refused + this.#outgoing.drops;
  }

  receive(take: FrameTaker): number {
    return this.#closed ? 0 : this.#ring.receive(batchSize, take);
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    if (this.#closed || length > longestFrame) this.#refused += 1;
    else this.#outgoing.add(bytes, start, length);
  }

  flush(): void {
    if (!this.#closed) this.#outgoing.flush();
  }

  watch(ready: () => void): void {
    // Whatever its types say, koffi hands on libuv's status first, and then the events.
    this.#poll = koffi.node.poll(this.#receiving, { readable: true }, (status: unknown) => {
      // An interface that was set down makes the socket fail until its error is read, and nobody looks at it any more.
      if (status !== 0) libc.getsockopt(this.#receiving, SOL_SOCKET, SO_ERROR, integer(0), integer(4));
      ready();
      if (status === 0 || this.#closed) return;
      this.#poll?.close();
      this.watch(ready);
    });
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#poll?.close();
    libc.close(this.#receiving);
    libc.close(this.#sending);
    this.#ring[Symbol.dispose]();
    this.#outgoing[Symbol.dispose]();
  }
}
