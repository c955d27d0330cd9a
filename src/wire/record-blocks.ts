import { frameLengthAt, lengthPrefixBytes } from "./frame-batch.ts";
import { fates, type FrameMark, marksOf, type WireRecord } from "./protocol.ts";
import type { RingReader } from "./ring-reader.ts";

/*
 * The blocks of a record stream, numbers little-endian:
 *    0  u32  length of the block
 *    4  u32  frames; 0 says that frames were overwritten before they could be read, and nothing follows
 *    8  u32  bytes of the frames with their length prefixes
 *   12  u16  bytes of the comment
 *   14  u8   bytes of the wire's name
 *   15  u8   direction: 0 aToB, 1 bToA
 *   16  u8   fate, index in `fates`
 *   17  u8   marks, bits as in `frameMarks`
 *   24  f64  sequence number of the first frame
 *   32  i64  nanoseconds since the epoch
 *   40       frames (u32 big-endian length before each), comment, name
 */
const headerBytes = 40;

/** What is left of the run that a reader stands in, as a block. */
export function encodeBlock(wire: string, reader: RingReader, epochNanoseconds: bigint): Buffer {
  const { run, ring } = reader;
  const begin = reader.frameStart - lengthPrefixBytes;
  const end = run.payload + run.payloadBytes;
  const payloadBytes = end - begin;
  const nameBytes = Buffer.byteLength(wire);
  const block = Buffer.allocUnsafe(headerBytes + payloadBytes + run.commentBytes + nameBytes);
  block.writeUInt32LE(block.length, 0);
  block.writeUInt32LE(reader.framesLeftInRun, 4);
  block.writeUInt32LE(payloadBytes, 8);
  block.writeUInt16LE(run.commentBytes, 12);
  block[14] = nameBytes;
  block[15] = run.direction;
  block[16] = run.fate;
  block[17] = run.marks;
  block.fill(0, 18, 24);
  block.writeDoubleLE(reader.sequence, 24);
  block.writeBigInt64LE(epochNanoseconds, 32);
  // The comment lies behind the frames in the ring too.
  ring.bytes.copy(block, headerBytes, begin, end + run.commentBytes);
  block.write(wire, headerBytes + payloadBytes + run.commentBytes);
  return block;
}

/** The block that says that frames were lost to the reader. */
export function lostBlock(): Buffer {
  const block = Buffer.alloc(headerBytes);
  block.writeUInt32LE(headerBytes, 0);
  return block;
}

const noMarks: readonly FrameMark[] = [];

/** Puts blocks together again from chunks of any size. Records share memory with the chunks. */
export class BlockDecoder {
  #pending: Buffer | undefined;
  readonly #names = new Map<string, string>();
  /** Frames were overwritten before they could be read; nothing follows. */
  lost = false;

  /** The records that a chunk completes. */
  push(chunk: Buffer): WireRecord[] {
    const records: WireRecord[] = [];
    const bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (at + headerBytes <= bytes.length) {
      const length = bytes.readUInt32LE(at);
      if (at + length > bytes.length) break;
      this.#decode(bytes.subarray(at, at + length), records);
      at += length;
    }
    this.#pending = at === bytes.length ? undefined : bytes.subarray(at);
    return records;
  }

  #decode(block: Buffer, records: WireRecord[]): void {
    const frames = block.readUInt32LE(4);
    if (frames === 0) {
      this.lost = true;
      return;
    }
    const payloadEnd = headerBytes + block.readUInt32LE(8);
    const commentEnd = payloadEnd + block.readUInt16LE(12);
    const wire = this.#name(block.toString("utf8", commentEnd, commentEnd + (block[14] ?? 0)));
    const comment = commentEnd === payloadEnd ? undefined : block.toString("utf8", payloadEnd, commentEnd);
    const direction = block[15] === 0 ? "aToB" : "bToA";
    const fate = fates[block[16] ?? 0] ?? "delivered";
    const marks = block[17] === 0 ? noMarks : marksOf(block[17] ?? 0);
    const first = block.readDoubleLE(24);
    const timestampNanoseconds = block.readBigInt64LE(32);
    let at = headerBytes;
    for (let index = 0; index < frames; index += 1) {
      const begin = at + lengthPrefixBytes;
      at = begin + frameLengthAt(block, at);
      const frame = block.subarray(begin, at);
      const record = { sequence: first + index, wire, direction, timestampNanoseconds, fate, marks, frame } as const;
      records.push(comment === undefined ? record : { ...record, comment });
    }
  }

  /** The same text as before: names are compared often. */
  #name(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    this.#names.set(name, name);
    return name;
  }
}
