import { fates, type Fate } from "./protocol.ts";

/*
 * A run is what one read of a socket brought and what met the same fate: a header, then the frames verbatim with their
 * length prefixes, then a comment. So recording costs one copy a read instead of one a frame. Offsets are virtual: they
 * grow for ever, and the place in memory is the offset modulo the capacity. Runs never straddle the end of the memory.
 */
const headerBytes = 48;
const alignment = 8;

/** The smallest ring: several of the largest runs must fit. */
export const minimumRingBytes = 1_048_576;

/** What a run is labelled with. */
export interface RunLabel {
  /** Sequence number of the first frame. */
  readonly sequence: number;
  /** Nanoseconds on the panel's monotonic clock. */
  readonly time: number;
  /** 0 for aToB, 1 for bToA. */
  readonly direction: number;
  readonly fate: Fate;
  /** Bits as in `frameMarks`. */
  readonly marks: number;
  readonly comment?: string | undefined;
}

/** The most recent frames of one wire, both directions, in a preallocated memory of fixed size; the oldest give way. */
export class RecordRing {
  readonly capacityBytes: number;
  readonly bytes: Buffer;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  #head = 0;
  #tail = 0;
  #ordinal = 0;
  #evictedFrames = 0;
  #evictedThrough = -1;

  /** `capacityBytes` is rounded up to {@link minimumRingBytes} and to a multiple of eight. */
  constructor(capacityBytes: number) {
    this.capacityBytes = Math.ceil(Math.max(capacityBytes, minimumRingBytes) / alignment) * alignment;
    // Zero pages: the kernel gives memory only to what has been written.
    const memory = new ArrayBuffer(this.capacityBytes);
    this.bytes = Buffer.from(memory);
    this.#words = new Uint32Array(memory);
    this.#doubles = new Float64Array(memory);
  }

  /** Virtual offset of the oldest run still held. */
  get tail(): number {
    return this.#tail;
  }

  /** Virtual offset at which the next run begins. */
  get head(): number {
    return this.#head;
  }

  /** Frames ever recorded. */
  get recordedFrames(): number {
    return this.#ordinal;
  }

  /** Frames that had to make room for newer ones. */
  get evictedFrames(): number {
    return this.#evictedFrames;
  }

  /** Sequence number of the newest frame that had to make room; -1 if none had to. */
  get evictedThrough(): number {
    return this.#evictedThrough;
  }

  /** Record the `frames` frames in `source[start, end)`. Returns the virtual offset of their run. */
  append(label: RunLabel, source: Buffer, start: number, end: number, frames: number): number {
    const payloadBytes = end - start;
    const commentBytes = label.comment === undefined ? 0 : Buffer.byteLength(label.comment);
    const runBytes = Math.ceil((headerBytes + payloadBytes + commentBytes) / alignment) * alignment;
    if (runBytes > this.capacityBytes / 2) throw new RangeError(`a run of ${runBytes} bytes is too long for the ring`);
    const untilEnd = this.capacityBytes - (this.#head % this.capacityBytes);
    if (runBytes > untilEnd) this.#skip(untilEnd);
    this.#makeRoom(runBytes);

    const offset = this.#head;
    const place = offset % this.capacityBytes;
    const word = place / 4;
    const words = this.#words;
    words[word] = runBytes;
    words[word + 1] = frames;
    words[word + 2] = payloadBytes;
    words[word + 3] = commentBytes;
    words[word + 4] = label.direction | (fates.indexOf(label.fate) << 8) | (label.marks << 16);
    const double = place / 8 + 3;
    this.#doubles[double] = label.sequence;
    this.#doubles[double + 1] = label.time;
    this.#doubles[double + 2] = this.#ordinal;
    source.copy(this.bytes, place + headerBytes, start, end);
    if (label.comment !== undefined) this.bytes.write(label.comment, place + headerBytes + payloadBytes);
    this.#ordinal += frames;
    this.#head += runBytes;
    return offset;
  }

  /** Correct the fate of a run (a frame was dropped later than it was recorded); nothing happens if it has left the ring. */
  amend(offset: number, fate: Fate): void {
    if (offset < this.#tail) return;
    const word = (offset % this.capacityBytes) / 4 + 4;
    this.#words[word] = ((this.#words[word] ?? 0) & ~0xff00) | (fates.indexOf(fate) << 8);
  }

  #skip(bytes: number): void {
    this.#makeRoom(bytes);
    const word = (this.#head % this.capacityBytes) / 4;
    this.#words[word] = bytes;
    this.#words[word + 1] = 0;
    this.#head += bytes;
  }

  #makeRoom(bytes: number): void {
    while (this.#head + bytes - this.#tail > this.capacityBytes) {
      const place = this.#tail % this.capacityBytes;
      const frames = this.#words[place / 4 + 1] ?? 0;
      if (frames > 0) {
        this.#evictedFrames += frames;
        this.#evictedThrough = (this.#doubles[place / 8 + 3] ?? 0) + frames - 1;
      }
      this.#tail += this.#words[place / 4] ?? 0;
    }
  }

  /** Header of the run at a virtual offset between `tail` and `head`, written into `run`. */
  readRun(offset: number, run: Run): void {
    const place = offset % this.capacityBytes;
    const word = place / 4;
    const words = this.#words;
    const flags = words[word + 4] ?? 0;
    const double = place / 8 + 3;
    run.bytes = words[word] ?? 0;
    run.frames = words[word + 1] ?? 0;
    run.payload = place + headerBytes;
    run.payloadBytes = words[word + 2] ?? 0;
    run.commentBytes = words[word + 3] ?? 0;
    run.direction = flags & 0xff;
    run.fate = (flags >>> 8) & 0xff;
    run.marks = flags >>> 16;
    run.sequence = this.#doubles[double] ?? 0;
    run.time = this.#doubles[double + 1] ?? 0;
    run.ordinal = this.#doubles[double + 2] ?? 0;
  }
}

/** The header of a run, to be filled by {@link RecordRing.readRun}. */
export interface Run {
  /** Length of the whole run in the ring. */
  bytes: number;
  /** 0: padding before the end of the memory. */
  frames: number;
  /** Place of the first length prefix in the ring's memory. */
  payload: number;
  payloadBytes: number;
  commentBytes: number;
  direction: number;
  /** Index in `fates`. */
  fate: number;
  marks: number;
  sequence: number;
  /** Nanoseconds on the panel's monotonic clock. */
  time: number;
  /** Frames recorded on this wire before this run. */
  ordinal: number;
}
