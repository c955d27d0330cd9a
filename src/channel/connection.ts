import type { Duplex } from "node:stream";
import { KestrelError } from "../error/kestrel-error.ts";
import type { Channel, Methods } from "./channel.ts";
import { ChannelEnd } from "./channel-end.ts";
import { ACCEPTED_BIT, type Frame, FrameParser, FrameType, jsonFrame, malformed } from "./frame.ts";
import { Outbox } from "./outbox.ts";
import { parseJson } from "./payload.ts";

/** Settings of a {@link Connection}; both ends must have the same `windowBytes`. */
export interface ConnectionOptions {
  /** Who is at the other end, for error messages: "the supervisor of t1", "the agent of r1". */
  readonly peer?: string;
  /** Bytes a stream, or the messages of a channel, may be ahead of their reader. 256 KiB by default. */
  readonly windowBytes?: number;
  /** Channels the other end may have open here at once; more are refused. 1024 by default. */
  readonly maxChannels?: number;
}

/** Options of one request. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Deadline in milliseconds; the method is cancelled when it passes. */
  readonly timeoutMs?: number | undefined;
}

const MAX_CHANNEL_ID = ACCEPTED_BIT - 1;

/**
 * Many calls at once over one duplex byte stream (UNIX socket, virtio-serial, pipe pair). Either end may open
 * channels. Memory is bounded whatever the other end does: input that is not the protocol closes the connection.
 */
export class Connection {
  /** Resolves when the connection has ended: with undefined when it was closed in order, else with the reason. */
  readonly closed: Promise<Error | undefined>;
  readonly #stream: Duplex;
  readonly #methods: Methods;
  readonly #peer: string;
  readonly #window: number;
  readonly #maxChannels: number;
  readonly #outbox: Outbox;
  readonly #parser = new FrameParser();
  readonly #opened = new Map<number, ChannelEnd>();
  readonly #accepted = new Map<number, ChannelEnd>();
  readonly #closing: (error: Error | undefined) => void;
  #lastOpened = 0;
  #lastAccepted = 0;
  #lost: KestrelError | undefined;

