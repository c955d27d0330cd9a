import koffi from "koffi";
import {
  check,
  errno,
  errnoName,
  integer,
  libc,
  MSG_DONTWAIT,
  MSG_TRUNC,
  NativeMemory,
  type PollHandle,
  SO_RCVBUF,
  SOCK_NONBLOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
} from "./libc.ts";
import { attachFilter } from "./packet-filter.ts";

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

/** `isUnfinished`: its sender left the checksum of TCP or UDP to whoever puts it on a wire. */
export type FrameTaker = (bytes: Uint8Array, start: number, length: number, isUnfinished: boolean) => void;

/** Frames moved by one system call. */
export const batchSize = 64;

/** Longest frame, bytes: a segment of 64 KiB with its headers. */
const longestFrame = 65_600;
const vlanTagBytes = 4;
/** Not a power of two, so that the slots do not fall on the same lines of the cache. */
const slotBytes = longestFrame + 256;
const messageBytes = 64;
const vectorBytes = 16;
const controlBytes = 64;

const AF_PACKET = 17;
const ETH_P_ALL = 3;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_MR_MULTICAST = 0;
const PACKET_MR_PROMISC = 1;
const PACKET_MR_ALLMULTI = 2;
const PACKET_AUXDATA = 8;
const PACKET_QDISC_BYPASS = 20;
const PACKET_IGNORE_OUTGOING = 23;
const TP_STATUS_CSUMNOTREADY = 0x08;
const TP_STATUS_VLAN_VALID = 0x10;
const TP_STATUS_VLAN_TPID_VALID = 0x40;
const receiveBufferBytes = 4 * 1024 * 1024;

/** Offsets in struct mmsghdr, 64 bit. */
const message = { vector: 16, vectorCount: 24, control: 32, controlLength: 40, flags: 48, length: 56 } as const;

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
}

/** Open an interface by name. Throws an Error with the call and the name of its errno. */
export function openPacketSocket(interfaceName: string, options: PacketSocketOptions = {}): PacketSocket {
  const index = Number(libc.nameToIndex(interfaceName));
  if (index === 0) throw new Error(`if_nametoindex ${interfaceName}: ${errnoName()}`);
  const fd = check("socket", libc.socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, 0));
  try {
    configure(fd, index, options);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return new NativePacketSocket(fd);
}

function configure(fd: number, index: number, options: PacketSocketOptions): void {
  const { filter, promiscuous = true, allGroups = false, etherType = ETH_P_ALL, group } = options;
  const option = (level: number, name: number, value: Buffer): number =>
    Number(libc.setsockopt(fd, level, name, value, value.length));
  const one = integer(1);
  check("PACKET_AUXDATA", option(SOL_PACKET, PACKET_AUXDATA, one));
  check("PACKET_IGNORE_OUTGOING", option(SOL_PACKET, PACKET_IGNORE_OUTGOING, one));
  check("SO_RCVBUF", option(SOL_SOCKET, SO_RCVBUF, integer(receiveBufferBytes)));
  // Only saves time: without it frames pass through the interface's queueing discipline.
  option(SOL_PACKET, PACKET_QDISC_BYPASS, one);
  const join = (type: number, address: Uint8Array): void => {
    const membership = Buffer.alloc(16);
    membership.writeInt32LE(index, 0);
    membership.writeUInt16LE(type, 4);
    membership.writeUInt16LE(address.length, 6);
    membership.set(address, 8);
    check("PACKET_ADD_MEMBERSHIP", option(SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership));
  };
  if (promiscuous) join(PACKET_MR_PROMISC, new Uint8Array(0));
  if (allGroups) join(PACKET_MR_ALLMULTI, new Uint8Array(0));
  if (group !== undefined) join(PACKET_MR_MULTICAST, group);
  if (filter !== undefined) attachFilter(fd, filter);
  // The protocol comes with the interface, so that no frame of another one is received in between.
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16BE(etherType, 2);
  address.writeInt32LE(index, 4);
  check("bind", libc.bind(fd, address, address.length));
}

/** Messages with one frame each, in memory that the kernel and this program both see. */
class FrameBatch {
  readonly messages: bigint;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly #memory: NativeMemory;
  readonly #controls: number;
  readonly #slots: number;

  constructor() {
    const controls = batchSize * (messageBytes + vectorBytes);
    const slots = controls + batchSize * controlBytes;
    const total = slots + batchSize * slotBytes;
    this.#controls = controls;
    this.#slots = slots;
    this.#memory = new NativeMemory(total);
    this.messages = this.#memory.address;
    this.bytes = this.#memory.bytes;
    this.bytes.fill(0, 0, slots);
    this.view = this.#memory.view;
    for (let at = 0; at < batchSize; at += 1) {
      const vector = batchSize * messageBytes + at * vectorBytes;
      this.view.setBigUint64(at * messageBytes + message.vector, this.messages + BigInt(vector), true);
      this.view.setBigUint64(at * messageBytes + message.vectorCount, 1n, true);
      this.view.setBigUint64(vector, this.messages + BigInt(this.slot(at)), true);
      this.view.setUint32(vector + 8, longestFrame, true);
    }
  }

