import fc from "fast-check";
import { describe as suite, expect, test } from "vitest";
import { build, describe, ethernet, explain, ipv6, packet, parse, payload } from "../../src/packet/index.ts";
import { application } from "./arbitrary-application.ts";

const below = [
  ethernet({ dst: "02:00:00:00:00:02", src: "02:00:00:00:00:01" }),
  ipv6({ src: "fe80::1", dst: "fe80::2" }),
];
const anyMessage = application.map((layers) => packet(...below, ...layers));
const belowLength = build(packet(...below)).length;

/** Messages in frames whose lengths are right and whose bytes are not: some changed, some cut off, some too many. */
const damaged = fc
  .tuple(
    anyMessage,
    fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0xc0, 0xff))), { maxLength: 4 }),
    fc.nat(),
    fc.uint8Array({ maxLength: 8 }),
  )
  .map(([whole, changes, cut, extra]) => {
    const [header, ...messages] = whole.layers.slice(below.length);
    const bytes = build(packet(...messages));
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
    const kept = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
    return build(packet(...below, ...(header ? [header] : []), payload(Buffer.concat([kept, extra]))));
  });

suite("a message that is known by its port", () => {
  test("is what is parsed from its bytes, and built to them again", () => {
    fc.assert(
      fc.property(anyMessage, (whole) => {
        expect(parse(build(whole))).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  }, 30_000);

  test("is built to the same bytes, and described, whatever became of it", () => {
    fc.assert(
      fc.property(damaged, (frame) => {
        const parsed = parse(frame);
        expect(build(parsed).toString("hex")).toBe(frame.toString("hex"));
        expect(parsed.layers.some(({ layer }) => layer === "malformed")).toBe(false);
        expect(describe(parsed)).not.toContain("\n");
        expect(explain(parsed)).toContain("\n");
      }),
      { numRuns: 2000 },
    );
  }, 30_000);

  test("cut off at any length crashes nothing", () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { minLength: 1, maxLength: 1 }), ([whole]) => {
        const frame = whole === undefined ? Buffer.alloc(0) : build(whole);
        for (let length = belowLength; length < frame.length; length++) {
          const cut = frame.subarray(0, length);
          expect(build(parse(cut)).equals(cut)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  }, 30_000);
});
