import koffi from "koffi";
import { errno, libc, MSG_DONTWAIT, NativeMemory } from "./libc.ts";
import { batchSize, longestFrame } from "./frame.ts";

/** Not a power of two, so that the slots do not fall on the same lines of the cache. */
const slotBytes = longestFrame + 256;
/** struct mmsghdr and struct iovec, 64 bit. */
const messageBytes = 64;
const vectorBytes = 16;
const message = { vector: 16, vectorCount: 24 } as const;
const vectorLength = 8;
/** Up to here a loop copies faster than a call. */
const copiedByHand = 256;

/** Frames that leave a socket together: messages with one frame each, in memory that the kernel and this program both see. */
export class SendBatch implements Disposable {
  /** Frames that could not be sent, because the interface was down or its queue full. */
  drops = 0;
  readonly #fd: number;
  readonly #memory = new NativeMemory(batchSize * (messageBytes + vectorBytes + slotBytes));
  #count = 0;
  /** What the last frame was copied from: most come from the same memory. */
  #source: Uint8Array = new Uint8Array(0);
  #sourceView = new DataView(this.#source.buffer);

  constructor(fd: number) {
    this.#fd = fd;
    const { address, bytes, view } = this.#memory;
    bytes.fill(0, 0, slotOf(0));
    for (let at = 0; at < batchSize; at += 1) {
      const vector = vectorOf(at);
      view.setBigUint64(at * messageBytes + message.vector, address + BigInt(vector), true);
      view.setBigUint64(at * messageBytes + message.vectorCount, 1n, true);
      view.setBigUint64(vector, address + BigInt(slotOf(at)), true);
    }
  }

  /** Take a frame of at most {@link longestFrame} bytes; a full batch leaves. */
  add(bytes: Uint8Array, start: number, length: number): void {
    const slot = slotOf(this.#count);
    if (length <= copiedByHand) this.#copy(bytes, start, length, slot);
    else this.#memory.bytes.set(bytes.subarray(start, start + length), slot);
    this.#memory.view.setUint32(vectorOf(this.#count) + vectorLength, length, true);
    this.#count += 1;
    if (this.#count === batchSize) this.flush();
  }

  #copy(bytes: Uint8Array, start: number, length: number, to: number): void {
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const source = this.#sourceView;
    const { view } = this.#memory;
    let at = 0;
    for (; at + 4 <= length; at += 4) view.setInt32(to + at, source.getInt32(start + at));
    for (; at < length; at += 1) view.setUint8(to + at, source.getUint8(start + at));
  }

  flush(): void {
    const count = this.#count;
    this.#count = 0;
    for (let sent = 0; sent < count;) {
      const from = this.#memory.address + BigInt(sent * messageBytes);
      const done = Number(libc.sendmmsg(this.#fd, from, count - sent, MSG_DONTWAIT));
      if (done > 0) {
        sent += done;
        continue;
      }
      const reason = koffi.errno();
      if (reason === errno.interrupted) continue;
      // A full queue refuses all that follow; any other reason is the one frame's own.
      const refused = reason === errno.again ? count - sent : 1;
      this.drops += refused;
      sent += refused;
    }
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }
}

function vectorOf(at: number): number {
  return batchSize * messageBytes + at * vectorBytes;
}

function slotOf(at: number): number {
  return batchSize * (messageBytes + vectorBytes) + at * slotBytes;
}
