import { Writable } from "node:stream";
import { FrameType, malformed, MAX_DATA_BYTES, shortFrame } from "./frame.ts";
import type { DataSource, Outbox } from "./outbox.ts";

const MAX_CREDIT = 2 ** 32;

/**
 * The sending end of one byte stream. Sends only what the reader has granted credit for. When the reader goes away
 * it is destroyed without an error (the event `close` tells), as a stream nobody wants is no fault.
 */
export class OutboundStream extends Writable implements DataSource {
  readonly channel: number;
  readonly stream: number;
  readonly #outbox: Outbox;
  #credit: number;
  #pending: Buffer | undefined;
  #written: ((error?: Error | null) => void) | undefined;
  #unconfirmed = 0;
  #quiet = false;

  constructor(outbox: Outbox, channel: number, stream: number, window: number) {
    super({ highWaterMark: MAX_DATA_BYTES * 2, decodeStrings: true });
    this.channel = channel;
    this.stream = stream;
    this.#outbox = outbox;
    this.#credit = window;
    this.on("error", () => undefined);
  }

  /** The reader has room for `bytes` more. Throws {@link KestrelError} when the sum is absurd. */
  grant(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > MAX_CREDIT) throw malformed(`${this.#credit} bytes of credit`);
    if (this.#pending !== undefined && this.#credit > 0) this.#outbox.offer(this);
  }

  /** The reader is gone, or the whole channel: give up without telling it. */
  abandon(): void {
    this.#quiet = true;
    this.destroy();
  }

  nextData(): Buffer | undefined {
    const length = Math.min(this.#pending?.length ?? 0, this.#credit, MAX_DATA_BYTES);
    if (this.#pending === undefined || length === 0) return undefined;
    const data = this.#pending.subarray(0, length);
    this.#pending = length === this.#pending.length ? undefined : this.#pending.subarray(length);
    this.#credit -= length;
    this.#unconfirmed += 1;
    return data;
  }

  dataWritten(): void {
    this.#unconfirmed -= 1;
    if (this.#pending !== undefined || this.#unconfirmed > 0) return;
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    if (chunk.length === 0) {
      callback();
      return;
    }
    this.#pending = chunk;
    this.#written = callback;
    if (this.#credit > 0) this.#outbox.offer(this);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#sendEnd(false);
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#outbox.withdraw(this);
    this.#pending = undefined;
    this.#sendEnd(true);
    callback(error);
    const written = this.#written;
    this.#written = undefined;
    written?.(error ?? new Error("nobody reads this stream any more"));
  }

  #sendEnd(aborted: boolean): void {
    if (this.#quiet) return;
    this.#quiet = true;
    this.#outbox.control(shortFrame(this.channel, FrameType.end, this.stream, aborted ? 1 : 0));
  }
}
