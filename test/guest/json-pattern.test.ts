import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { missingFromJson } from "../../src/guest/json-pattern.ts";

describe("a part of a JSON document", () => {
  it("may be any part of it", () => {
    const document = { a: [{ b: 1, c: 2 }, { b: 3 }], d: null };
    expect(missingFromJson(document, {})).toBeUndefined();
    expect(missingFromJson(document, { a: [{ b: 3 }, { c: 2 }] })).toBeUndefined();
    expect(missingFromJson(document, { d: null, a: [] })).toBeUndefined();
  });

  it("is missed by the name of what is not there", () => {
    expect(missingFromJson({}, { "fe80::1": [] })).toBe("the answer has no fe80::1");
    expect(missingFromJson({ "fe80::1": [{ n: 1 }] }, { "fe80::1": [{ n: 1 }, { n: 2 }] })).toBe(
      'fe80::1 has no {"n":2}',
    );
    expect(missingFromJson({ a: { b: 1 } }, { a: { b: 2 } })).toBe("a b is 1");
    expect(missingFromJson({ a: "x" }, { a: ["x"] })).toBe("a is no list");
    expect(missingFromJson([], { a: 1 })).toBe("the answer has no a");
    expect(missingFromJson(null, { a: 1 })).toBe("the answer is no object");
  });

  it("is the whole, too", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        expect(missingFromJson(document, structuredClone(document) as never)).toBeUndefined();
      }),
    );
  });
});
