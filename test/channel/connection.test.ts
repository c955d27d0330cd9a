import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { duplexPair } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Channel, Connection } from "../../src/channel/index.ts";
import { creditFrame, dataHeader, FrameType, jsonFrame, shortFrame } from "../../src/channel/frame.ts";
import { KestrelError } from "../../src/error/kestrel-error.ts";
import { collect, connectionPair, pattern } from "./pair.ts";

const untilAborted = (channel: Channel): Promise<string> =>
  new Promise((resolve) => {
    channel.signal.addEventListener("abort", () => {
      resolve("stopped");
    });
  });

describe("requests", () => {
  it("return what the method returned, with its parameters seen", async () => {
    const { client } = connectionPair({ add: ({ params }) => (params as number[]).reduce((a, b) => a + b) });
    expect(await client.request("add", [1, 2, 3])).toBe(6);
  });

  it("go both ways over one connection", async () => {
    const [left, right] = duplexPair();
    const a = new Connection(left, { name: () => "a" });
    const b = new Connection(right, { name: () => "b" });
    expect(await Promise.all([a.request("name"), b.request("name")])).toEqual(["b", "a"]);
  });

  it("are served on a stream that was read and paused before", async () => {
    const [left, right] = duplexPair();
    right.once("data", () => {
      right.pause();
      new Connection(right, { ping: () => "pong" });
    });
    left.write("hello");
    expect(await new Connection(left).request("ping", undefined, { timeoutMs: 30_000 })).toBe("pong");
  });

  it("carry a KestrelError over as one", async () => {
    const thrown = new KestrelError(
      { kind: "host", step: "mount", subject: "r1", expected: "a disk", found: "none", hint: "add one" },
      { cause: new Error("ENOENT") },
    );
    const { client } = connectionPair({ fail: () => Promise.reject(thrown) });
    const error: unknown = await client.request("fail").catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KestrelError);
    expect(error).toMatchObject({ explanation: thrown.explanation, cause: { message: "ENOENT" } });
  });

  it("of an unknown method list those that exist", async () => {
    const { client } = connectionPair({ ping: () => 1, pong: () => 2 });
    await expect(client.request("toString")).rejects.toThrow("expected one of ping, pong");
  });

  it("throw away streams and messages nobody asked for", async () => {
    const { client } = connectionPair({
      flood: async (channel) => {
        for (let i = 0; i < 5000; i += 1) channel.send({ line: "a message of some length", i });
        await pipeline(Readable.from([pattern(1_000_000)]), channel.writable(1)).catch(() => undefined);
        return "done";
      },
    });
    expect(await client.request("flood")).toBe("done");
  });

  it("give up at their deadline, and cancel the method", async () => {
    let outcome: Promise<unknown> | undefined;
    const { client } = connectionPair({ hang: (channel) => (outcome = untilAborted(channel)) });
    await expect(client.request("hang", undefined, { timeoutMs: 5 })).rejects.toThrow("an answer within 5 ms");
    expect(await outcome).toBe("stopped");
  });

  it("give up with the reason of their signal", async () => {
    const { client } = connectionPair({ hang: untilAborted });
    const abort = new AbortController();
    const request = client.request("hang", undefined, { signal: abort.signal });
    abort.abort(new Error("the user pressed ^C"));
    await expect(request).rejects.toThrow("the user pressed ^C");
  });
});

