import { KestrelError } from "../error/kestrel-error.ts";

/**
 * Types of frame. A frame is `u32be length` (of what follows it), `u32be channel`, `u8 type`, payload.
 * The top bit of `channel` is 0 in frames from the end that opened the channel and 1 in frames from the end that
 * accepted it, so both ends number their own channels without agreeing on roles first.
 */
export const FrameType = {
  /** JSON `{method, params}`: a new channel. */
  open: 1,
  /** `u8 stream`, bytes; costs as many bytes of that stream's credit. */
  data: 2,
  /** `u8 stream`, `u32be bytes`: the receiver has room for so many more bytes. */
  credit: 3,
  /** `u8 stream`, `u8 aborted`: no more bytes come; with `aborted` 1 the sender gave up half-way. */
  end: 4,
  /** JSON `{message}`; costs the length of the whole frame of the credit of {@link MESSAGE_STREAM}. */
  message: 5,
  /** JSON `{result}` or `{error}`: the last frame of the end that accepted the channel. */
  close: 6,
  /** The opener no longer wants a result. */
  cancel: 7,
  /** `u8 stream`: the reader of that stream is gone; what is still sent is thrown away. */
  stop: 8,
} as const;

/** One of the numbers in {@link FrameType}. */
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Byte streams of a channel are numbered from 0 to one less than this, in each direction. */
export const STREAM_COUNT = 16;
/** The stream number under which credit for messages is granted. */
export const MESSAGE_STREAM = 255;
/** Most bytes of a stream in one frame: small, so that channels interleave fairly. */
export const MAX_DATA_BYTES = 32 * 1024;
/** Most bytes of one JSON payload. */
export const MAX_JSON_BYTES = 16 * 1024 * 1024;
/** The bit of the channel field which says that the frame comes from the end that accepted the channel. */
export const ACCEPTED_BIT = 0x8000_0000;

/** Bytes of a frame before its payload. */
export const HEADER_BYTES = 9;

const LENGTH_BYTES = 4;

/** Exact payload sizes [least, most] in bytes, by type. */
const payloadBytes: Readonly<Record<FrameType, readonly [number, number]>> = {
  [FrameType.open]: [2, MAX_JSON_BYTES],
  [FrameType.data]: [1, 1 + MAX_DATA_BYTES],
  [FrameType.credit]: [5, 5],
  [FrameType.end]: [2, 2],
  [FrameType.message]: [2, MAX_JSON_BYTES],
  [FrameType.close]: [2, MAX_JSON_BYTES],
  [FrameType.cancel]: [0, 0],
  [FrameType.stop]: [1, 1],
};

/** A frame as received; `payload` is valid after the callback too. That of a DATA frame never pins a much larger buffer. */
export interface Frame {
  readonly channel: number;
  readonly type: FrameType;
  readonly payload: Buffer;
}

/** The explained error for bytes which are not the protocol. */
export function malformed(found: string): KestrelError {
  return new KestrelError({ kind: "internal", step: "read frames", found });
}

function isFrameType(type: number): type is FrameType {
  return type in payloadBytes;
}

/** A frame whose payload is JSON. Throws {@link KestrelError} when the text exceeds {@link MAX_JSON_BYTES}. */
export function jsonFrame(channel: number, type: FrameType, value: object): Buffer {
  const text = JSON.stringify(value);
  const length = Buffer.byteLength(text);
  if (length > MAX_JSON_BYTES) {
    throw new KestrelError({
      kind: "internal",
      step: "send a frame",
      expected: `at most ${MAX_JSON_BYTES} bytes of JSON`,
      found: `${length} bytes`,
      hint: "send large content as a stream",
    });
  }
  const frame = headerFor(channel, type, length, length);
  frame.write(text, HEADER_BYTES);
  return frame;
}

