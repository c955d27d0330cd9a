import { cleanDirection, type DirectionSettings } from "../topology/direction-settings.ts";
import type { DirectionName, DropReason } from "./protocol.ts";
import { RandomDraw } from "./random-draw.ts";

/*
 * What a direction does to a frame, in the order in which a frame meets it:
 *   down, cut -> mtu -> loss -> corrupt -> duplicate -> queue and rate -> delay, jitter, reorder.
 * A pure core: no I/O, no clock of its own. Times are nanoseconds of the caller's clock.
 */

/** Bytes of one direction that may be under way because of delay, over and above the queue. Bounds the panel's memory. */
export const inFlightLimitBytes = 67_108_864;

/** What happens to one frame. The core reuses the object from call to call. */
export interface Decision {
  /** `undefined` if the frame passes. */
  drop: DropReason | undefined;
  /** Times it comes out: 1, or 2 if it is duplicated. */
  copies: number;
  /** When the first copy, and the second if there is one, comes out; never before `now`. */
  release: number;
  secondRelease: number;
  /** Bit to flip, counted from the most significant bit of the first byte; -1 for none. */
  corruptBit: number;
  /** The frame passes frames that entered before it and are still under way. */
  reordered: boolean;
}

/** The impairments of one direction of one wire: state, settings and generators. */
export class Impairments {
  readonly #loss: RandomDraw;
  readonly #duplicate: RandomDraw;
  readonly #reorder: RandomDraw;
  readonly #corrupt: RandomDraw;
  readonly #corruptBit: RandomDraw;
  readonly #jitter: RandomDraw;
  readonly #decision: Decision = {
    drop: undefined,
    copies: 1,
    release: 0,
    secondRelease: 0,
    corruptBit: -1,
    reordered: false,
  };
  #settings: DirectionSettings = cleanDirection;
  #up = true;
  #clean = true;
  /** Frames that entered so far: the position of the next frame's draws. */
  #entered = 0;
  /** When the last frame that keeps order comes out; none may come out earlier. */
  #lastRelease = Number.NEGATIVE_INFINITY;
  /** When the transmitter has sent all that it was given. */
  #busyUntil = Number.NEGATIVE_INFINITY;
  /** Frames that wait for or are in transmission: when each is through, and its bytes; both in order. */
  readonly #transmissions: { readonly done: number; readonly bytes: number }[] = [];
  #transmissionsBegin = 0;
  #waitingBytes = 0;

  /** The draws depend on `seed`, the wire's name and the direction, and on nothing else. */
  constructor(seed: string, wire: string, direction: DirectionName) {
    const draw = (impairment: string) => new RandomDraw(seed, wire, direction, impairment);
    this.#loss = draw("loss");
    this.#duplicate = draw("duplicate");
    this.#reorder = draw("reorder");
    this.#corrupt = draw("corrupt");
    this.#corruptBit = draw("corrupt-bit");
    this.#jitter = draw("jitter");
  }

  get settings(): DirectionSettings {
    return this.#settings;
  }

  /** From now on; frames already under way keep the times they were given. */
  set settings(settings: DirectionSettings) {
    this.#settings = settings;
    this.#clean = isClean(settings) && this.#up;
  }

  get up(): boolean {
    return this.#up;
  }

  set up(up: boolean) {
    this.#up = up;
    this.#clean = isClean(this.#settings) && up;
  }

  /** Nothing is done to frames, so they need not be looked at one by one: {@link pass} will do. */
  get clean(): boolean {
    return this.#clean;
  }

  /** Frames that came by while the direction was {@link clean}. */
  pass(frames: number): void {
    this.#entered += frames;
  }

  /** Bytes waiting for the serialisation rate at a time; the one in transmission counts until its end. */
  waitingBytes(now: number): number {
    while (this.#transmissionsBegin < this.#transmissions.length) {
      const first = this.#transmissions[this.#transmissionsBegin];
      if (first === undefined || first.done > now) break;
      this.#waitingBytes -= first.bytes;
      this.#transmissionsBegin += 1;
    }
    if (this.#transmissionsBegin > 64 && this.#transmissionsBegin * 2 > this.#transmissions.length) {
      this.#transmissions.splice(0, this.#transmissionsBegin);
      this.#transmissionsBegin = 0;
    }
    return this.#waitingBytes;
  }

  /**
   * Decide about the next frame, which is `buffer[start, start + length)`. `farBytes` wait at the far end for its machine,
   * `inFlightBytes` are delayed already. The result is valid until the next call.
   */
  decide(
    buffer: Uint8Array,
    start: number,
    length: number,
    now: number,
    farBytes: number,
    inFlightBytes: number,
  ): Decision {
    const settings = this.#settings;
    const decision = this.#decision;
    const position = this.#entered;
    this.#entered += 1;
    decision.copies = 1;
    decision.corruptBit = -1;
    decision.reordered = false;
    decision.drop = this.#dropOnEntry(buffer, start, length, position);
    if (decision.drop !== undefined) return decision;

    if (length > 0 && this.#corrupt.fraction(position) < settings.corrupt) {
      decision.corruptBit = Math.floor(this.#corruptBit.fraction(position) * length * 8);
    }
    const waiting = this.waitingBytes(now) + farBytes;
    if (waiting + length > settings.queueBytes || inFlightBytes + length > inFlightLimitBytes) {
      decision.drop = "queue";
      return decision;
    }
    const room = waiting + 2 * length <= settings.queueBytes && inFlightBytes + 2 * length <= inFlightLimitBytes;
    if (this.#duplicate.fraction(position) < settings.duplicate && room) decision.copies = 2;
    this.#schedule(decision, length, now, position);
    return decision;
  }

  #dropOnEntry(buffer: Uint8Array, start: number, length: number, position: number): DropReason | undefined {
    const { cut, mtuBytes, loss } = this.#settings;
    if (!this.#up) return "down";
    if (cut) return "cut";
    if (mtuBytes !== null && length - linkHeaderBytes(buffer, start, length) > mtuBytes) return "mtu";
    return this.#loss.fraction(position) < loss ? "loss" : undefined;
  }

  #schedule(decision: Decision, length: number, now: number, position: number): void {
    const { delayMicroseconds, jitterMicroseconds, reorder } = this.#settings;
    const sent = this.#transmit(length, now);
    decision.release = sent;
    decision.secondRelease = decision.copies === 2 ? this.#transmit(length, now) : sent;
    if (this.#reorder.fraction(position) < reorder && this.#lastRelease > decision.secondRelease) {
      // It overtakes all that is delayed, so it does not move the bound for the frames behind it.
      decision.reordered = true;
      return;
    }
    const latency = (delayMicroseconds + this.#jitter.fraction(position) * jitterMicroseconds) * 1000;
    decision.release = Math.max(decision.release + latency, this.#lastRelease);
    decision.secondRelease = Math.max(decision.secondRelease + latency, decision.release);
    this.#lastRelease = decision.secondRelease;
  }

  /** Occupy the transmitter with a frame; returns when it is through. */
  #transmit(bytes: number, now: number): number {
    const rate = this.#settings.rateBitsPerSecond;
    const begin = Math.max(now, this.#busyUntil);
    // Frames queued under a rate that has been lifted since still go first.
    const done = rate === null ? begin : begin + (bytes * 8e9) / rate;
    this.#busyUntil = done;
    if (done > now) {
      this.#transmissions.push({ done, bytes });
      this.#waitingBytes += bytes;
    }
    return done;
  }
}

function isClean(settings: DirectionSettings): boolean {
  return (
    !settings.cut &&
    settings.delayMicroseconds === 0 &&
    settings.jitterMicroseconds === 0 &&
    settings.loss === 0 &&
    settings.duplicate === 0 &&
    settings.corrupt === 0 &&
    settings.rateBitsPerSecond === null &&
    settings.mtuBytes === null
  );
}

/** Bytes of Ethernet header: 14, and 4 for each of at most two VLAN tags (IEEE 802.1Q, TPIDs 0x8100 and 0x88a8). */
function linkHeaderBytes(buffer: Uint8Array, start: number, length: number): number {
  let header = 14;
  while (header < 22 && length >= header) {
    const type = ((buffer[start + header - 2] ?? 0) << 8) | (buffer[start + header - 1] ?? 0);
    if (type !== 0x8100 && type !== 0x88a8) break;
    header += 4;
  }
  return header;
}