  /** Where the frame of a message lies; the bytes of a VLAN tag are free before it. */
  slot(at: number): number {
    return this.#slots + at * slotBytes + 16;
  }

  control(at: number): number {
    return this.#controls + at * controlBytes;
  }

  setLength(at: number, length: number): void {
    this.view.setUint32(batchSize * messageBytes + at * vectorBytes + 8, length, true);
  }

  /** Let the kernel write what it knows about each frame. */
  armControls(): void {
    for (let at = 0; at < batchSize; at += 1) {
      this.view.setBigUint64(at * messageBytes + message.control, this.messages + BigInt(this.control(at)), true);
    }
  }

  free(): void {
    this.#memory[Symbol.dispose]();
  }
}

class NativePacketSocket implements PacketSocket {
  sendDrops = 0;
  readonly #fd: number;
  readonly #incoming = new FrameBatch();
  readonly #outgoing = new FrameBatch();
  #poll: PollHandle | undefined;
  #queued = 0;
  #closed = false;

  constructor(fd: number) {
    this.#fd = fd;
    this.#incoming.armControls();
  }

  receive(take: FrameTaker): number {
    if (this.#closed) return 0;
    const { view, messages } = this.#incoming;
    for (let at = 0; at < batchSize; at += 1) {
      view.setUint32(at * messageBytes + message.controlLength, controlBytes, true);
    }
    const count = Number(libc.recvmmsg(this.#fd, messages, batchSize, MSG_DONTWAIT, null));
    // Nothing there, or an interface that went down: both pass.
    if (count < 0) return 0;
    // What is done with a frame may be to close the socket, whose memory is gone then.
    for (let at = 0; at < count && this.#isOpen(); at += 1) this.#take(at, take);
    return count;
  }

  #isOpen(): boolean {
    return !this.#closed;
  }

  #take(at: number, take: FrameTaker): void {
    const { view, bytes } = this.#incoming;
    const header = at * messageBytes;
    if ((view.getUint32(header + message.flags, true) & MSG_TRUNC) !== 0) return;
    const length = view.getUint32(header + message.length, true);
    const slot = this.#incoming.slot(at);
    // struct cmsghdr, then struct tpacket_auxdata.
    const data = this.#incoming.control(at) + 16;
    const status = view.getUint32(data, true);
    const hasControl = view.getUint32(header + message.controlLength, true) >= 36;
    const isUnfinished = hasControl && (status & TP_STATUS_CSUMNOTREADY) !== 0;
    if (!hasControl || (status & TP_STATUS_VLAN_VALID) === 0) {
      take(bytes, slot, length, isUnfinished);
      return;
    }
    const start = slot - vlanTagBytes;
    bytes.copyWithin(start, slot, slot + 12);
    view.setUint16(start + 12, (status & TP_STATUS_VLAN_TPID_VALID) === 0 ? 0x8100 : view.getUint16(data + 18, true));
    view.setUint16(start + 14, view.getUint16(data + 16, true));
    take(bytes, start, length + vlanTagBytes, isUnfinished);
  }

  send(bytes: Uint8Array, start: number, length: number): void {
    if (this.#closed || length > longestFrame) {
      this.sendDrops += 1;
      return;
    }
    const target = this.#outgoing.bytes;
    const slot = this.#outgoing.slot(this.#queued);
    if (length <= 256) for (let at = 0; at < length; at += 1) target[slot + at] = bytes[start + at] ?? 0;
    else target.set(bytes.subarray(start, start + length), slot);
    this.#outgoing.setLength(this.#queued, length);
    this.#queued += 1;
    if (this.#queued === batchSize) this.flush();
  }

  flush(): void {
    const count = this.#queued;
    this.#queued = 0;
    for (let sent = 0; sent < count;) {
      const from = this.#outgoing.messages + BigInt(sent * messageBytes);
      const done = Number(libc.sendmmsg(this.#fd, from, count - sent, MSG_DONTWAIT));
      if (done > 0) {
        sent += done;
        continue;
      }
      const reason = koffi.errno();
      if (reason === errno.interrupted) continue;
      // A full queue refuses all that follow; any other reason is the one frame's own.
      const refused = reason === errno.again ? count - sent : 1;
      this.sendDrops += refused;
      sent += refused;
    }
  }

  watch(ready: () => void): void {
    if (this.#closed) return;
    this.#poll = koffi.node.poll(this.#fd, { readable: true }, ({ readable }) => {
      ready();
      if (readable) return;
      // An interface that was set down makes the socket fail once, and nobody looks at it any more.
      this.#poll?.close();
      this.watch(ready);
    });
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#poll?.close();
    libc.close(this.#fd);
    this.#incoming.free();
    this.#outgoing.free();
  }
}
