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

  /** The frame as it lies in the buffer, valid until the buffer is used again. */
  get contents(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }
}
