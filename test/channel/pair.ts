import { Duplex, duplexPair, Transform } from "node:stream";
import { Connection, type ConnectionOptions, type Methods } from "../../src/channel/index.ts";

/** Two connected ends; `methods` are those of the accepting one. */
export function connectionPair(
  methods: Methods,
  { cuts = [], ...options }: ConnectionOptions & { cuts?: readonly number[] } = {},
): { client: Connection; server: Connection; ends: [Duplex, Duplex] } {
  const ends = duplexPair();
  const server = new Connection(cuts.length === 0 ? ends[1] : chopped(ends[1], cuts), methods, options);
  return { client: new Connection(ends[0], {}, options), server, ends };
}

/** The same duplex whose bytes arrive in pieces of the given sizes, over and over. */
export function chopped(inner: Duplex, sizes: readonly number[]): Duplex {
  let next = 0;
  const chopper = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length;) {
        const size = Math.max(1, sizes[next++ % sizes.length] ?? 1);
        this.push(chunk.subarray(at, at + size));
        at += size;
      }
      done();
    },
  });
  inner.pipe(chopper);
  return Duplex.from({ readable: chopper, writable: inner });
}

/** All of a stream. */
export async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Reproducible bytes that differ from place to place. */
export function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
