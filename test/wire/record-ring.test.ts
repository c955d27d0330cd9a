import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fates, type Fate } from "../../src/wire/protocol.ts";
import { minimumRingBytes, RecordRing } from "../../src/wire/record-ring.ts";
import { RingReader } from "../../src/wire/ring-reader.ts";
import { numberedFrame, numberOf, stream } from "./frames.ts";

interface Recorded {
  readonly sequence: number;
  readonly frame: Buffer;
  fate: Fate;
  readonly comment: string | undefined;
}

const runs = fc.array(
  fc.record({
    sizes: fc.array(fc.oneof(fc.integer({ min: 4, max: 2000 }), fc.integer({ min: 4, max: 65_550 })), {
      minLength: 1,
      maxLength: 6,
    }),
    gap: fc.nat(5),
    direction: fc.nat(1),
    fate: fc.constantFrom(...fates),
    comment: fc.option(fc.string({ maxLength: 50 }), { nil: undefined }),
    readNow: fc.boolean(),
  }),
  { maxLength: 60 },
);

function readAll(reader: RingReader): Recorded[] {
  const found: Recorded[] = [];
  while (reader.load()) {
    const { ring, frameStart, frameBytes, sequence, run } = reader;
    const frame = Buffer.from(ring.bytes.subarray(frameStart, frameStart + frameBytes));
    found.push({ sequence, frame, fate: fates[run.fate] ?? "delivered", comment: reader.comment() });
    reader.advance();
  }
  return found;
}

describe("RecordRing", () => {
  it("holds the newest frames, in order and unchanged; every reader gets each frame or knows that it was lost", () => {
    fc.assert(
      fc.property(runs, (appended) => {
        const ring = new RecordRing(minimumRingBytes);
        const early = new RingReader(ring, "next");
        const all: Recorded[] = [];
        const readEarly: Recorded[] = [];
        let sequence = 0;
        for (const { sizes, gap, direction, fate, comment, readNow } of appended) {
          sequence += gap;
          const frames = sizes.map((size, index) => numberedFrame(all.length + index, size));
          const bytes = Buffer.concat([Buffer.from("junk"), stream(...frames), Buffer.from("junk")]);
          const label = {
            sequence,
            time: sequence * 10,
            direction,
            fate,
            marks: 0,
            comment: comment === "" ? undefined : comment,
          };
          ring.append(label, bytes, 4, bytes.length - 4, frames.length);
          all.push(
            ...frames.map((frame, index) => ({ sequence: sequence + index, frame, fate, comment: label.comment })),
          );
          sequence += frames.length;
          if (readNow) readEarly.push(...readAll(early));
        }
        readEarly.push(...readAll(early));
        const late = new RingReader(ring, "oldest");
        const held = readAll(late);
        expect(late.lostFrames).toBe(0);
        expect(held).toEqual(all.slice(all.length - held.length));
        expect(held.length).toBe(ring.recordedFrames - ring.evictedFrames);
        expect(ring.evictedThrough).toBe(all[all.length - held.length - 1]?.sequence ?? -1);
        expect(readEarly.length + early.lostFrames).toBe(all.length);
        const kept = held.reduce((sum, { frame }) => sum + frame.length, 0);
        if (ring.evictedFrames > 0) expect(kept).toBeGreaterThan(minimumRingBytes / 4);
      }),
      { numRuns: 25 },
    );
  });

  it("skips to a sequence number as reading up to it would", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 30 }),
        fc.nat(700),
        (counts, target) => {
          const ring = new RecordRing(minimumRingBytes);
          let sequence = 0;
          for (const count of counts) {
            const bytes = stream(...Array.from({ length: count }, (_, index) => numberedFrame(sequence + index)));
            ring.append(
              { sequence, time: 0, direction: 0, fate: "delivered", marks: 0 },
              bytes,
              0,
              bytes.length,
              count,
            );
            sequence += count + 1;
          }
          const reader = new RingReader(ring, "oldest");
          reader.skipTo(target);
          const expected = readAll(new RingReader(ring, "oldest")).filter((record) => record.sequence >= target);
          expect(readAll(reader).map(({ frame }) => numberOf(frame))).toEqual(
            expected.map(({ frame }) => numberOf(frame)),
          );
        },
      ),
    );
  });

  it("corrects the fate of a run that it still holds, and leaves the others alone", () => {
    const ring = new RecordRing(minimumRingBytes);
    const bytes = stream(numberedFrame(1));
    const append = (sequence: number): number =>
      ring.append({ sequence, time: 0, direction: 1, fate: "delivered", marks: 5 }, bytes, 0, bytes.length, 1);
    const first = append(0);
    append(1);
    ring.amend(first, "queue");
    expect(readAll(new RingReader(ring, "oldest")).map(({ fate }) => fate)).toEqual(["queue", "delivered"]);
    const large = stream(numberedFrame(2, 60_000));
    for (let sequence = 2; sequence < 40; sequence += 1) {
      ring.append({ sequence, time: 0, direction: 0, fate: "delivered", marks: 0 }, large, 0, large.length, 1);
    }
    ring.amend(first, "cut");
    expect(readAll(new RingReader(ring, "oldest")).every(({ fate }) => fate === "delivered")).toBe(true);
  });
});
