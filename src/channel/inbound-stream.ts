import { Readable } from "node:stream";
import { malformed } from "./frame.ts";

/** What an {@link InboundStream} tells the sending end. */
export interface InboundSignals {
  /** Room for so many more bytes. */
  credit(bytes: number): void;
  /** Nobody reads any more. */
  stop(): void;
}

/** The receiving end of one byte stream: buffers at most `window` bytes, and grants credit as they are read. */
export class InboundStream extends Readable {
  readonly #window: number;
  readonly #signals: InboundSignals;
  /** Bytes received which were not granted again yet. */
  #owed = 0;
  /** The sender's END was seen, or the stream has failed here: no credit is granted any more. */
  #finished = false;
  #failed = false;

  constructor(window: number, signals: InboundSignals) {
    super({ highWaterMark: window, autoDestroy: true });
    this.#window = window;
    this.#signals = signals;
    // The channel's result tells of the same fault; a stream nobody listens to must not end the process.
    this.on("error", () => undefined);
  }

  /** Take in bytes from the wire. Throws {@link KestrelError} when the sender exceeds its credit. */
  receive(data: Buffer): void {
    if (this.#finished && !this.#failed) throw malformed("stream bytes after the end of their stream");
    if (this.#owed + data.length > this.#window) throw malformed("more stream bytes than there was credit for");
    this.#owed += data.length;
    if (this.destroyed) return;
    this.push(data);
    this.#grantWhatWasRead();
  }

  /** The sender has ended the stream. */
  receiveEnd(): void {
    if (this.#finished) return;
    this.#finished = true;
    if (!this.destroyed) this.push(null);
  }

  /** Nothing can come any more, because of `error`; bytes not read yet are lost. */
  fail(error: Error): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#failed = true;
    this.destroy(error);
  }

  // Every way to consume a Readable ends in read(), or in receive() when the stream flows and nothing is buffered.
  override read(size?: number): unknown {
    const chunk: unknown = super.read(size);
    this.#grantWhatWasRead();
    return chunk;
  }

  override _read(): void {
    // Bytes come when they come.
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#finished) this.#signals.stop();
    callback(error);
  }

  #grantWhatWasRead(): void {
    const read = this.#owed - this.readableLength;
    if (this.#finished || read < this.#window / 4) return;
    this.#owed -= read;
    this.#signals.credit(read);
  }
}