describe("streams", () => {
  it("carry any bytes both ways, whatever the window and the chunking", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 1000 }), { maxLength: 10 }),
        fc.array(fc.integer({ min: 3, max: 5000 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 16, max: 4000 }),
        async (chunks, cuts, windowBytes) => {
          const { client } = connectionPair(
            { echo: (channel) => pipeline(channel.readable(0), channel.writable(3)) },
            { cuts, windowBytes },
          );
          const channel = client.open("echo");
          const sent = pipeline(Readable.from(chunks), channel.writable(0));
          expect(await collect(channel.readable(3))).toEqual(Buffer.concat(chunks));
          await Promise.all([sent, channel.result]);
          client.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("hold the sender back to the window when nobody reads, and other channels go on", async () => {
    let offered = 0;
    const { client } = connectionPair({
      flood: (channel) =>
        pipeline(
          (function* () {
            for (; offered < 50_000_000; offered += 10_000) yield Buffer.alloc(10_000);
          })(),
          channel.writable(1),
        ).catch(() => "stopped"),
      ping: () => "pong",
    });
    const slow = client.open("flood");
    const readable = slow.readable(1);
    for (let i = 0; i < 200; i += 1) expect(await client.request("ping")).toBe("pong");
    expect(readable.readableLength).toBe(256 * 1024);
    expect(offered).toBeLessThan(512 * 1024);
    readable.destroy();
    expect(await slow.result).toBe("stopped");
    expect(offered).toBeLessThan(1_000_000);
  });

  it("share the connection fairly: a small one is not behind a large one", async () => {
    let large = 0;
    const { client } = connectionPair({
      send: (channel) => pipeline(Readable.from([pattern(channel.params as number)]), channel.writable(1)),
    });
    const big = client.open("send", 20_000_000);
    big.readable(1).on("data", (chunk: Buffer) => (large += chunk.length));
    const small = client.open("send", 100_000);
    const largeBySmallEnd = new Promise((resolve) => {
      small
        .readable(1)
        .resume()
        .on("end", () => {
          resolve(large);
        });
    });
    expect(await largeBySmallEnd).toBeLessThan(1_000_000);
    await big.result;
    expect(large).toBe(20_000_000);
  });

  it("tell a stream that broke off from one that ended", async () => {
    const { client } = connectionPair({
      half: async (channel) => {
        channel.writable(1).write("half of it");
        channel.writable(1).destroy();
        await untilAborted(channel);
      },
    });
    const channel = client.open("half");
    await expect(collect(channel.readable(1))).rejects.toThrow("gave up in the middle of a stream");
    client.close();
  });

  it("refuse numbers outside of 0 to 15", () => {
    const { client } = connectionPair({});
    expect(() => client.open("x").readable(16)).toThrow("stream 16");
  });
});

describe("messages", () => {
  it("arrive in order, all of them, before the result", async () => {
    const { client } = connectionPair(
      {
        double: async (channel) => {
          for await (const message of channel.messages) {
            if (message === "end") return "done";
            channel.send((message as number) * 2);
          }
          return "early";
        },
      },
      { windowBytes: 100 },
    );
    const channel = client.open("double");
    for (let i = 0; i < 500; i += 1) channel.send(i);
    channel.send("end");
    const seen: unknown[] = [];
    for await (const message of channel.messages) seen.push(message);
    expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => i * 2));
    expect(await channel.result).toBe("done");
  });

  it("wait at the sender, who can see how many, when nobody takes them", async () => {
    const { client } = connectionPair({ hang: untilAborted, ping: () => 1 });
    const channel = client.open("hang");
    for (let i = 0; i < 1000; i += 1) channel.send("x".repeat(1000));
    await client.request("ping");
    expect(channel.queuedBytes).toBeGreaterThan(700_000);
    expect(channel.queuedBytes).toBeLessThan(800_000);
    channel.cancel();
    expect(channel.queuedBytes).toBe(0);
    expect(await channel.result).toBe("stopped");
  });

  it("handled by a function that throws fail their channel alone", async () => {
    const { client } = connectionPair({
      bad: (channel) => {
        channel.onMessage(() => {
          throw new Error("no such verb");
        });
        return untilAborted(channel);
      },
      ping: () => 1,
    });
    const channel = client.open("bad");
    channel.send("x");
    await expect(channel.result).rejects.toThrow("no such verb");
    expect(await client.request("ping")).toBe(1);
  });
});

