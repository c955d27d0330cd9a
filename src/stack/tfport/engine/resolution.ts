import type { TfportCounters } from "./counters.ts";
import { type NextHop, NextHopTable } from "./next-hop-table.ts";

/** A next hop that is being asked for, or that has not answered. */
interface Resolution extends NextHop {
  /** Until when it is waited for, or not asked again. */
  untilMs: number;
  failed: boolean;
  frames: Uint8Array[];
}

/** Bounds of the waiting. */
export interface ResolutionLimits {
  /** Frames kept for one next hop; a later one takes the place of the oldest (RFC 4861, section 7.2.2). */
  readonly framesPerNextHop: number;
  /** Bytes kept in all. */
  readonly bytes: number;
  /** Next hops waited for, or remembered as failed. */
  readonly nextHops: number;
  /** How long an answer is waited for, if the kernel does not give up before, ms. */
  readonly answerMs: number;
  /** For how long a next hop that did not answer is not asked again, ms. */
  readonly failureMs: number;
}

/** What a {@link ResolutionQueue} tells its owner. */
export interface ResolutionEvents {
  /** Ask for the next hop. */
  readonly ask: (nextHop: NextHop) => void;
  /** A frame whose next hop does not answer. */
  readonly unreachable: (frame: Uint8Array) => void;
}

/** Frames that wait for the MAC address of their next hop. */
export class ResolutionQueue {
  readonly #limits: ResolutionLimits;
  readonly #counters: TfportCounters;
  readonly #events: ResolutionEvents;
  readonly #table = new NextHopTable<Resolution>();
  #bytes = 0;
  /** Not later than the earliest `untilMs`. */
  #deadline = Infinity;

  constructor(limits: ResolutionLimits, counters: TfportCounters, events: ResolutionEvents) {
    this.#limits = limits;
    this.#counters = counters;
    this.#events = events;
  }

  /** When {@link advance} has something to do; undefined for never. */
  get deadline(): number | undefined {
    return this.#deadline === Infinity ? undefined : this.#deadline;
  }

  /** Keep a frame for the next hop whose address begins at `address`; the first one makes it asked for. */
  add(hop: { port: number; family: 4 | 6; bytes: Uint8Array; address: number }, frame: Uint8Array, now: number): void {
    const { port, family, bytes, address } = hop;
    this.advance(now);
    let found = this.#table.get(port, family, bytes, address);
    if (found?.failed === true) {
      this.#events.unreachable(frame);
      return;
    }
    const { framesPerNextHop, bytes: most, nextHops, answerMs } = this.#limits;
    const isNew = found === undefined;
    if (this.#bytes + frame.length > most || (isNew && this.#table.size >= nextHops)) {
      this.#counters.neighbourTableFull += 1;
      return;
    }
    if (found === undefined) {
      const key = Uint8Array.from(bytes.subarray(address, address + 16));
      found = { port, family, address: key, untilMs: now + answerMs, failed: false, frames: [] };
      this.#table.set(found);
      this.#deadline = Math.min(this.#deadline, found.untilMs);
    }
    if (found.frames.length >= framesPerNextHop) {
      this.#bytes -= found.frames.shift()?.length ?? 0;
      this.#counters.neighbourOverflow += 1;
    }
    // The frame lies in memory that is not ours.
    found.frames.push(Uint8Array.from(frame));
    this.#bytes += frame.length;
    this.#counters.neighbourQueued += 1;
    if (isNew) {
      this.#counters.resolutionsStarted += 1;
      this.#events.ask(found);
    }
  }

  /** The next hop has a MAC address: the frames that waited for it, the oldest first. */
  found(hop: NextHop): readonly Uint8Array[] {
    const resolution = this.#table.get(hop.port, hop.family, hop.address);
    if (resolution === undefined) return [];
    this.#table.delete(resolution);
    if (!resolution.failed) this.#counters.resolutionsSucceeded += 1;
    return this.#takeFrames(resolution);
  }

  /** The next hop does not answer; of no consequence unless it is being waited for. */
  failed(hop: NextHop, now: number): void {
    const resolution = this.#table.get(hop.port, hop.family, hop.address);
    if (resolution !== undefined && !resolution.failed) this.#fail(resolution, now);
  }

  /** Forget all next hops behind a port; frames for them are unreachable. */
  forgetPort(port: number): void {
    for (const resolution of [...this.#table.values()].filter((other) => other.port === port)) {
      this.#table.delete(resolution);
      for (const frame of this.#takeFrames(resolution)) this.#events.unreachable(frame);
    }
  }

  /** Give up what has waited too long, forget failures that are old. */
  advance(now: number): void {
    if (now < this.#deadline) return;
    for (const resolution of [...this.#table.values()].filter(({ untilMs }) => untilMs <= now)) {
      if (resolution.failed) this.#table.delete(resolution);
      else this.#fail(resolution, now);
    }
    this.#deadline = Infinity;
    for (const { untilMs } of this.#table.values()) this.#deadline = Math.min(this.#deadline, untilMs);
  }

  #fail(resolution: Resolution, now: number): void {
    this.#counters.resolutionsFailed += 1;
    resolution.failed = true;
    resolution.untilMs = now + this.#limits.failureMs;
    this.#deadline = Math.min(this.#deadline, resolution.untilMs);
    for (const frame of this.#takeFrames(resolution)) this.#events.unreachable(frame);
  }

  #takeFrames(resolution: Resolution): readonly Uint8Array[] {
    const { frames } = resolution;
    resolution.frames = [];
    for (const { length } of frames) this.#bytes -= length;
    return frames;
  }
}
