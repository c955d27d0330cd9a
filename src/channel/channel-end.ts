import type { Readable, Writable } from "node:stream";
import { deserializeError, KestrelError, serializeError, type SerializedError } from "../error/kestrel-error.ts";
import type { Channel } from "./channel.ts";
import {
  creditFrame,
  type Frame,
  FrameType,
  HEADER_BYTES,
  jsonFrame,
  malformed,
  MESSAGE_STREAM,
  shortFrame,
} from "./frame.ts";
import { InboundStream } from "./inbound-stream.ts";
import { MessageQueue } from "./message-queue.ts";
import { OutboundMessages } from "./outbound-messages.ts";
import type { Outbox } from "./outbox.ts";
import { OutboundStream } from "./outbound-stream.ts";
import { checkedStream, errorOf, parseJson, streamOf } from "./payload.ts";

/** What a {@link ChannelEnd} is made of. */
export interface ChannelEndOptions {
  readonly outbox: Outbox;
  /** The channel field of the frames this end sends. */
  readonly id: number;
  readonly opener: boolean;
  readonly method: string;
  readonly params: unknown;
  /** Bytes of credit of each stream, and of the messages. */
  readonly window: number;
  /** Called once, when this end neither sends nor expects frames any more. */
  readonly onClosed: () => void;
}

/** One end of a channel: turns the frames of its {@link Channel} into streams, messages and a result, and back. */
export class ChannelEnd implements Channel {
  readonly method: string;
  readonly params: unknown;
  readonly result: Promise<unknown>;
  readonly #options: ChannelEndOptions;
  readonly #inbound = new Map<number, InboundStream>();
  readonly #outbound = new Map<number, OutboundStream>();
  /** Streams which the other end does not want, whether or not they were asked for here. */
  readonly #stopped = new Set<number>();
  readonly #messages: MessageQueue;
  readonly #sentMessages: OutboundMessages;
  readonly #abort = new AbortController();
  readonly #settle: PromiseWithResolvers<unknown>;
  #closed = false;
  #discarding = false;
  #failure: Error | undefined;

