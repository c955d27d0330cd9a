import {
  frameLengthAt,
  lengthPrefixBytes,
  maximumFrameBytes,
  type FrameBatch,
  type SharedBuffer,
} from "./frame-batch.ts";

/**
 * Bytes asked for at a time: what a UNIX socket of default size holds, so that one read empties it. A read buffer has room
 * for one more frame, the unfinished one of the read before.
 */
const readBytes = 262_144;
const bufferBytes = readBytes + lengthPrefixBytes + maximumFrameBytes;
const sparesKept = 2;

/**
 * The receiving half of a port's socket: cuts what is read into batches of whole frames, without copying more than the one
 * unfinished frame at the end of a read.
 */
export class Ingress {
  #current: SharedBuffer = freshBuffer();
  /** Bytes of an unfinished frame at the start of the current buffer. */
  #tailBytes = 0;
  readonly #lent: SharedBuffer[] = [];
  readonly batch: FrameBatch = {
    buffer: this.#current.bytes,
    start: 0,
    end: 0,
    frames: 0,
    owner: this.#current,
    source: undefined,
  };

  /** Where the next read goes; at least {@link readBytes} long. */
  space(): Buffer {
    return this.#current.bytes.subarray(this.#tailBytes, this.#tailBytes + readBytes);
  }

  /**
   * Take note that `bytes` bytes were read into {@link space}: `batch` then holds the whole frames so far (perhaps none).
   * Returns the length that a frame claims to have if it is beyond {@link maximumFrameBytes}: the framing is lost.
   */
  filled(bytes: number): number | undefined {
    const buffer = this.#current.bytes;
    const end = this.#tailBytes + bytes;
    let offset = 0;
    let frames = 0;
    let senseless: number | undefined;
    while (offset + lengthPrefixBytes <= end) {
      const length = frameLengthAt(buffer, offset);
      if (length > maximumFrameBytes) {
        senseless = length;
        break;
      }
      const next = offset + lengthPrefixBytes + length;
      if (next > end) break;
      offset = next;
      frames += 1;
    }
    this.#tailBytes = end - offset;
    const { batch } = this;
    batch.buffer = buffer;
    batch.owner = this.#current;
    batch.start = 0;
    batch.end = offset;
    batch.frames = frames;
    return senseless;
  }

  /** The batch has been dealt with: make the buffer ready for the next read. */
  settle(): void {
    const { end } = this.batch;
    if (this.#current.borrowers === 0) {
      if (end > 0) this.#current.bytes.copyWithin(0, end, end + this.#tailBytes);
      return;
    }
    const lent = this.#current;
    const next = this.#reclaim() ?? freshBuffer();
    next.bytes.set(lent.bytes.subarray(end, end + this.#tailBytes));
    this.#lent.push(lent);
    this.#current = next;
  }

  #reclaim(): SharedBuffer | undefined {
    const index = this.#lent.findIndex(({ borrowers }) => borrowers === 0);
    if (index < 0) return undefined;
    const [found] = this.#lent.splice(index, 1);
    // Beyond a few, buffers that came back are left to the garbage collector.
    while (this.#lent.length > sparesKept && this.#lent[0]?.borrowers === 0) this.#lent.shift();
    return found;
  }
}

function freshBuffer(): SharedBuffer {
  return { bytes: Buffer.allocUnsafeSlow(bufferBytes), borrowers: 0 };
}
