import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DocumentFaults, parseDocument, type DocumentFault } from "../../src/document/index.ts";
import { deserializeError, describeError, serializeError } from "../../src/error/kestrel-error.ts";

const schema = z.strictObject({
  name: z.string().optional(),
  sizes: z.array(z.number()).optional(),
  people: z.record(z.string(), z.strictObject({ age: z.int().optional() }).nullable()).optional(),
});

function faultsOf(text: string): readonly DocumentFault[] {
  try {
    parseDocument(text, "x.yaml", schema);
  } catch (error) {
    if (error instanceof DocumentFaults) return error.faults;
    throw error;
  }
  return [];
}

describe("parseDocument", () => {
  it("gives the value of a document that fits", () => {
    expect(parseDocument("name: n\nsizes: [1, 2]\n", "x.yaml", schema).value).toEqual({ name: "n", sizes: [1, 2] });
  });

  it("tells all faults at once, each at its place", () => {
    const faults = faultsOf("nmae: n\nsizes: [1, two, 3, four]\npeople:\n  ann: { age: old }\n  bob: { agee: 3 }\n");
    expect(faults.map(({ line, column, message, hint }) => [line, column, message, hint])).toEqual([
      [1, 1, 'unknown key "nmae"', 'did you mean "name"?'],
      [2, 12, 'expected a number, found "two"', undefined],
      [2, 20, 'expected a number, found "four"', undefined],
      [4, 15, 'expected a number, found "old"', undefined],
      [5, 10, 'unknown key "agee"', 'did you mean "age"?'],
    ]);
  });

  it("finds the place of a fault of meaning by its path, or by the nearest entry that is there", () => {
    const document = parseDocument("people:\n  ann: { age: 3 }\n", "x.yaml", schema);
    expect(document.faultAt(["people", "ann", "age"], "m")).toMatchObject({ line: 2, column: 15 });
    expect(document.faultAt(["people", "ann", "age"], "m", undefined, "key")).toMatchObject({ line: 2, column: 10 });
    expect(document.faultAt(["people", "ann", "height"], "m")).toMatchObject({ line: 2, column: 3 });
    expect(document.faultAt(["nowhere"], "m")).toMatchObject({ line: 1, column: 1 });
  });

  it("marks the place under tabs and in lines that are too long to show", () => {
    const [tab] = faultsOf('sizes: [1,\t"x"]\n');
    const [line = "", mark = ""] = tab?.frame?.split("\n") ?? [];
    expect(mark.indexOf("^")).toBe(line.indexOf('"x"'));
    const [long] = faultsOf(`sizes: [${"1, ".repeat(300)}x]\n`);
    const [longLine = "", longMark = ""] = long?.frame?.split("\n") ?? [];
    expect(longLine.length).toBeLessThan(130);
    expect(longMark.indexOf("^")).toBe(longLine.indexOf("x]"));
  });

  it("is an input error that survives being sent to another process", () => {
    let told: unknown;
    try {
      parseDocument("nmae: 1\n", "x.yaml", schema, "read thing");
    } catch (error) {
      told = error;
    }
    expect(told).toMatchObject({ kind: "input", exitCode: 2, explanation: { step: "read thing", subject: "x.yaml" } });
    expect(describeError(deserializeError(serializeError(told)))).toBe(describeError(told));
    expect(JSON.parse(JSON.stringify(told))).toMatchObject({ faults: [{ file: "x.yaml", line: 1, path: ["nmae"] }] });
  });

  it.each([
    ["nothing", "", "the file says nothing: it is empty"],
    ["binary", "\u007fELF\u0001\u0000", "expected text, found the control character U+007F in line 1"],
    ["a megabyte too much", "#".repeat(9 * 1024 * 1024), "expected at most 8 MiB of text, found 9.0 MiB"],
  ])("refuses %s in one fault", (_name, text, message) => {
    expect(faultsOf(text).map((fault) => fault.message)).toEqual([message]);
  });

  it("answers any text with a value or with faults, never with another error", () => {
    const tokens = fc.constantFrom(
      "name",
      "sizes",
      "people",
      ":",
      " ",
      "\n",
      "- ",
      "[",
      "]",
      "{",
      "}",
      ",",
      "1",
      "&a",
      "*a",
      "!t",
      "<<",
      "? ",
      "|",
      '"',
      "'",
      "#",
      "\t",
      "---",
      "%",
      "~",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(tokens, { maxLength: 40 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const lines = text.split("\n").length + 1;
        return faultsOf(text).every(
          ({ line = 1, column = 1, message }) => message !== "" && line <= lines && column > 0,
        );
      }),
      { seed: 1, numRuns: 120 },
    );
  });

  it("refuses endless nesting in one fault", () => {
    const messages = faultsOf("[".repeat(10_000)).map((fault) => fault.message);
    expect(messages).toEqual(["lists and mappings are nested too deeply to be read"]);
  });
});
