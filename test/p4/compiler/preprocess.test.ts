import { describe, expect, it } from "vitest";
import { Diagnostics } from "../../../src/p4/compiler/diagnostics/diagnostics.ts";
import { SourceFile } from "../../../src/p4/compiler/diagnostics/source-file.ts";
import { preprocess } from "../../../src/p4/compiler/preprocess/preprocess.ts";

/** The tokens that a text comes to, with one space between them, and what is said about it. */
function preprocessed(
  text: string,
  files: Readonly<Record<string, string>> = {},
  defines: Readonly<Record<string, string>> = {},
): { text: string; messages: readonly string[]; places: readonly string[] } {
  const diagnostics = new Diagnostics();
  const resolve = (path: string): SourceFile | undefined => {
    const found = files[path];
    return found === undefined ? undefined : new SourceFile(path, found);
  };
  const tokens = preprocess(
    new SourceFile("main.p4", text),
    { resolve },
    new Map(Object.entries(defines)),
    diagnostics,
  );
  return {
    text: tokens
      .slice(0, -1)
      .map(({ kind, text: token }) => (kind === "string" ? JSON.stringify(token) : token))
      .join(" "),
    messages: diagnostics.list().map(({ file, line, message }) => `${file}:${line}: ${message}`),
    places: tokens.slice(0, -1).map(({ text: token, span: { file, start } }) => {
      const { line, column } = file.position(start);
      return `${token}@${file.name}:${line}:${column}`;
    }),
  };
}

describe("macros", () => {
  it("without parameters are replaced, also inside each other", () => {
    expect(preprocessed("#define A 1 + B\n#define B 2\nA * A").text).toBe("1 + 2 * 1 + 2");
  });

  it("with parameters take arguments, also over several lines and with parentheses inside", () => {
    expect(preprocessed("#define F(x, y) y - x\nF(f(1, 2),\n 3)").text).toBe("3 - f ( 1 , 2 )");
    expect(preprocessed("#define F() nothing\nF() F").text).toBe("nothing F");
  });

  it("take parameters only from a parenthesis that touches the name", () => {
    expect(preprocessed("#define A (x)\nA").text).toBe("( x )");
  });

  it("make texts of arguments and join words", () => {
    expect(preprocessed("#define S(x) #x\n#define J(a, b) a ## b\nS(a +  b) J(one, two) J(8w, 5)").text).toBe(
      '"a + b" onetwo 8w5',
    );
  });

  it("are not replaced inside of themselves, in texts, or behind #undef", () => {
    expect(preprocessed('#define A A B\nA "A"\n#undef A\nA').text).toBe('A B "A" A');
  });

  it("go over several lines with a backslash", () => {
    expect(preprocessed("#define A 1 \\\n  + 2\nA").text).toBe("1 + 2");
  });

  it("can come from outside", () => {
    expect(preprocessed("PORTS NAME", {}, { PORTS: "16", NAME: "x.y" }).text).toBe("16 x . y");
  });

  it("leave tokens where the macro was used", () => {
    expect(preprocessed("#define A x y\n  A\nz").places).toEqual(["x@main.p4:2:3", "y@main.p4:2:3", "z@main.p4:3:1"]);
  });
});

describe("conditionals", () => {
  it.each([
    ["#if 1 + 1 == 2\nyes\n#else\nno\n#endif", "yes"],
    ["#if 0x10 > 15 && (1 << 4) == 16 || no\nyes\n#endif", "yes"],
    ["#if UNKNOWN\nno\n#elif !defined(UNKNOWN)\nyes\n#else\nno\n#endif", "yes"],
    ["#define A 3\n#if A == 3 && defined A\nyes\n#endif", "yes"],
    ["#ifdef A\nno\n#else\nyes\n#endif", "yes"],
    ["#ifndef A\n#if 0\nno\n#elif 1\nyes\n#elif 1\nno\n#endif\n#else\nno\n#endif", "yes"],
    ["#if 0\n#if 1\nno\n#else\nno\n#endif\n#error no\n#include <no>\n#else\nyes\n#endif", "yes"],
    ["#if -1 < 0 ? 1 : 0\nyes\n#endif", "yes"],
  ])("choose branches: %s", (text, expected) => {
    const { text: result, messages } = preprocessed(text);
    expect(messages).toEqual([]);
    expect(result).toBe(expected);
  });

  it("are complained about when they do not fit together", () => {
    expect(preprocessed("#else\n#elif 1\n#endif\n#if 1\n#else\n#else\n#endif\n#frobnicate\n#if").messages).toEqual([
      "main.p4:1: #else without #if",
      "main.p4:2: #elif without #if",
      "main.p4:3: #endif without #if",
      "main.p4:6: #else after #else",
      "main.p4:8: #frobnicate is no directive",
      "main.p4:9: #if without a condition",
      "main.p4:9: this conditional is never closed",
    ]);
  });
});

describe("included files", () => {
  it("stand where they are included, with places of their own", () => {
    const { places } = preprocessed('a\n#include "b.p4"\nc', { "b.p4": "\n  b" });
    expect(places).toEqual(["a@main.p4:1:1", "b@b.p4:2:3", "c@main.p4:3:1"]);
  });

  it("can guard themselves", () => {
    const guarded = "#ifndef G\n#define G\nonce\n#endif";
    expect(preprocessed("#include <g.p4>\n#include <g.p4>", { "g.p4": guarded }).text).toBe("once");
  });

  it("that are missing or include themselves are reported", () => {
    expect(preprocessed("#include <no.p4>").messages).toEqual(["main.p4:1: cannot find no.p4"]);
    expect(preprocessed('#include "a.p4"', { "a.p4": '#include "a.p4"' }).messages[0]).toMatch(
      /more than 64 levels deep/,
    );
    expect(preprocessed("#include").messages[0]).toMatch(/without a file/);
  });
});

describe("numbers", () => {
  it.each([
    ["0x_FF", undefined, 255n],
    ["8w0b1010_1010", 8, 170n],
    ["4s7", 4, 7n],
    ["0o17", undefined, 15n],
    ["32w0d9", 32, 9n],
    ["1_000", undefined, 1000n],
  ])("are read with base and width: %s", (text, width, value) => {
    const diagnostics = new Diagnostics();
    const [token] = preprocess(new SourceFile("n.p4", text), { resolve: () => undefined }, new Map(), diagnostics);
    expect(token?.integer?.value).toBe(value);
    expect(token?.integer?.width).toBe(width);
    expect(diagnostics.list()).toEqual([]);
  });
});
