import { cleanDirection, type DirectionSettings } from "../topology/direction-settings.ts";
import { DirectionTally } from "./direction-tally.ts";
import { countFrames, frameLengthAt, lengthPrefixBytes, type FrameBatch, type Sink } from "./frame-batch.ts";
import { Impairments, type Decision } from "./impairment.ts";
import type { PanelCore } from "./panel-core.ts";
import { type DirectionCounters, directionNames, type DropReason, type EndIndex, type Fate } from "./protocol.ts";
import type { RecordRing } from "./record-ring.ts";

const injectedMark = 1;
const duplicatedMark = 2;
const corruptedMark = 4;
const reorderedMark = 8;

/** One direction of a wire: counts, impairs, records, and hands over to what is at the far end. */
export class Direction {
  /** What the far end is plugged into. */
  sink: Sink | undefined;
  readonly #core: PanelCore;
  readonly #index: EndIndex;
  readonly #ring: RecordRing;
  readonly #impairments: Impairments;
  readonly #tally = new DirectionTally();
  /** Frames taken together on the way through, see {@link #impair}. */
  readonly #group: FrameBatch;
  /** Frames under way that entered before it are lost: the wire was cut meanwhile. */
  #epoch = 0;
  #closed = false;

  /** `index` is the end that sends into this direction. */
  constructor(core: PanelCore, wire: string, index: EndIndex, ring: RecordRing, settings: Partial<DirectionSettings>) {
    this.#core = core;
    this.#index = index;
    this.#ring = ring;
    this.#impairments = new Impairments(core.seed, wire, directionNames[index]);
    this.#impairments.settings = { ...cleanDirection, ...settings };
    this.#group = { buffer: ring.bytes, start: 0, end: 0, frames: 0, owner: undefined, source: undefined };
  }

  get settings(): DirectionSettings {
    return this.#impairments.settings;
  }

