import koffi from "koffi";
import { type FrameTaker, longestFrame } from "./frame.ts";
import { check, errnoName, integer, libc, MSG_DONTWAIT, MSG_TRUNC, NativeMemory, SOL_PACKET } from "./libc.ts";

const PACKET_RX_RING = 5;
const PACKET_COPY_THRESH = 7;
const PACKET_VERSION = 10;
const TPACKET_V2 = 1;
const TP_STATUS_KERNEL = 0;
const TP_STATUS_COPY = 0x2;
const TP_STATUS_CSUMNOTREADY = 0x8;
const TP_STATUS_VLAN_VALID = 0x10;
const TP_STATUS_VLAN_TPID_VALID = 0x40;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;
const ETH_P_8021Q = 0x8100;

/** Offsets in struct tpacket2_hdr. */
const header = { status: 0, length: 4, captured: 8, mac: 12, vlan: 24, vlanType: 26 } as const;

/** A slot has its header, then the frame from some 66 bytes on. */
const slotBytes = 2048;
/** What the kernel allocates in one piece. */
const blockBytes = 65_536;
const vlanTagBytes = 4;

/**
 * The receive ring of a packet socket (packet(7), TPACKET_V2): the kernel puts frames straight into memory that this
 * program sees too. Frames too long for a slot wait at the socket, and their slots say so.
 */
export class ReceiveRing implements Disposable {
  readonly #fd: number;
  readonly #address: bigint;
  readonly #size: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** For statuses, which have to be read before what they stand for. */
  readonly #words: Int32Array;
  #long: NativeMemory | undefined;
  /** First byte of the slot that is filled next. */
  #at = 0;
  #closed = false;

  /** A ring of at least `slots` frames for a socket that is not bound yet. Throws an Error with the call and its errno. */
  constructor(fd: number, slots: number) {
    const blocks = Math.ceil((slots * slotBytes) / blockBytes);
    const size = blocks * blockBytes;
    const set = (name: string, option: number, value: Buffer): void => {
      check(name, libc.setsockopt(fd, SOL_PACKET, option, value, value.length));
    };
    set("PACKET_VERSION", PACKET_VERSION, integer(TPACKET_V2));
    set("PACKET_COPY_THRESH", PACKET_COPY_THRESH, integer(1));
    const request = Buffer.from(new Uint32Array([blockBytes, blocks, slotBytes, size / slotBytes]).buffer);
    set("PACKET_RX_RING", PACKET_RX_RING, request);
    this.#address = libc.mmap(null, size, PROT_READ_WRITE, MAP_SHARED, fd, 0) as bigint;
    if (this.#address === MAP_FAILED) throw new Error(`mmap: ${errnoName()}`);
    this.#fd = fd;
    this.#size = size;
    const memory = koffi.view(this.#address, size);
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#words = new Int32Array(memory);
  }

  /**
   * Hand on up to `most` frames, each with the VLAN tag that the kernel took out of it; returns how many there were.
   * `take` may free the ring.
   */
  receive(most: number, take: FrameTaker): number {
    const view = this.#view;
    for (let count = 0; count < most; count += 1) {
      const at = this.#at;
      const status = Atomics.load(this.#words, at >> 2);
      if (status === TP_STATUS_KERNEL) return count;
      this.#at = at + slotBytes === this.#size ? 0 : at + slotBytes;
      const tag = (status & TP_STATUS_VLAN_VALID) === 0 ? 0 : tagOf(view, at, status);
      const isUnfinished = (status & TP_STATUS_CSUMNOTREADY) !== 0;
      const length = view.getUint32(at + header.length, true);
      if ((status & TP_STATUS_COPY) !== 0) this.#takeLong(tag, isUnfinished, take);
      // One that was cut, because the socket had no room for all of it, is lost.
      else if (view.getUint32(at + header.captured, true) === length) {
        const start = at + view.getUint16(at + header.mac, true);
        if (tag === 0) take(this.#bytes, start, length, isUnfinished);
        else take(this.#bytes, insertTag(this.#bytes, view, start, tag), length + vlanTagBytes, isUnfinished);
      }
      if (this.#closed) return count + 1;
      Atomics.store(this.#words, at >> 2, TP_STATUS_KERNEL);
    }
    return most;
  }

  /** A frame that waits at the socket. */
  #takeLong(tag: number, isUnfinished: boolean, take: FrameTaker): void {
    const { bytes, view, address } = (this.#long ??= new NativeMemory(vlanTagBytes + longestFrame));
    const into = address + BigInt(vlanTagBytes);
    const length = Number(libc.recvfrom(this.#fd, into, longestFrame, MSG_DONTWAIT | MSG_TRUNC, null, null));
    if (length < 0 || length > longestFrame) return;
    if (tag === 0) take(bytes, vlanTagBytes, length, isUnfinished);
    else take(bytes, insertTag(bytes, view, vlanTagBytes, tag), length + vlanTagBytes, isUnfinished);
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    libc.munmap(this.#address, this.#size);
    this.#long?.[Symbol.dispose]();
  }
}

/** The VLAN tag that the kernel took out of a frame. */
function tagOf(view: DataView, slot: number, status: number): number {
  const type = (status & TP_STATUS_VLAN_TPID_VALID) === 0 ? ETH_P_8021Q : view.getUint16(slot + header.vlanType, true);
  return type * 0x1_0000 + view.getUint16(slot + header.vlan, true);
}

/** Put a VLAN tag back behind the addresses, which move to the front; returns where the frame starts now. */
function insertTag(bytes: Uint8Array, view: DataView, start: number, tag: number): number {
  const moved = start - vlanTagBytes;
  bytes.copyWithin(moved, start, start + 12);
  view.setUint32(moved + 12, tag);
  return moved;
}
