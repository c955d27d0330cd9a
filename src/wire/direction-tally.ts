import { countFrames, type FrameBatch, lengthPrefixBytes } from "./frame-batch.ts";
import type { DirectionCounters, DropReason } from "./protocol.ts";

/** Counts what happens in one direction of a wire. */
export class DirectionTally {
  readonly dropped: Record<DropReason, number> = { queue: 0, loss: 0, cut: 0, down: 0, mtu: 0, absent: 0 };
  injected = 0;
  duplicated = 0;
  corrupted = 0;
  reordered = 0;
  inFlightFrames = 0;
  inFlightBytes = 0;
  #frames = 0;
  #bytes = 0;
  #deliveredFrames = 0;
  #deliveredBytes = 0;

  /** A batch entered. */
  entered(batch: FrameBatch): void {
    this.#frames += batch.frames;
    this.#bytes += batch.end - batch.start - batch.frames * lengthPrefixBytes;
  }

  /** The far end took a batch up to the offset `accepted`. */
  delivered(batch: FrameBatch, accepted: number): void {
    if (accepted === batch.start) return;
    const frames = accepted === batch.end ? batch.frames : countFrames(batch.buffer, batch.start, accepted);
    this.#deliveredFrames += frames;
    this.#deliveredBytes += accepted - batch.start - frames * lengthPrefixBytes;
  }

  /** All counters; `waitingBytes` is what the far end's machine has yet to read. */
  counters(waitingBytes: number): DirectionCounters {
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      deliveredFrames: this.#deliveredFrames,
      deliveredBytes: this.#deliveredBytes,
      dropped: { ...this.dropped },
      injected: this.injected,
      duplicated: this.duplicated,
      corrupted: this.corrupted,
      reordered: this.reordered,
      inFlightFrames: this.inFlightFrames,
      inFlightBytes: this.inFlightBytes,
      waitingBytes,
    };
  }
}
