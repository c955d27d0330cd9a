import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitLine, line, lineText, lineWidth, printable, span, textColumns, wrapText } from "../../src/tui/line/line.ts";
import { paintLine } from "../../src/tui/line/palette.ts";
import { bytesText, durationText, shareText, shortNumber, sparkline } from "../../src/tui/model/quantity.ts";
import { tellingLine } from "../../src/tui/pane/frame-panes.ts";
import { paletteOf } from "../../src/tui/terminal/streams.ts";

const text = fc.string({ unit: "grapheme", maxLength: 30 });

test("a line that is fitted has the width that was asked for", () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 4 }), fc.integer({ min: 1, max: 60 }), (texts, width) => {
      const fitted = lineWidth(
        fitLine(
          texts.map((each) => span(printable(each))),
          width,
        ),
      );
      // A character of two columns may not fit into the last one.
      expect(fitted === width || fitted === width - 1).toBe(true);
    }),
  );
});

test("wrapping keeps every word, and no line is wider than asked for", () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 20 }),
      fc.integer({ min: 1, max: 40 }),
      (words, width) => {
        const lines = wrapText(words.join(" "), width);
        expect(lines.every((each) => textColumns(each) <= width)).toBe(true);
        expect(lines.join("").replaceAll(" ", "")).toBe(words.join(""));
      },
    ),
  );
});

test("what comes from outside cannot move the cursor or ring the bell", () => {
  expect(printable("a\u001b[2Jb\u0007\rc\td")).toBe("abc    d");
});

describe("quantities", () => {
  test.each([
    [undefined, "–"],
    [Number.NaN, "–"],
    [0, "0"],
    [0.02, "<0.1"],
    [0.4, "0.4"],
    [12.4, "12"],
    [999.6, "1k"],
    [1234, "1.2k"],
    [340_000, "340k"],
    [5_100_000, "5.1M"],
    [2e9, "2G"],
  ])("%s is %s", (value, expected) => {
    expect(shortNumber(value)).toBe(expected);
  });

  test("what is not known is never a zero", () => {
    for (const format of [shortNumber, shareText, bytesText, durationText]) expect(format(undefined)).toBe("–");
  });

  test("a loss that is there is not rounded away", () => {
    expect([shareText(0), shareText(0.0004), shareText(0.014), shareText(0.33), shareText(1)]).toEqual([
      "0%",
      "<0.1%",
      "1.4%",
      "33%",
      "100%",
    ]);
  });

  test("a graph has the greatest value at its top, and nothing where nothing was", () => {
    expect(sparkline([0, 1, 50, 100], 10)).toBe(" ▁▅█");
    expect(sparkline([], 10)).toBe("");
  });
});

describe("palette", () => {
  const painted = line(span("●", "good"), " ", { text: "x", sgr: "38;2;1;2;3;1" });

  test("colours where there are any", () => {
    expect(paintLine(painted, { color: true, unicode: true })).toBe(
      "\u001b[32m●\u001b[0m \u001b[38;2;1;2;3;1mx\u001b[0m",
    );
  });

  test("weight only where there are none, those of a console left out too", () => {
    expect(paintLine(painted, { color: false, unicode: false })).toBe("* \u001b[1mx\u001b[0m");
  });

  test.each([
    [
      { TERM: "xterm-256color", LANG: "de_DE.UTF-8" },
      { color: true, unicode: true },
    ],
    [
      { TERM: "xterm-256color", LANG: "C" },
      { color: true, unicode: false },
    ],
    [
      { TERM: "screen", NO_COLOR: "1" },
      { color: false, unicode: true },
    ],
    [
      { TERM: "vt220", LC_ALL: "C.UTF-8" },
      { color: false, unicode: true },
    ],
    [{ TERM: "linux" }, { color: true, unicode: false }],
  ])("%o", (environment, expected) => {
    expect(paletteOf(environment)).toEqual(expected);
  });
});

test("of a report of faults the footer tells the first fault, not their number", () => {
  expect(tellingLine("read the wire settings: wire settings: 1 fault\n\nwire settings: loss: not a share")).toBe(
    "wire settings: loss: not a share",
  );
  expect(tellingLine("pause h1: it is paused already\nhint")).toBe("pause h1: it is paused already");
});

test("the text of a line is that of its spans", () => {
  expect(lineText(line("a", span("b", "bad"), "c"))).toBe("abc");
});
