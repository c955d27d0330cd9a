import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInput, type TerminalInput } from "../../src/tui/terminal/key-parser.ts";

function names(text: string): readonly string[] {
  return parseInput(text, true).inputs.map((input) =>
    input.type === "key" ? input.key.name : `mouse ${input.mouse.type}`,
  );
}

test.each([
  ["a", ["a"]],
  ["A é ✔", ["A", "space", "é", "space", "✔"]],
  ["\r\n\t\u007f", ["enter", "enter", "tab", "backspace"]],
  ["\u0003\u0010\u001d", ["ctrl+c", "ctrl+p", "ctrl+}"]],
  ["\u001b[A\u001bOB\u001b[1;5C\u001b[D", ["up", "down", "right", "left"]],
  ["\u001b[5~\u001b[6~\u001b[Z\u001bOP", ["pageup", "pagedown", "shift+tab", "f1"]],
  ["\u001b", ["escape"]],
  ["\u001b\u001b", ["escape", "escape"]],
  ["\u001bx", ["alt+x"]],
  ["\u001b[<0;12;3M\u001b[<0;12;3m\u001b[<64;1;1M", ["mouse press", "mouse wheel-up"]],
  ["\u001b[200~ls -l\r\n\u001b[201~q", ["paste", "q"]],
  ["\u001b[99;9x", ["unknown"]],
] as const)("%j", (text, expected) => {
  expect(names(text)).toEqual(expected);
});

test("a click has its place, from 0", () => {
  const [click] = parseInput("\u001b[<0;12;3M", true).inputs;
  expect(click).toEqual({ type: "mouse", mouse: { type: "press", x: 11, y: 2 } });
});

test("pasted text is one key that types all of it, and lines do not run it", () => {
  const [pasted] = parseInput("\u001b[200~a\nb\u001b[201~", true).inputs;
  expect(pasted).toMatchObject({ key: { name: "paste", text: "a b" } });
});

test("keys are the same however the terminal cuts what it sends", () => {
  const piece = fc.constantFrom(
    "a",
    " ",
    "\r",
    "é",
    "\u001b[A",
    "\u001bOB",
    "\u001b[5~",
    "\u001b[<0;3;4M",
    "\u001b[200~x y\u001b[201~",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 6 }), (pieces, cuts) => {
      const text = pieces.join("");
      const whole = parseInput(text, true).inputs;
      const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
      const inputs: TerminalInput[] = [];
      let rest = "";
      for (const [index, end] of [...at, text.length].entries()) {
        const parsed = parseInput(rest + text.slice(index === 0 ? 0 : at[index - 1], end), false);
        inputs.push(...parsed.inputs);
        rest = parsed.rest;
      }
      inputs.push(...parseInput(rest, true).inputs);
      expect(inputs).toEqual(whole);
    }),
  );
});

test("no input makes the parser fail or hang, and nothing is kept when it is complete", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("\u001b", "[", "<", "M", "O", "~", ";", "1", "x", "200~", "201~") }),
      (text) => {
        expect(parseInput(text, true).rest).toBe("");
      },
    ),
  );
});