  constructor(stream: Duplex, methods: Methods = {}, options: ConnectionOptions = {}) {
    this.#stream = stream;
    this.#methods = methods;
    this.#peer = options.peer ?? "the other end";
    this.#window = options.windowBytes ?? 256 * 1024;
    this.#maxChannels = options.maxChannels ?? 1024;
    const { promise, resolve } = Promise.withResolvers<Error | undefined>();
    this.closed = promise;
    this.#closing = resolve;
    this.#outbox = new Outbox(stream, () => {
      this.#end(malformed("the other end takes no more bytes"));
    });
    stream.on("data", (chunk: Buffer) => {
      this.#receive(chunk);
    });
    stream.on("end", () => {
      this.#end(this.#parser.betweenFrames ? undefined : malformed("the stream ended in the middle of a frame"));
    });
    stream.on("error", (error: Error) => {
      this.#end(error);
    });
    stream.on("close", () => {
      this.#end(undefined);
    });
    // Who spoke on the stream before may have paused it.
    stream.resume();
  }

  /**
   * Call `method` of the other end, with streams and messages. Never throws for a connection that is gone: the
   * channel's result tells. Throws {@link KestrelError} when the parameters are more than 16 MiB of JSON.
   */
  open(method: string, params?: unknown): Channel {
    return this.#open(method, params);
  }

  #open(method: string, params: unknown): ChannelEnd {
    const id = (this.#lastOpened += 1);
    if (id > MAX_CHANNEL_ID) throw malformed("all channel numbers of this connection are used up");
    const frame = jsonFrame(id, FrameType.open, { method, params });
    const channel = this.#channel(id, true, method, params, this.#opened);
    if (this.#lost === undefined) this.#outbox.control(frame);
    else channel.fail(this.#lost);
    return channel;
  }

  /**
   * Call `method` and wait for its result; streams and messages it may send are thrown away. Rejects with the error
   * of the method, with the signal's reason, or with a {@link KestrelError} when the deadline has passed.
   */
  async request<T>(method: string, params?: unknown, options: RequestOptions = {}): Promise<T> {
    options.signal?.throwIfAborted();
    const channel = this.#open(method, params);
    channel.discard();
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = (reason: Error): void => {
      reject(reason);
      channel.cancel();
    };
    const onAbort = (): void => {
      const reason: unknown = options.signal?.reason;
      giveUp(reason instanceof Error ? reason : new Error(String(reason)));
    };
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            giveUp(this.#tooLate(method, options.timeoutMs ?? 0));
          }, options.timeoutMs);
    try {
      return (await Promise.race([channel.result, promise])) as T;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", onAbort);
    }
  }

  /** End the connection: open channels fail, what was already sent is delivered when the other end still reads. */
  close(): void {
    this.#end(undefined, "it was closed here");
  }

  #receive(chunk: Buffer): void {
    if (this.#lost !== undefined) return;
    try {
      this.#parser.push(chunk, (frame) => {
        if (this.#lost === undefined) this.#dispatch(frame);
      });
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #dispatch(frame: Frame): void {
    const fromOpener = frame.channel < ACCEPTED_BIT;
    const id = fromOpener ? frame.channel : frame.channel - ACCEPTED_BIT;
    if (frame.type === FrameType.open) {
      this.#accept(id, fromOpener, parseJson(frame.payload));
      return;
    }
    if (id === 0 || id > (fromOpener ? this.#lastAccepted : this.#lastOpened)) {
      throw malformed(`a frame for channel ${id}, which was never opened`);
    }
    // Frames may cross the one that closes their channel.
    (fromOpener ? this.#accepted : this.#opened).get(id)?.receive(frame);
  }

  #accept(id: number, fromOpener: boolean, { method, params }: { method?: unknown; params?: unknown }): void {
    if (!fromOpener || id !== this.#lastAccepted + 1) throw malformed(`channel ${id} opened out of turn`);
    if (typeof method !== "string") throw malformed("a channel without a method");
    this.#lastAccepted = id;
    const refused = this.#accepted.size >= this.#maxChannels;
    const channel = this.#channel(id, false, method, params, this.#accepted);
    const handler = Object.hasOwn(this.#methods, method) ? this.#methods[method] : undefined;
    void channel.serve(refused ? refuse : (handler ?? ((unknown) => this.#noSuchMethod(unknown.method))));
  }

  #channel(id: number, opener: boolean, method: string, params: unknown, list: Map<number, ChannelEnd>): ChannelEnd {
    const channel = new ChannelEnd({
      outbox: this.#outbox,
      id: opener ? id : id + ACCEPTED_BIT,
      opener,
      method,
      params,
      window: this.#window,
      onClosed: () => list.delete(id),
    });
    list.set(id, channel);
    return channel;
  }

  #end(error: Error | undefined, found = "the connection was lost"): void {
    if (this.#lost !== undefined) return;
    const lost = new KestrelError(
      { kind: "internal", step: "talk to", subject: this.#peer, found },
      error === undefined ? undefined : { cause: error },
    );
    this.#lost = lost;
    for (const channels of [this.#opened, this.#accepted]) {
      for (const channel of [...channels.values()]) channel.fail(lost);
    }
    this.#closing(error);
    if (error !== undefined || this.#outbox.blocked || !this.#stream.writable) this.#stream.destroy();
    else this.#stream.end(() => this.#stream.destroy());
  }

  #noSuchMethod(method: string): never {
    throw new KestrelError({
      kind: "internal",
      step: "call",
      subject: method,
      expected: `one of ${Object.keys(this.#methods).join(", ") || "no methods at all"}`,
      found: "a method that does not exist here",
      hint: "both ends should be of the same version of Kestrel",
    });
  }

  #tooLate(method: string, timeoutMs: number): KestrelError {
    return new KestrelError({
      kind: "flow",
      step: `call ${method}`,
      subject: this.#peer,
      expected: `an answer within ${timeoutMs} ms`,
      found: "none",
    });
  }
}

function refuse(channel: Channel): never {
  throw new KestrelError({
    kind: "internal",
    step: `call ${channel.method}`,
    found: "too many calls of this connection are under way",
  });
}