  /** Change some settings from the next frame on. Cutting also loses what is under way. */
  set(settings: Partial<DirectionSettings>): void {
    this.#impairments.settings = { ...this.#impairments.settings, ...settings };
    if (this.#impairments.settings.cut) this.#epoch += 1;
  }

  /** Take the carrier away or give it back. Taking it loses what is under way. */
  setUp(up: boolean): void {
    this.#impairments.up = up;
    if (!up) this.#epoch += 1;
  }

  /** The wire is removed: what is under way is forgotten. */
  close(): void {
    this.#closed = true;
  }

  counters(): DirectionCounters {
    return this.#tally.counters(this.sink?.waitingBytes ?? 0);
  }

  /** Frames enter, in order. Nothing of the batch is referred to after the call but by its owner's borrowers. */
  enter(batch: FrameBatch): void {
    this.#tally.entered(batch);
    if (this.#impairments.clean && this.#tally.inFlightFrames === 0) this.#passThrough(batch, 0, undefined);
    else this.#impair(batch, 0, undefined);
    this.#core.recorded();
  }

  /** A frame that no machine sent enters, in a batch of its own; it is recorded with a comment. Returns its sequence number. */
  inject(batch: FrameBatch, comment: string | undefined): number {
    this.#tally.entered(batch);
    this.#tally.injected += 1;
    const sequence =
      this.#impairments.clean && this.#tally.inFlightFrames === 0
        ? this.#passThrough(batch, injectedMark, comment)
        : this.#impair(batch, injectedMark, comment);
    this.#core.recorded();
    return sequence;
  }

  /** The path without impairments: the batch is never taken apart unless the far end takes only a part of it. */
  #passThrough(batch: FrameBatch, marks: number, comment: string | undefined): number {
    const { buffer, start, end, frames } = batch;
    this.#impairments.pass(frames);
    const time = this.#core.clock.now();
    const sequence = this.#core.takeSequence(frames);
    const accepted = this.#deliver(batch);
    if (accepted === end) {
      this.#record("delivered", marks, sequence, time, buffer, start, end, frames, comment);
      return sequence;
    }
    const fate = this.sink?.connected === true ? "queue" : "absent";
    const passed = accepted === start ? 0 : countFrames(buffer, start, accepted);
    if (passed > 0) this.#record("delivered", marks, sequence, time, buffer, start, accepted, passed, comment);
    this.#tally.dropped[fate] += frames - passed;
    this.#record(fate, marks, sequence + passed, time, buffer, accepted, end, frames - passed, comment);
    return sequence;
  }

  /**
   * The path frame by frame. Neighbours that go the same way at once are handed over and recorded together. A direction
   * between two hubs could re-enter here; segments connect only to ports, so it does not.
   */
  #impair(batch: FrameBatch, marks: number, comment: string | undefined): number {
    const { buffer, end } = batch;
    const core = this.#core;
    const now = core.clock.now();
    const group = this.#group;
    group.buffer = buffer;
    group.owner = batch.owner;
    group.source = batch.source;
    group.start = batch.start;
    group.frames = 0;
    let groupDrop: DropReason | undefined;
    let firstSequence = -1;
    for (let offset = batch.start; offset < end;) {
      const length = frameLengthAt(buffer, offset);
      const next = offset + lengthPrefixBytes + length;
      // What this read has gathered for the far end so far is not in its queue yet, but will be.
      const farBytes = this.#farBytes(groupDrop === undefined ? offset - group.start : 0);
      const decision = this.#impairments.decide(
        buffer,
        offset + lengthPrefixBytes,
        length,
        now,
        farBytes,
        this.#tally.inFlightBytes,
      );
      const plain = decision.drop !== undefined || this.#isImmediate(decision, now);
      if (group.frames > 0 && (!plain || decision.drop !== groupDrop)) {
        this.#closeGroup(groupDrop, offset, marks, now, comment);
      }
      if (group.frames === 0) group.start = offset;
      if (plain) {
        groupDrop = decision.drop;
        group.frames += 1;
      } else {
        const sequence = core.takeSequence(1);
        firstSequence = firstSequence < 0 ? sequence : firstSequence;
        this.#send(decision, buffer, offset, next, sequence, now, marks, comment);
        group.start = next;
      }
      offset = next;
    }
    if (group.frames > 0) {
      const sequence = this.#closeGroup(groupDrop, end, marks, now, comment);
      firstSequence = firstSequence < 0 ? sequence : firstSequence;
    }
    return firstSequence;
  }

  #farBytes(gathered: number): number {
    const waiting = this.sink?.waitingBytes ?? 0;
    return waiting === 0 ? 0 : waiting + gathered;
  }

  #isImmediate(decision: Decision, now: number): boolean {
    return (
      decision.release <= now && decision.copies === 1 && decision.corruptBit < 0 && this.#tally.inFlightFrames === 0
    );
  }

  #closeGroup(
    drop: DropReason | undefined,
    end: number,
    marks: number,
    time: number,
    comment: string | undefined,
  ): number {
    const group = this.#group;
    const { buffer, start, frames } = group;
    group.end = end;
    const sequence = this.#core.takeSequence(frames);
    let fate: Fate = drop ?? "delivered";
    let accepted = end;
    if (drop === undefined) accepted = this.#deliver(group);
    else this.#tally.dropped[drop] += frames;
    const rest = accepted === end ? 0 : countFrames(buffer, accepted, end);
    if (frames > rest) {
      this.#record(fate, marks, sequence, time, buffer, start, accepted, frames - rest, comment);
    }
    if (rest > 0) {
      fate = this.sink?.connected === true ? "queue" : "absent";
      this.#tally.dropped[fate] += rest;
      this.#record(fate, marks, sequence + frames - rest, time, buffer, accepted, end, rest, comment);
    }
    group.frames = 0;
    return sequence;
  }

  /** A frame that is changed, doubled or late gets a buffer of its own. */
  #send(
    decision: Decision,
    buffer: Buffer,
    start: number,
    end: number,
    sequence: number,
    now: number,
    marks: number,
    comment: string | undefined,
  ): void {
    const { copies, release, secondRelease, corruptBit, reordered } = decision;
    let allMarks = marks;
    const frame = Buffer.allocUnsafe(end - start);
    buffer.copy(frame, 0, start, end);
    if (corruptBit >= 0) {
      const byte = lengthPrefixBytes + (corruptBit >> 3);
      frame[byte] = (frame[byte] ?? 0) ^ (0x80 >> (corruptBit & 7));
      this.#tally.corrupted += 1;
      allMarks |= corruptedMark;
    }
    if (copies > 1) {
      this.#tally.duplicated += 1;
      allMarks |= duplicatedMark;
    }
    if (reordered) {
      this.#tally.reordered += 1;
      allMarks |= reorderedMark;
    }
    const run = this.#record("delivered", allMarks, sequence, now, buffer, start, end, 1, comment);
    this.#sendCopy(frame, release, now, run);
    if (copies > 1) this.#sendCopy(frame, secondRelease, now, run);
  }

  #sendCopy(frame: Buffer, release: number, now: number, run: number): void {
    const bytes = frame.length - lengthPrefixBytes;
    const epoch = this.#epoch;
    const batch = { buffer: frame, start: 0, end: frame.length, frames: 1, owner: undefined, source: undefined };
    if (release <= now && this.#tally.inFlightFrames === 0) {
      this.#arrive(batch, epoch, run);
      return;
    }
    this.#tally.inFlightFrames += 1;
    this.#tally.inFlightBytes += bytes;
    this.#core.timer.schedule(release, () => {
      this.#tally.inFlightFrames -= 1;
      this.#tally.inFlightBytes -= bytes;
      if (!this.#closed) this.#arrive(batch, epoch, run);
    });
  }

  /** A frame is at the far end. If it is dropped only here, its record is corrected. */
  #arrive(batch: FrameBatch, epoch: number, run: number): void {
    let drop: DropReason | undefined;
    if (epoch !== this.#epoch) drop = this.#impairments.up ? "cut" : "down";
    else if (this.#deliver(batch) !== batch.end) drop = this.sink?.connected === true ? "queue" : "absent";
    if (drop === undefined) return;
    this.#tally.dropped[drop] += 1;
    this.#ring.amend(run, drop);
  }

  /** Hand over to the far end, and count what it took. Returns the offset up to which it took the batch. */
  #deliver(batch: FrameBatch): number {
    const { sink } = this;
    if (sink?.connected !== true) return batch.start;
    const accepted = sink.deliver(batch, this.settings.queueBytes);
    this.#tally.delivered(batch, accepted);
    return accepted;
  }

  #record(
    fate: Fate,
    marks: number,
    sequence: number,
    time: number,
    source: Buffer,
    start: number,
    end: number,
    frames: number,
    comment: string | undefined,
  ): number {
    const label = { fate, marks, sequence, time, direction: this.#index, comment };
    return this.#ring.append(label, source, start, end, frames);
  }
}