  constructor(options: ChannelEndOptions) {
    this.#options = options;
    this.method = options.method;
    this.params = options.params;
    this.#sentMessages = new OutboundMessages(options.outbox, options.id, options.window);
    this.#messages = new MessageQueue(options.window, (bytes) => {
      this.#send(() => creditFrame(options.id, MESSAGE_STREAM, bytes));
    });
    this.#settle = Promise.withResolvers();
    this.result = this.#settle.promise;
    this.result.catch(() => undefined);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get messages(): AsyncIterable<unknown> {
    return this.#messages;
  }

  get queuedBytes(): number {
    return this.#sentMessages.waitingBytes;
  }

  readable(stream: number): Readable {
    return this.#inboundStream(stream);
  }

  writable(stream: number): Writable {
    const existing = this.#outbound.get(checkedStream(stream));
    if (existing !== undefined) return existing;
    const { outbox, id, window } = this.#options;
    const created = new OutboundStream(outbox, id, stream, window);
    this.#outbound.set(stream, created);
    if (this.#closed || this.#abort.signal.aborted || this.#stopped.has(stream)) created.abandon();
    return created;
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#messages.consume((message) => {
      try {
        handler(message);
      } catch (error) {
        this.#abandon(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Throw away whatever the other end sends but the result. */
  discard(): void {
    this.#discarding = true;
    this.#messages.consume(() => undefined);
    for (const inbound of this.#inbound.values()) inbound.destroy();
  }

  send(message: unknown): void {
    if (!this.#closed && !this.#abort.signal.aborted) this.#sentMessages.send(message);
  }

  cancel(): void {
    if (this.#closed || this.#abort.signal.aborted) return;
    const error = new KestrelError({ kind: "flow", step: `call ${this.method}`, found: "it was cancelled" });
    if (!this.#options.opener) {
      this.#abandon(error);
      return;
    }
    this.#send(() => shortFrame(this.#options.id, FrameType.cancel));
    this.#closeStreams(error);
    this.#abort.abort(error);
  }

  /** End this channel alone, because of a fault at this end. */
  #abandon(error: Error): void {
    if (this.#options.opener) {
      this.#settle.reject(error);
      this.cancel();
    } else {
      this.#finish({ error: serializeError(error) });
      this.fail(error);
    }
  }

  /** Take in a frame of the other end. Throws {@link KestrelError} on malformed input. */
  receive({ type, payload }: Frame): void {
    switch (type) {
      case FrameType.data:
        this.#inboundStream(streamOf(payload)).receive(payload.subarray(1));
        return;
      case FrameType.credit:
        this.#receiveCredit(payload.readUInt8(0), payload.readUInt32BE(1));
        return;
      case FrameType.end: {
        const inbound = this.#inboundStream(streamOf(payload));
        if (payload[1] === 0) inbound.receiveEnd();
        else inbound.fail(this.#failed("the other end gave up in the middle of a stream"));
        return;
      }
      case FrameType.stop: {
        const stream = streamOf(payload);
        this.#stopped.add(stream);
        this.#outbound.get(stream)?.abandon();
        return;
      }
      case FrameType.message:
        this.#messages.receive(parseJson(payload)["message"], HEADER_BYTES + payload.length);
        return;
      case FrameType.cancel:
        if (this.#options.opener) throw malformed("a cancellation from the end that accepted the channel");
        this.#receiveCancel();
        return;
      case FrameType.close:
        if (!this.#options.opener) throw malformed("a result from the end that opened the channel");
        this.#receiveClose(parseJson(payload));
        return;
      case FrameType.open:
        throw malformed("a channel opened twice");
    }
  }

  /** Run `handler` and send what comes of it: the acceptor's whole life. */
  async serve(handler: (channel: Channel) => unknown): Promise<void> {
    try {
      const result = await handler(this);
      await this.#flush();
      this.#finish(result === undefined ? {} : { result });
      this.#settle.resolve(result);
    } catch (error) {
      this.#finish({ error: serializeError(error) });
      this.#settle.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The connection is gone: everything ends with `error`. */
  fail(error: Error): void {
    this.#abort.abort(error);
    this.#close(error);
    this.#settle.reject(error);
  }

  #inboundStream(stream: number): InboundStream {
    const existing = this.#inbound.get(checkedStream(stream));
    if (existing !== undefined) return existing;
    const { id, window } = this.#options;
    const created = new InboundStream(window, {
      credit: (bytes) => {
        this.#send(() => creditFrame(id, stream, bytes));
      },
      stop: () => {
        this.#send(() => shortFrame(id, FrameType.stop, stream));
      },
    });
    this.#inbound.set(stream, created);
    if (this.#failure !== undefined) created.fail(this.#failure);
    else if (this.#closed) created.receiveEnd();
    else if (this.#discarding) created.destroy();
    return created;
  }

  #receiveCredit(stream: number, bytes: number): void {
    if (stream === MESSAGE_STREAM) {
      this.#sentMessages.grant(bytes);
      return;
    }
    const outbound = this.#outbound.get(stream);
    if (outbound === undefined) throw malformed(`credit for stream ${stream}, on which nothing was sent`);
    outbound.grant(bytes);
  }

  #receiveCancel(): void {
    if (this.#abort.signal.aborted) return;
    const error = this.#failed("it was cancelled by the caller");
    this.#closeStreams(error);
    this.#abort.abort(error);
  }

  #receiveClose(outcome: Record<string, unknown>): void {
    const serialized = errorOf(outcome);
    const error = serialized === undefined ? undefined : deserializeError(serialized);
    this.#close(error);
    if (error === undefined) this.#settle.resolve(outcome["result"]);
    else this.#settle.reject(error);
  }

  /** Ends the open streams and waits until the other end has taken all, messages too, or no longer wants it. */
  async #flush(): Promise<void> {
    const streams = [...this.#outbound.values()].map(
      (stream) =>
        new Promise<void>((resolve) => {
          if (stream.writableFinished || stream.destroyed) resolve();
          else stream.once("close", resolve).end();
        }),
    );
    await Promise.all([...streams, this.#sentMessages.allSent()]);
  }

  #finish(outcome: { result?: unknown; error?: SerializedError }): void {
    if (this.#closed) return;
    const { outbox, id } = this.#options;
    let frame: Buffer;
    try {
      frame = jsonFrame(id, FrameType.close, outcome);
    } catch (error) {
      frame = jsonFrame(id, FrameType.close, { error: serializeError(error) });
    }
    this.#closeStreams(this.#failed("it has ended"));
    outbox.control(frame);
    this.#close(undefined);
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = error;
    for (const outbound of this.#outbound.values()) outbound.abandon();
    for (const inbound of this.#inbound.values()) {
      if (error === undefined) inbound.receiveEnd();
      else inbound.fail(error);
    }
    this.#messages.end(error);
    this.#sentMessages.drop();
    this.#options.onClosed();
  }

  #closeStreams(error: Error): void {
    for (const outbound of this.#outbound.values()) outbound.abandon();
    for (const inbound of this.#inbound.values()) inbound.fail(error);
    this.#sentMessages.drop();
  }

  #send(frame: () => Buffer): void {
    if (!this.#closed) this.#options.outbox.control(frame());
  }

  #failed(found: string): KestrelError {
    return new KestrelError({ kind: "internal", step: `call ${this.method}`, found });
  }
}
