import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maximumFrameBytes, type SharedBuffer } from "../../src/wire/frame-batch.ts";
import { Ingress } from "../../src/wire/ingress.ts";
import { stream, unstream } from "./frames.ts";

const frames = fc.array(
  fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(new Uint8Array(maximumFrameBytes).fill(7))),
  { maxLength: 12 },
);

describe("Ingress", () => {
  it("gives every frame once and whole, however the bytes are cut and whoever still writes from a buffer", () => {
    fc.assert(
      fc.property(
        frames,
        fc.infiniteStream(fc.integer({ min: 1, max: 100_000 })),
        fc.infiniteStream(fc.boolean()),
        (sent, cuts, borrow) => {
          const bytes = stream(...sent);
          const ingress = new Ingress();
          const received: Buffer[] = [];
          const borrowed: { owner: SharedBuffer; view: Buffer; copy: Buffer }[] = [];
          for (let offset = 0; offset < bytes.length;) {
            const space = ingress.space();
            const cut = Number(cuts.next().value);
            const size = Math.min(cut, bytes.length - offset, space.length);
            bytes.copy(space, 0, offset, offset + size);
            offset += size;
            expect(ingress.filled(size)).toBeUndefined();
            const { buffer, start, end, frames: count, owner } = ingress.batch;
            const batch = unstream(buffer.subarray(start, end));
            expect(batch.rest).toHaveLength(0);
            expect(batch.frames).toHaveLength(count);
            received.push(...batch.frames.map((frame) => Buffer.from(frame)));
            if (owner !== undefined && count > 0 && borrow.next().value) {
              owner.borrowers += 1;
              const view = buffer.subarray(start, end);
              borrowed.push({ owner, view, copy: Buffer.from(view) });
            }
            ingress.settle();
            for (const { view, copy } of borrowed) expect(view.equals(copy)).toBe(true);
            if (borrowed.length > 3) {
              const back = borrowed.shift();
              if (back !== undefined) back.owner.borrowers -= 1;
            }
          }
          expect(stream(...received).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reports a length that no frame can have, after the frames before it", () => {
    const ingress = new Ingress();
    const bytes = Buffer.concat([stream(Buffer.from("ok")), Buffer.from([0, 1, 0, 15, 1, 2])]);
    bytes.copy(ingress.space());
    expect(ingress.filled(bytes.length)).toBe(maximumFrameBytes + 1);
    expect(ingress.batch.frames).toBe(1);
  });
});
