import { FrameType, HEADER_BYTES, jsonFrame } from "./frame.ts";
import type { Outbox } from "./outbox.ts";

/** The sending end of a channel's messages: those that the other end gave no credit for yet wait here, in order. */
export class OutboundMessages {
  readonly #outbox: Outbox;
  readonly #channel: number;
  readonly #waiting: Buffer[] = [];
  #credit: number;
  #waitingBytes = 0;
  #onAllSent: (() => void) | undefined;

  constructor(outbox: Outbox, channel: number, window: number) {
    this.#outbox = outbox;
    this.#channel = channel;
    this.#credit = window;
  }

  /** Bytes of JSON that wait for credit. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Send `message`, now or when there is credit. Throws KestrelError when its JSON is too long. */
  send(message: unknown): void {
    const frame = jsonFrame(this.#channel, FrameType.message, { message });
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length - HEADER_BYTES;
    this.#sendWaiting();
  }

  /** The other end has room for `bytes` more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#sendWaiting();
  }

  /** Resolves when no message waits any more. */
  allSent(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    if (this.#waiting.length === 0) resolve(undefined);
    else {
      this.#onAllSent = () => {
        resolve(undefined);
      };
    }
    return promise;
  }

  /** Nobody wants the waiting ones any more. */
  drop(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#onAllSent?.();
  }

  #sendWaiting(): void {
    // One message may exceed the window, so a rest of credit is enough for any: the other end bounds it the same way.
    while (this.#credit > 0) {
      const frame = this.#waiting.shift();
      if (frame === undefined) break;
      this.#credit -= frame.length;
      this.#waitingBytes -= frame.length - HEADER_BYTES;
      this.#outbox.control(frame);
    }
    if (this.#waiting.length === 0) this.#onAllSent?.();
  }
}
