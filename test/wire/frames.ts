import { framed } from "../../src/wire/frame-batch.ts";

/** A frame of at least four bytes that begins with its number. */
export function numberedFrame(number: number, bytes = 64): Buffer {
  const frame = Buffer.alloc(Math.max(4, bytes), number & 0xff);
  frame.writeUInt32BE(number, 0);
  return frame;
}

/** Number of a numbered frame. */
export function numberOf(frame: Buffer): number {
  return frame.readUInt32BE(0);
}

/** Frames as they are on a port's socket. */
export function stream(...frames: readonly Uint8Array[]): Buffer {
  return Buffer.concat(frames.map(framed));
}

/** The frames of a stream, and the bytes of an unfinished one. */
export function unstream(bytes: Buffer): { readonly frames: Buffer[]; readonly rest: Buffer } {
  const frames: Buffer[] = [];
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return { frames, rest: bytes.subarray(offset) };
}
