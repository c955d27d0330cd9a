import type { Socket } from "node:net";
import {
  boundaryBefore,
  frameLengthAt,
  lengthPrefixBytes,
  type FrameBatch,
  type SharedBuffer,
  type Sink,
  type Source,
} from "./frame-batch.ts";

/**
 * How long a sender waits for a receiver that is behind before the receiver counts as stopped, milliseconds. Long enough
 * for the scheduler of a host with more virtual CPUs than cores, so that its hiccups lose no frame; and it passes only once
 * while a machine is paused.
 */
export const patienceMilliseconds = 100;

const chunkBytes = 65_536;

/**
 * The sending half of a port's socket. Frames go straight to the socket while it takes them; behind a pending write they
 * are copied into a queue which is bounded in bytes. Near the bound the sender is held for at most
 * {@link patienceMilliseconds}; if the queue has not moved on by then, frames beyond the bound are refused until the machine
 * has read all that waits.
 */
export class Egress implements Sink {
  readonly #socket: Socket;
  #queue: Buffer[] = [];
  /** Chunks that a pending write refers to, and those free to be filled again. */
  #writing: Buffer[] = [];
  #spare: Buffer[] = [];
  #queuedBytes = 0;
  /** Free bytes at the end of the queue's last chunk. */
  #roomInLast = 0;
  #borrowed: SharedBuffer | undefined;
  #stopped = false;
  readonly #held = new Set<Source>();
  #patience: NodeJS.Timeout | undefined;
  #closed = false;
  #resumeBelow = 0;

  /** The socket must have been made with a writable high-water mark of 1, so that it reports each time it has become empty. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => {
      this.#drained();
    });
  }

  get connected(): boolean {
    return !this.#closed;
  }

  get waitingBytes(): number {
    return this.#closed ? 0 : this.#queuedBytes + this.#socket.writableLength;
  }

  deliver(batch: FrameBatch, limitBytes: number): number {
    let { start } = batch;
    const { buffer, end } = batch;
    // Only what the kernel did not take counts as waiting, so a write is tried first, in pieces that respect the bound.
    while (start < end && this.#queuedBytes === 0 && this.#socket.writableLength === 0) {
      const oneFrame = lengthPrefixBytes + frameLengthAt(buffer, start);
      const boundary = boundaryBefore(buffer, start, end, start + Math.max(limitBytes, oneFrame));
      this.#socket.write(start === 0 && boundary === buffer.length ? buffer : buffer.subarray(start, boundary));
      start = boundary;
      if (this.waitingBytes > 0 && batch.owner !== undefined) {
        batch.owner.borrowers += 1;
        this.#borrowed = batch.owner;
      }
    }
    if (start < end) {
      const room = Math.max(0, limitBytes - this.waitingBytes);
      const boundary = boundaryBefore(buffer, start, end, start + room);
      this.#enqueue(buffer, start, boundary);
      start = boundary;
    }
    if (batch.source !== undefined && !this.#stopped && this.waitingBytes > limitBytes / 2) {
      this.#hold(batch.source, limitBytes);
    }
    return start;
  }

  /** The connection is gone: nobody waits for it any longer. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    this.#writing = [];
    this.#spare = [];
    this.#queuedBytes = 0;
    this.#roomInLast = 0;
    this.#giveBack();
    this.#releaseAll();
  }

  #enqueue(buffer: Buffer, start: number, end: number): void {
    let from = start;
    while (from < end) {
      if (this.#roomInLast === 0) {
        this.#queue.push(this.#spare.pop() ?? Buffer.allocUnsafeSlow(chunkBytes));
        this.#roomInLast = chunkBytes;
      }
      const bytes = Math.min(end - from, this.#roomInLast);
      this.#queue.at(-1)?.set(buffer.subarray(from, from + bytes), chunkBytes - this.#roomInLast);
      this.#roomInLast -= bytes;
      this.#queuedBytes += bytes;
      from += bytes;
    }
  }

  #drained(): void {
    if (this.#closed || this.#socket.writableLength > 0) return;
    this.#giveBack();
    this.#spare = this.#spare.length === 0 ? this.#writing : this.#spare.concat(this.#writing);
    this.#writing = this.#queue;
    this.#queue = [];
    if (this.#writing.length === 0) {
      this.#stopped = false;
    } else {
      const bytesInLast = chunkBytes - this.#roomInLast;
      this.#queuedBytes = 0;
      this.#roomInLast = 0;
      this.#socket.cork();
      for (const chunk of this.#writing) {
        this.#socket.write(chunk === this.#writing.at(-1) ? chunk.subarray(0, bytesInLast) : chunk);
      }
      this.#socket.uncork();
    }
    if (this.waitingBytes <= this.#resumeBelow) this.#releaseAll();
  }

  #giveBack(): void {
    if (this.#borrowed === undefined) return;
    this.#borrowed.borrowers -= 1;
    this.#borrowed = undefined;
  }

  #hold(source: Source, limitBytes: number): void {
    this.#resumeBelow = limitBytes / 4;
    if (this.#held.has(source)) return;
    this.#held.add(source);
    source.hold();
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined;
      this.#stopped = true;
      this.#releaseAll();
    }, patienceMilliseconds);
  }

  #releaseAll(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const source of this.#held) source.release();
    this.#held.clear();
  }
}
