import { frameLengthAt, lengthPrefixBytes } from "./frame-batch.ts";
import type { RecordRing, Run } from "./record-ring.ts";

/** Walks through a ring frame by frame, and notices what was overwritten before it came by. */
export class RingReader {
  readonly ring: RecordRing;
  /** The run of the current frame. */
  readonly run: Run = {
    bytes: 0,
    frames: 0,
    payload: 0,
    payloadBytes: 0,
    commentBytes: 0,
    direction: 0,
    fate: 0,
    marks: 0,
    sequence: 0,
    time: 0,
    ordinal: 0,
  };
  /** Sequence number of the current frame. */
  sequence = -1;
  /** Place and length of the current frame in the ring's memory. */
  frameStart = 0;
  frameBytes = 0;
  /** Frames overwritten before they could be read. */
  lostFrames = 0;

  #offset: number;
  #expectedOrdinal: number;
  #frameInRun = 0;
  #framePrefix = 0;

  /** Begin at the oldest frame still held, or with the next one to be recorded. */
  constructor(ring: RecordRing, from: "oldest" | "next") {
    this.ring = ring;
    this.#offset = from === "oldest" ? ring.tail : ring.head;
    this.#expectedOrdinal = from === "oldest" ? ring.evictedFrames : ring.recordedFrames;
  }

  /** Make the next unread frame current. Returns false if there is none yet. Calling it again without {@link advance} changes nothing. */
  load(): boolean {
    const { ring, run } = this;
    for (;;) {
      if (this.#offset < ring.tail) {
        this.#offset = ring.tail;
        this.#frameInRun = 0;
      }
      if (this.#offset === ring.head) return false;
      ring.readRun(this.#offset, run);
      if (run.frames > 0) break;
      this.#offset += run.bytes;
    }
    if (this.#frameInRun === 0) this.#framePrefix = run.payload;
    const ordinal = run.ordinal + this.#frameInRun;
    if (ordinal > this.#expectedOrdinal) {
      this.lostFrames += ordinal - this.#expectedOrdinal;
      this.#expectedOrdinal = ordinal;
    }
    this.sequence = run.sequence + this.#frameInRun;
    this.frameStart = this.#framePrefix + lengthPrefixBytes;
    this.frameBytes = frameLengthAt(ring.bytes, this.#framePrefix);
    return true;
  }

  /** Leave the current frame behind. */
  advance(): void {
    this.#expectedOrdinal += 1;
    this.#frameInRun += 1;
    this.#framePrefix = this.frameStart + this.frameBytes;
    if (this.#frameInRun === this.run.frames) {
      this.#offset += this.run.bytes;
      this.#frameInRun = 0;
    }
  }

  /** Frames of the current run from the current one on. */
  get framesLeftInRun(): number {
    return this.run.frames - this.#frameInRun;
  }

  /** Leave the current run behind, with all frames in it that have not been read. */
  advanceRun(): void {
    this.#expectedOrdinal += this.framesLeftInRun;
    this.#offset += this.run.bytes;
    this.#frameInRun = 0;
  }

  /** Leave everything before a sequence number behind, a run at a time. */
  skipTo(sequence: number): void {
    while (this.load() && this.sequence < sequence) {
      const { run } = this;
      if (this.#frameInRun === 0 && run.sequence + run.frames <= sequence) {
        this.#expectedOrdinal += run.frames;
        this.#offset += run.bytes;
      } else {
        this.advance();
      }
    }
  }

  /** The current frame's comment. */
  comment(): string | undefined {
    const { run } = this;
    if (run.commentBytes === 0) return undefined;
    const start = run.payload + run.payloadBytes;
    return this.ring.bytes.toString("utf8", start, start + run.commentBytes);
  }
}
