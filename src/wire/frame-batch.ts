/** Bytes of the length that precedes each frame on a QEMU stream socket (u32 big-endian). */
export const lengthPrefixBytes = 4;

/**
 * Longest frame that a port may send. QEMU sends at most 64 KiB of virtio-net buffer; what is longer is a peer that lost
 * the framing.
 */
export const maximumFrameBytes = 65_550;

/** A read buffer of a port; read into again only when nobody writes from it any more. */
export interface SharedBuffer {
  readonly bytes: Buffer;
  /** Pending socket writes that still refer to the bytes. */
  borrowers: number;
}

/**
 * Whole frames, contiguous in one buffer, each behind its length: what one read gave. It is reused from read to read, so
 * whoever needs the bytes after the call returns copies them (or counts as a borrower of `owner`).
 */
export interface FrameBatch {
  buffer: Buffer;
  /** Offset of the first length prefix. */
  start: number;
  /** Offset behind the last frame. */
  end: number;
  frames: number;
  /** Set where `buffer` is used again as soon as nobody borrows it; otherwise it is never written to again. */
  owner: SharedBuffer | undefined;
  /** Whom to slow down while the far end is behind. */
  source: Source | undefined;
}

/** Something that sends frames and can be asked to wait; each `hold` is followed by one `release`. */
export interface Source {
  hold(): void;
  release(): void;
}

/** Where the frames of a direction come out: a port's socket, a segment. */
export interface Sink {
  /** Whether anything is connected. */
  readonly connected: boolean;
  /** Bytes accepted but not yet taken by the machine behind it. */
  readonly waitingBytes: number;
  /**
   * Hand over frames, in order. Returns the offset in the batch's buffer up to which they were accepted (a frame boundary):
   * the rest would have exceeded `limitBytes` waiting.
   */
  deliver(batch: FrameBatch, limitBytes: number): number;
}

/** Length of the frame whose prefix is at `offset`, bytes. */
export function frameLengthAt(buffer: Uint8Array, offset: number): number {
  return (
    ((buffer[offset] ?? 0) * 0x1000000 +
      (((buffer[offset + 1] ?? 0) << 16) | ((buffer[offset + 2] ?? 0) << 8) | (buffer[offset + 3] ?? 0))) >>>
    0
  );
}

/** Number of whole frames in `[start, end)`, which must begin and end at frame boundaries. */
export function countFrames(buffer: Uint8Array, start: number, end: number): number {
  let frames = 0;
  for (let offset = start; offset < end; offset += lengthPrefixBytes + frameLengthAt(buffer, offset)) frames += 1;
  return frames;
}

/** The last frame boundary in `[start, end]` that is not behind `limit`. */
export function boundaryBefore(buffer: Uint8Array, start: number, end: number, limit: number): number {
  if (limit >= end) return end;
  let offset = start;
  for (;;) {
    const next = offset + lengthPrefixBytes + frameLengthAt(buffer, offset);
    if (next > limit) return offset;
    offset = next;
  }
}

/** One frame behind its length, in a buffer of its own. */
export function framed(frame: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(lengthPrefixBytes + frame.length);
  bytes.writeUInt32BE(frame.length, 0);
  bytes.set(frame, lengthPrefixBytes);
  return bytes;
}
