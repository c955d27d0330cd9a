import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { programsFolder, tryCompile } from "./compile-program.ts";
import { referenceFaults } from "./json-references.ts";

const sources = readdirSync(programsFolder)
  .filter((file) => file.endsWith(".p4"))
  .map((file) => ({ path: join(programsFolder, file), text: readFileSync(join(programsFolder, file), "utf8") }));

/** Words and marks of a program, with what is between them. */
function split(text: string): readonly string[] {
  return text.match(/\w+|\s+|[^\w\s]/g) ?? [];
}

const words = [...new Set(sources.flatMap(({ text }) => split(text)))];

/** Either there is JSON that holds together, or an error says why not; nothing is thrown. */
function expectAnswer(text: string, path?: string): void {
  const { json, diagnostics } = tryCompile(text, path);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  expect(json === undefined).toBe(errors.length > 0);
  if (json !== undefined) expect(referenceFaults(json)).toEqual([]);
  for (const { line, column, message } of diagnostics) {
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    expect(message).not.toMatch(/undefined|\[object|NaN/);
  }
}

/** Replaces, removes or doubles a word of a program. */
const change = fc.record({
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  kind: fc.constantFrom("remove", "double", "replace", "insert"),
  word: fc.constantFrom(...words),
});

/** Thousands of programs take a while on a busy machine. */
describe("whatever the text", { timeout: 60_000 }, () => {
  it("a program with changed words compiles or is refused", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        ({ path, text }, changes) => {
          const tokens = [...split(text)];
          for (const { at, kind, word } of changes) {
            const index = Math.floor(at * tokens.length);
            const old = tokens[index] ?? "";
            const added =
              kind === "remove" ? [] : kind === "double" ? [old, old] : kind === "replace" ? [word] : [old, " ", word];
            tokens.splice(index, 1, ...added);
          }
          expectAnswer(tokens.join(""), path);
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it("words in any order are refused", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 60 }), (chosen) => {
        expectAnswer(chosen.join(" "));
      }),
      { numRuns: 80, seed: 1 },
    );
  });

  it("any characters are refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expectAnswer(text);
        expectAnswer(`#include <v1model.p4>\n${text}`);
      }),
      { numRuns: 80, seed: 1 },
    );
  });

  it("deep nesting and long chains are refused or compiled, not a crash", () => {
    const [router] = sources.filter(({ path }) => path.endsWith("ipv4-router.p4"));
    const within = (expression: string): string => (router?.text ?? "").replace("hdr.ipv4.ttl - 1", expression);
    expectAnswer(within(`${"(".repeat(5000)}1${")".repeat(5000)}`));
    expectAnswer(within(Array.from({ length: 20_000 }, () => "hdr.ipv4.ttl").join(" + ")));
    expectAnswer(within(`${"~".repeat(5000)}hdr.ipv4.ttl`));
    expectAnswer(`#include <core.p4>\n${"control c(".repeat(3000)}`);
    expectAnswer(`header h { bit<${"bit<".repeat(3000)}`);
    expectAnswer("{".repeat(10_000));
    expectAnswer(`const bit<32> a = 32w1 << ${"1 << ".repeat(300)}1;`);
  });

  it("functions and loops that multiply each other are refused", () => {
    const [router] = sources.filter(({ path }) => path.endsWith("ipv4-router.p4"));
    const functions = Array.from({ length: 25 }, (_, index) =>
      index === 0
        ? "bit<8> f0(in bit<8> x) { return x + 1; }"
        : `bit<8> f${index}(in bit<8> x) { return f${index - 1}(x) + f${index - 1}(x); }`,
    ).join("\n");
    const text = (router?.text ?? "")
      .replace("hdr.ipv4.ttl - 1", "f24(hdr.ipv4.ttl)")
      .replace("control RouterIngress", `${functions}\ncontrol RouterIngress`);
    expectAnswer(text);
    const shifts = `${"(1 << (hdr.ipv4.dst << ".replace("1", "32w1").repeat(60)}1${"))".repeat(60)}`;
    expectAnswer((router?.text ?? "").replace("meta.next_hop = hdr.ipv4.dst", `meta.next_hop = ${shifts}`));
  });

  it("macros that grow without end are refused", () => {
    const doubling = Array.from({ length: 40 }, (_, index) => `#define M${index + 1} M${index} M${index}`).join("\n");
    expectAnswer(`#define M0 x\n${doubling}\nM40`);
    expectAnswer("#define A B\n#define B A\nA");
    expectAnswer("#define F(x) F(x x)\nF(1)");
  });
});