describe("cancellation", () => {
  it("at any point ends the method and leaves the connection in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 30 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 5 }),
        async (turns, cuts) => {
          const served: Promise<unknown>[] = [];
          const { client } = connectionPair(
            {
              copy: (channel) => {
                served.push(channel.result);
                return pipeline(channel.readable(0), channel.writable(1));
              },
              ping: () => "pong",
            },
            { cuts, windowBytes: 2000 },
          );
          const channel = client.open("copy");
          pipeline(Readable.from([pattern(20_000)]), channel.writable(0)).catch(() => undefined);
          channel.readable(1).resume();
          for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
          channel.cancel();
          await channel.result.catch(() => undefined);
          await Promise.all(served.map((result) => result.catch(() => undefined)));
          expect(await client.request("ping")).toBe("pong");
          client.close();
          expect(await client.closed).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("loss of the connection", () => {
  it("fails every channel at both ends, naming the peer", async () => {
    const signals: AbortSignal[] = [];
    const { client, server, ends } = connectionPair(
      {
        hang: (channel) => {
          signals.push(channel.signal);
          channel.send("started");
          return untilAborted(channel);
        },
      },
      { peer: "the agent of r1" },
    );
    const channel = client.open("hang");
    const readable = channel.readable(1);
    for await (const _ of channel.messages) break;
    ends[0].destroy(new Error("broken"));
    await expect(channel.result).rejects.toThrow("talk to: the agent of r1: the connection was lost");
    await expect(collect(readable)).rejects.toThrow("the connection was lost");
    expect(channel.signal.aborted).toBe(true);
    expect((await client.closed)?.message).toBe("broken");
    await server.closed;
    expect(signals[0]?.aborted).toBe(true);
    await expect(client.request("hang")).rejects.toThrow("the connection was lost");
  });

  it("by close() is in order for both ends", async () => {
    const { client, server } = connectionPair({});
    client.close();
    expect(await client.closed).toBeUndefined();
    expect(await server.closed).toBeUndefined();
  });
});

describe("malformed input", () => {
  const data = (channel: number, stream: number, bytes: number): Buffer =>
    Buffer.concat([dataHeader(channel, stream, bytes), Buffer.alloc(bytes)]);
  const open = jsonFrame(1, FrameType.open, { method: "hang" });

  it.each<[string, Buffer[], string]>([
    ["a frame for a channel never opened", [data(7, 0, 1)], "channel 7, which was never opened"],
    [
      "a channel opened out of turn",
      [jsonFrame(5, FrameType.open, { method: "hang" })],
      "channel 5 opened out of turn",
    ],
    ["a channel without a method", [jsonFrame(1, FrameType.open, {})], "without a method"],
    ["JSON which is none", [Buffer.concat([shortFrame(1, FrameType.open, 0x7b, 0x7b)])], "not a JSON object"],
    ["JSON which is no object", [shortFrame(1, FrameType.open, 0x31, 0x31)], "not a JSON object"],
    ["more bytes than the credit", [open, ...Array.from({ length: 10 }, () => data(1, 0, 32_768))], "credit"],
    ["bytes after the end", [open, shortFrame(1, FrameType.end, 0, 0), data(1, 0, 1)], "after the end"],
    [
      "more messages than the credit",
      [open, ...Array.from({ length: 3 }, () => jsonFrame(1, FrameType.message, { message: "x".repeat(200_000) }))],
      "more messages",
    ],
    [
      "absurd credit",
      [
        jsonFrame(1, FrameType.open, { method: "write" }),
        creditFrame(1, 0, 2 ** 32 - 1),
        creditFrame(1, 0, 2 ** 32 - 1),
      ],
      "bytes of credit",
    ],
    ["a result from the opener", [open, jsonFrame(1, FrameType.close, {})], "a result from the end that opened"],
    ["a stream number out of range", [open, data(1, 16, 1)], "stream 16"],
    ["an end in the middle of a frame", [open.subarray(0, 12)], "in the middle of a frame"],
  ])("%s closes the connection with an explanation", async (_name, frames, found) => {
    const [raw, end] = duplexPair();
    const served = new Connection(end, {
      hang: untilAborted,
      write: (channel) => {
        channel.writable(0);
        return untilAborted(channel);
      },
    });
    raw.resume();
    for (const frame of frames) raw.write(frame);
    raw.end();
    expect((await served.closed)?.message).toContain(found);
  });

  it("of any kind ends in order: random bytes, and random frames", async () => {
    const frame = fc
      .record({
        channel: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0x8000_0000, max: 0x8000_0004 })),
        type: fc.integer({ min: 0, max: 9 }),
        payload: fc.oneof(
          fc.uint8Array({ maxLength: 12 }),
          fc
            .constantFrom('{"method":"hang"}', '{"method":"write"}', '{"message":1}', "{}")
            .map((text) => Buffer.from(text)),
        ),
      })
      .map(({ channel, type, payload }) => {
        const header = Buffer.alloc(9);
        header.writeUInt32BE(5 + payload.length);
        header.writeUInt32BE(channel, 4);
        header[8] = type;
        return Buffer.concat([header, payload]);
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(frame, frame, fc.uint8Array({ maxLength: 20 })), { maxLength: 20 }),
        async (writes) => {
          const [raw, end] = duplexPair();
          const served = new Connection(end, {
            hang: untilAborted,
            write: (channel) => channel.writable(0).write("x"),
          });
          raw.resume();
          for (const bytes of writes) raw.write(bytes);
          raw.end();
          const reason = await served.closed;
          expect(reason === undefined || reason instanceof KestrelError).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("of too many channels is refused, one by one", async () => {
    const { client } = connectionPair({ hang: untilAborted }, { maxChannels: 2 });
    client.open("hang");
    client.open("hang");
    await expect(client.open("hang").result).rejects.toThrow("too many calls");
    client.close();
  });
});
