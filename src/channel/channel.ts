import type { Readable, Writable } from "node:stream";

/**
 * One call and all that belongs to it: a method with parameters, up to 16 byte streams each way, messages each way,
 * one result. Both ends hold one; what one writes to `writable(n)` the other reads from `readable(n)`.
 */
export interface Channel {
  readonly method: string;
  readonly params: unknown;
  /** Incoming bytes of `stream` (0 to 15). It fails with the channel's error when the other end did not finish it. */
  readable(stream: number): Readable;
  /** Outgoing bytes of `stream` (0 to 15). Closed without an error as soon as the other end stops reading. */
  writable(stream: number): Writable;
  /**
   * Send a JSON value. Never blocks: what the other end does not take is kept here, see {@link queuedBytes}.
   * Does nothing once the channel is closed. Throws KestrelError when the JSON is larger than 16 MiB.
   */
  send(message: unknown): void;
  /** Bytes of messages sent but kept here, because the other end takes no more for now. */
  readonly queuedBytes: number;
  /** Messages from the other end, to its last. For one consumer; `onMessage` is the alternative. */
  readonly messages: AsyncIterable<unknown>;
  /** Call `handler` for each message, those already received first. */
  onMessage(handler: (message: unknown) => void): void;
  /**
   * What the method returned, or its error; it comes after the bytes of all streams, so they must be read or
   * destroyed. An error thrown as KestrelError is one here too. May be left unhandled.
   */
  readonly result: Promise<unknown>;
  /**
   * Opener: ask for an end; streams close now, the result comes when the method has ended.
   * Acceptor: end the channel with an error now.
   */
  cancel(): void;
  /** Aborted when the channel is cancelled or the connection lost; its reason says which. */
  readonly signal: AbortSignal;
}

/** What an end offers to the other: the value returned (or promised) is the result of the channel. */
export type Methods = Record<string, (channel: Channel) => unknown>;
