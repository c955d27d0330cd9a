import { malformed } from "./frame.ts";

/** Messages received and not yet taken, oldest first, with the credit that bounds them. One consumer. */
export class MessageQueue implements AsyncIterable<unknown> {
  readonly #window: number;
  readonly #credit: (bytes: number) => void;
  readonly #queue: { message: unknown; bytes: number }[] = [];
  #handler: ((message: unknown) => void) | undefined;
  #wake: (() => void) | undefined;
  /** Bytes queued, and bytes taken for which no credit was given back yet. */
  #queued = 0;
  #taken = 0;
  #ended = false;
  #error: Error | undefined;

  constructor(window: number, credit: (bytes: number) => void) {
    this.#window = window;
    this.#credit = credit;
  }

  /** Take in a message of so many bytes on the wire. Throws {@link KestrelError} when the sender had no credit. */
  receive(message: unknown, bytes: number): void {
    if (this.#ended) return;
    if (this.#queued + this.#taken >= this.#window) throw malformed("more messages than there was credit for");
    this.#queued += bytes;
    this.#queue.push({ message, bytes });
    if (this.#handler === undefined) this.#wake?.();
    else this.#deliver(this.#handler);
  }

  /** Call `handler` for each message, those already here first. */
  consume(handler: (message: unknown) => void): void {
    this.#handler = handler;
    this.#deliver(handler);
  }

  /** No message comes any more, with `error` because of a fault. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    for (;;) {
      const next = this.#take();
      if (next !== undefined) yield next.message;
      else if (this.#error !== undefined) throw this.#error;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #deliver(handler: (message: unknown) => void): void {
    for (let next = this.#take(); next !== undefined; next = this.#take()) handler(next.message);
  }

  #take(): { message: unknown } | undefined {
    const next = this.#queue.shift();
    if (next === undefined) return undefined;
    this.#queued -= next.bytes;
    this.#taken += next.bytes;
    if (this.#taken >= this.#window / 4) {
      if (!this.#ended) this.#credit(this.#taken);
      this.#taken = 0;
    }
    return next;
  }
}
