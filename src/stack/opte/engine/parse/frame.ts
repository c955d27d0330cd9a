/** Bytes that have to be free before a guest's frame, for the longest encapsulation and for alignment. */
export const headroom = 128;

/**
 * A frame in a buffer that is used again and again: it lies at `start` … `end`, and the engine moves both where it
 * encapsulates (needs {@link headroom} before `start`) or decapsulates. Nothing is copied on the way.
 */
export class Frame {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  start = headroom;
  end = headroom;
  /** Segment size that the sender asked large-segment offload for; zero for an ordinary frame. */
  mss = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(headroom + capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Put a frame in, with headroom before it. Throws `RangeError` if it is longer than the capacity. */
  load(source: Uint8Array, mss = 0): void {
    this.bytes.set(source, headroom);
    this.start = headroom;
    this.end = headroom + source.length;
    this.mss = mss;
  }

  /** Put in `source[at, at + length)`; false, and nothing changed, if it is longer than the capacity. */
  take(source: Uint8Array, at: number, length: number): boolean {
    const { bytes } = this;
    if (headroom + length > bytes.length) return false;
    // A view of a part of `source` would cost more than the short frames that most are.
    if (length <= 256) for (let i = 0; i < length; i++) bytes[headroom + i] = source[at + i] ?? 0;
    else bytes.set(source.subarray(at, at + length), headroom);
    this.start = headroom;
    this.end = headroom + length;
    this.mss = 0;
    return true;
  }

  /** The frame as it lies in the buffer, valid until the buffer is used again. */
  get contents(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}
