import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  creditFrame,
  dataHeader,
  type Frame,
  FrameParser,
  FrameType,
  jsonFrame,
  shortFrame,
} from "../../src/channel/frame.ts";

const channelNumber = fc.integer({ min: 0, max: 0xffff_ffff });
const stream = fc.integer({ min: 0, max: 255 });

const anyFrame = fc.oneof(
  fc.tuple(channelNumber, fc.jsonValue()).map(([id, message]) => jsonFrame(id, FrameType.message, { message })),
  fc.tuple(channelNumber, stream).map(([id, s]) => shortFrame(id, FrameType.end, s, 0)),
  fc.tuple(channelNumber, stream, fc.nat()).map(([id, s, bytes]) => creditFrame(id, s, bytes)),
  fc
    .tuple(channelNumber, stream, fc.uint8Array({ maxLength: 500 }))
    .map(([id, s, data]) => Buffer.concat([dataHeader(id, s, data.length), data])),
);

/** Cuts `bytes` at the given places (each taken modulo what is left). */
function chop(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (const cut of cuts) {
    const at = rest.length === 0 ? 0 : cut % rest.length;
    chunks.push(rest.subarray(0, at));
    rest = rest.subarray(at);
  }
  return [...chunks, rest];
}

function parse(chunks: readonly Buffer[]): { frames: Frame[]; parser: FrameParser } {
  const parser = new FrameParser();
  const frames: Frame[] = [];
  for (const chunk of chunks) parser.push(chunk, (frame) => frames.push(frame));
  return { frames, parser };
}

describe("FrameParser", () => {
  it("finds the same frames however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), fc.array(fc.nat({ max: 700 })), (sent, cuts) => {
        const { frames, parser } = parse(chop(Buffer.concat(sent), cuts));
        expect(frames.map(({ channel, type, payload }) => [channel, type, payload.toString("hex")])).toEqual(
          sent.map((frame) => [frame.readUInt32BE(4), frame[8], frame.subarray(9).toString("hex")]),
        );
        expect(parser.betweenFrames).toBe(true);
      }),
    );
  });

  it("takes any bytes at all, or refuses them with an explained error", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        try {
          parse(chunks.map((chunk) => Buffer.from(chunk)));
        } catch (error) {
          expect(error).toHaveProperty("explanation.step", "read frames");
        }
      }),
    );
  });

  it.each([
    ["an unknown type", 5, 99, "frame type 99"],
    ["a length below that of the header", 2, FrameType.cancel, "-3 bytes"],
    ["a DATA frame that is too long", 5 + 40_000, FrameType.data, "40000 bytes"],
    ["a JSON frame that is too long", 0xffff_ffff, FrameType.message, "4294967290 bytes"],
  ])("refuses %s from the header alone", (_name, length, type, found) => {
    const header = Buffer.alloc(9);
    header.writeUInt32BE(length);
    header[8] = type;
    expect(() => parse([header])).toThrow(found);
  });

  it("does not keep a large read buffer alive for a few bytes of a stream", () => {
    const frame = Buffer.concat([dataHeader(1, 3, 2), Buffer.from("ab")]);
    const chunk = Buffer.concat([frame, Buffer.alloc(100_000)]);
    const { frames } = parse([chunk.subarray(0, frame.length)]);
    expect(frames[0]?.payload.buffer).not.toBe(chunk.buffer);
  });

  it("refuses to send more JSON than the other end takes", () => {
    expect(() => jsonFrame(1, FrameType.message, { message: "x".repeat(17 * 1024 * 1024) })).toThrow(
      "expected at most 16777216 bytes of JSON",
    );
  });
});