/** A frame with a payload of single bytes. */
export function shortFrame(channel: number, type: FrameType, ...bytes: number[]): Buffer {
  const frame = headerFor(channel, type, bytes.length, bytes.length);
  frame.set(bytes, HEADER_BYTES);
  return frame;
}

/** A CREDIT frame for `bytes` more bytes of `stream`. */
export function creditFrame(channel: number, stream: number, bytes: number): Buffer {
  const frame = headerFor(channel, FrameType.credit, 5, 5);
  frame[HEADER_BYTES] = stream;
  frame.writeUInt32BE(bytes, HEADER_BYTES + 1);
  return frame;
}

/** Everything of a DATA frame but its bytes, which follow as they are. */
export function dataHeader(channel: number, stream: number, bytes: number): Buffer {
  const frame = headerFor(channel, FrameType.data, 1 + bytes, 1);
  frame[HEADER_BYTES] = stream;
  return frame;
}

function headerFor(channel: number, type: FrameType, payload: number, allocated: number): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + allocated);
  frame.writeUInt32BE(HEADER_BYTES - LENGTH_BYTES + payload, 0);
  frame.writeUInt32BE(channel, 4);
  frame[8] = type;
  return frame;
}

/**
 * Cuts a byte stream, however it is chunked, into frames. Holds at most one incomplete frame, and refuses a frame
 * from its header alone when its size is not one of its type.
 */
export class FrameParser {
  readonly #chunks: Buffer[] = [];
  #available = 0;
  #header: { channel: number; type: FrameType; payload: number } | undefined;

  /** Whether the bytes so far end between two frames. */
  get betweenFrames(): boolean {
    return this.#header === undefined && this.#available === 0;
  }

  /** Take in `chunk` and hand each frame it completes to `onFrame`. Throws {@link KestrelError} on malformed input. */
  push(chunk: Buffer, onFrame: (frame: Frame) => void): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#available += chunk.length;
    for (;;) {
      if (this.#header === undefined) {
        if (this.#available < HEADER_BYTES) return;
        this.#header = readHeader(this.#take(HEADER_BYTES));
      }
      const { channel, type, payload } = this.#header;
      if (this.#available < payload) return;
      this.#header = undefined;
      const bytes = this.#take(payload);
      // Only bytes of a stream are held by anybody: JSON is parsed at once, from where it lies.
      onFrame({ channel, type, payload: type === FrameType.data ? unpinned(bytes) : bytes });
    }
  }

  #take(length: number): Buffer {
    this.#available -= length;
    const first = this.#chunks[0];
    if (length === 0 || first === undefined) return Buffer.alloc(0);
    if (first.length > length) {
      this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    if (first.length === length) {
      this.#chunks.shift();
      return first;
    }
    const taken = Buffer.allocUnsafe(length);
    let filled = 0;
    let whole = 0;
    for (const chunk of this.#chunks) {
      const part = Math.min(chunk.length, length - filled);
      chunk.copy(taken, filled, 0, part);
      filled += part;
      if (part === chunk.length) whole += 1;
      else this.#chunks[whole] = chunk.subarray(part);
      if (filled === length) break;
    }
    this.#chunks.splice(0, whole);
    return taken;
  }
}

/** A small slice would keep the whole read buffer alive for as long as somebody holds it. */
function unpinned(slice: Buffer): Buffer {
  return slice.length * 2 < slice.buffer.byteLength ? Buffer.from(slice) : slice;
}

function readHeader(header: Buffer): { channel: number; type: FrameType; payload: number } {
  const length = header.readUInt32BE(0);
  const channel = header.readUInt32BE(4);
  const type = header.readUInt8(8);
  if (!isFrameType(type)) throw malformed(`frame type ${type}`);
  const payload = length - (HEADER_BYTES - LENGTH_BYTES);
  const [least, most] = payloadBytes[type];
  if (payload < least || payload > most) throw malformed(`a frame of type ${type} with ${payload} bytes of payload`);
  return { channel, type, payload };
}
