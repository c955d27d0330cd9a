import type { Duplex } from "node:stream";
import { dataHeader } from "./frame.ts";

/** Something with stream bytes to send: the {@link Outbox} asks it for one DATA frame at a time. */
export interface DataSource {
  readonly channel: number;
  readonly stream: number;
  /** The next bytes (at most one frame's worth), or undefined when there is nothing to send or no credit for it. */
  nextData(): Buffer | undefined;
  /** The bytes last given by {@link nextData} were written out; their buffer is free again. */
  dataWritten(): void;
}

/** Beyond so many unsent bytes of control frames the peer is taken for dead. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

/**
 * The sending half of a connection. Control frames go out at once; DATA frames wait while the stream is full and are
 * then taken from their sources in turn, one frame each, so that no source starves another.
 */
export class Outbox {
  readonly #stream: Duplex;
  readonly #onOverflow: () => void;
  readonly #waiting = new Set<DataSource>();
  #blocked = false;
  #corked = false;

  /** `onOverflow` is called when the peer leaves more than 64 MiB of control frames unread. */
  constructor(stream: Duplex, onOverflow: () => void) {
    this.#stream = stream;
    this.#onOverflow = onOverflow;
    stream.on("drain", () => {
      this.#blocked = false;
      this.#pump();
    });
  }

  /** Whether the peer has stopped taking bytes for now. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Send a whole frame now, ahead of stream bytes. */
  control(frame: Buffer): void {
    if (!this.#stream.writable) return;
    this.#corkForThisTick();
    if (!this.#stream.write(frame)) this.#blocked = true;
    if (this.#stream.writableLength > MAX_BACKLOG_BYTES) this.#onOverflow();
  }

  /** `source` has bytes and credit. */
  offer(source: DataSource): void {
    this.#waiting.add(source);
    this.#pump();
  }

  /** `source` has nothing to send any more. */
  withdraw(source: DataSource): void {
    this.#waiting.delete(source);
  }

  #pump(): void {
    // A Set iterates in insertion order and visits what is re-added during the loop: deleting and adding is a rotation.
    for (const source of this.#waiting) {
      if (this.#blocked || !this.#stream.writable) return;
      this.#waiting.delete(source);
      const data = source.nextData();
      if (data === undefined) continue;
      this.#waiting.add(source);
      this.#corkForThisTick();
      this.#stream.write(dataHeader(source.channel, source.stream, data.length));
      const more = this.#stream.write(data, (error) => {
        if (!(error instanceof Error)) source.dataWritten();
      });
      if (!more) this.#blocked = true;
    }
  }

  /** All frames of one turn of the event loop leave in one system call. */
  #corkForThisTick(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#stream.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#stream.uncork();
    });
  }
}
