import type { PanelCore } from "../../src/wire/panel-core.ts";
import type { FrameBatch, Sink } from "../../src/wire/frame-batch.ts";
import type { PanelClock } from "../../src/wire/panel-clock.ts";
import { ReleaseQueue } from "../../src/wire/release-queue.ts";
import { numberOf, stream, unstream } from "./frames.ts";

/** A panel whose time stands still until it is told otherwise. Times are microseconds here. */
export class VirtualPanel implements PanelCore {
  readonly seed: string;
  readonly timer = new ReleaseQueue();
  nextSequence = 0;
  #now = 0;
  readonly clock: PanelClock = { now: () => this.#now, toEpoch: (time) => BigInt(Math.round(time)) };

  constructor(seed = "seed") {
    this.seed = seed;
  }

  /** Let time pass up to `microseconds`, with all that is due on the way. */
  advanceTo(microseconds: number): void {
    const end = microseconds * 1000;
    while (this.timer.earliest <= end) {
      this.#now = Math.max(this.#now, this.timer.earliest);
      this.timer.runDue(this.#now);
    }
    this.#now = end;
  }

  takeSequence(frames: number): number {
    this.nextSequence += frames;
    return this.nextSequence - frames;
  }

  recorded(): void {
    // Nobody follows.
  }

  /** Microseconds now. */
  get now(): number {
    return this.#now / 1000;
  }
}

/** A far end that notes what comes out and when; takes at most `room` bytes. */
export class NotingSink implements Sink {
  connected = true;
  waitingBytes = 0;
  room = Number.POSITIVE_INFINITY;
  readonly arrivals: { readonly number: number; readonly at: number; readonly frame: Buffer }[] = [];
  readonly #panel: VirtualPanel;

  constructor(panel: VirtualPanel) {
    this.#panel = panel;
  }

  deliver(batch: FrameBatch): number {
    let accepted = batch.start;
    for (const frame of unstream(batch.buffer.subarray(batch.start, batch.end)).frames) {
      if (frame.length + 4 > this.room) break;
      this.room -= frame.length + 4;
      accepted += frame.length + 4;
      this.arrivals.push({ number: numberOf(frame), at: this.#panel.now, frame: Buffer.from(frame) });
    }
    return accepted;
  }
}

/** Frames as one read would bring them. */
export function batchOf(...frames: readonly Uint8Array[]): FrameBatch {
  const buffer = stream(...frames);
  return { buffer, start: 0, end: buffer.length, frames: frames.length, owner: undefined, source: undefined };
}
