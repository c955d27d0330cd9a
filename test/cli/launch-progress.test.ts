import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import pico from "picocolors";
import { describe, expect, test } from "vitest";
import { eventLine } from "../../src/cli/event-line.ts";
import { advance, launchBegins } from "../../src/cli/launch/launch-progress.ts";
import { renderLive } from "../../src/cli/launch/live-view.ts";
import { progressDisplay } from "../../src/cli/launch/progress-display.ts";
import { table } from "../../src/cli/table.ts";
import { fit, visibleWidth } from "../../src/text/columns.ts";
import type { Happening, NodeState, TestbedEvent } from "../../src/testbed/protocol.ts";
import { memoryTerminal } from "./memory-terminal.ts";

const plain = pico.createColors(false);
const coloured = pico.createColors(true);

/** A launch as a supervisor told it: an image is built, two nodes come up, one fails. */
const recorded: readonly TestbedEvent[] = (
  [
    [0, { type: "phase", phase: "image", message: "prepare the images" }],
    [10, { type: "progress", step: "image base: packages", message: "unpack the essential packages", fraction: 0.15 }],
    [900, { type: "progress", step: "image base: packages", message: "unpack the essential packages", fraction: 0.2 }],
    [1500, { type: "notice", message: "KVM is not usable, guests are emulated: no /dev/kvm" }],
    [2000, { type: "phase", phase: "nodes", message: "start 2 nodes" }],
    [2010, { type: "progress", step: "template for h1", message: "booting the template machine" }],
    [2020, { type: "node", node: "r1", state: "waiting" }],
    [4000, { type: "node", node: "h1", state: "starting" }],
    [4200, { type: "node", node: "h1", state: "ready" }],
    [4300, { type: "node-failed", node: "r1", error: { message: "QEMU died\nwith more lines" } }],
  ] satisfies [number, Happening][]
).map(([elapsedMs, happening], index) => ({
  sequence: index + 1,
  time: 1_700_000_000_000 + elapsedMs,
  elapsedMs,
  ...happening,
}));

const progressAfter = (events: readonly TestbedEvent[]) => events.reduce(advance, launchBegins);

describe("the live view at 80 columns", () => {
  test("while the image is built", () => {
    const lines = renderLive("routed", progressAfter(recorded.slice(0, 3)), { columns: 80, tick: 0, colors: plain });
    expect(lines).toEqual([
      "⠋ routed: prepare the images · 900 ms",
      "  ⠋ image base: packages ████░░░░░░░░░░░░░░░░  20 % unpack the essential packa…",
    ]);
  });

  test("while nodes come up", () => {
    const lines = renderLive("routed", progressAfter(recorded.slice(0, 8)), { columns: 80, tick: 1, colors: plain });
    expect(lines).toEqual(["⠙ routed: start 2 nodes · 4.0 s", "  · r1  waiting", "  ⠙ h1  starting"]);
  });

  test("at the end, with one that failed", () => {
    const lines = renderLive("routed", progressAfter(recorded), { columns: 80, tick: 2, colors: plain });
    expect(lines).toEqual(["⠹ routed: start 2 nodes · 4.3 s", "  ✖ r1  failed       QEMU died", "  ✔ h1  ready"]);
  });

  test("many nodes are counted, those that move are shown", () => {
    const events = Array.from({ length: 64 }, (_, index): TestbedEvent => {
      const state: NodeState = index < 50 ? "ready" : index < 63 ? "settling" : "waiting";
      return { sequence: index, time: 0, elapsedMs: 0, type: "node", node: `n${index}`, state };
    });
    const lines = renderLive("big", progressAfter(events), { columns: 80, tick: 0, colors: plain });
    expect(lines[1]).toBe("  50 of 64 nodes ready");
    expect(lines).toHaveLength(15);
    expect(lines.at(-1)).toBe("  … and 1 more");
  });

  test("no line is wider than the terminal, whatever the names and messages", () => {
    const word = fc.string({ unit: "grapheme-ascii", maxLength: 200 });
    fc.assert(
      fc.property(
        word,
        word,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 20, max: 200 }),
        (name, message, fraction, columns) => {
          const progress = [
            { type: "phase", phase: "image", message } as const,
            { type: "progress", step: name, message, fraction } as const,
            { type: "node", node: name, state: "settling", message } as const,
          ]
            .map((happening, sequence): TestbedEvent => ({ sequence, time: 0, elapsedMs: 0, ...happening }))
            .reduce(advance, launchBegins);
          for (const line of renderLive(name, progress, { columns, tick: 3, colors: coloured })) {
            expect(visibleWidth(line)).toBeLessThan(columns);
          }
        },
      ),
    );
  });
});

describe("what is shown of a recorded launch", () => {
  test("without a terminal: a line an event, steps not again for each percent", () => {
    const { terminal, stderr, stdout } = memoryTerminal();
    using display = progressDisplay("routed", terminal);
    for (const event of recorded) display.show(event);
    expect(stdout()).toBe("");
    expect(stderr()).toBe(
      [
        "   0.00 s  image  prepare the images",
        "   0.01 s  image base: packages  unpack the essential packages (15 %)",
        "   1.50 s  notice  KVM is not usable, guests are emulated: no /dev/kvm",
        "   2.00 s  nodes  start 2 nodes",
        "   2.01 s  template for h1  booting the template machine",
        "   2.02 s  r1  waiting",
        "   4.00 s  h1  starting",
        "   4.20 s  h1  ready",
        "   4.30 s  r1  failed: QEMU died",
        "",
      ].join("\n"),
    );
  });

  test("a terminal in CI is no terminal", () => {
    const { terminal, stderr } = memoryTerminal({ columns: 80, environment: { CI: "true", NO_COLOR: "1" } });
    using display = progressDisplay("routed", terminal);
    for (const event of recorded) display.show(event);
    expect(stderr()).not.toContain("\u001b[");
  });

  test("on a terminal: what is drawn is erased, what matters stays, the cursor comes back", () => {
    const { terminal, stderr } = memoryTerminal({ columns: 80 });
    const display = progressDisplay("routed", terminal);
    for (const event of recorded) display.show(event);
    display[Symbol.dispose]();
    const screen = replay(stderr());
    expect(screen).toEqual([
      "   1.50 s  notice  KVM is not usable, guests are emulated: no /dev/kvm",
      "   4.30 s  r1  failed: QEMU died",
    ]);
    expect(stderr().endsWith("\u001b[?25h")).toBe(true);
  });
});

test("events tell only the first line of long messages", () => {
  for (const event of recorded) expect(eventLine(event, plain)).not.toContain("\n");
});

test("tables are aligned by what is visible", () => {
  const text = table(
    [
      [coloured.red("a"), "b"],
      ["longer", coloured.green("c")],
    ],
    ["X", "Y"],
    coloured,
  );
  expect(stripVTControlCharacters(text)).toBe("X       Y\na       b\nlonger  c");
});

test("fit never exceeds its width and keeps what fits", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
      expect(visibleWidth(fit(text, columns))).toBeLessThanOrEqual(Math.max(columns, 0));
      if (visibleWidth(text) === Array.from(text).length && Array.from(text).length <= columns)
        expect(fit(text, columns)).toBe(text);
    }),
  );
});

/** What a terminal shows after these bytes: understands newline, "up and to the line's start" and "erase below". */
function replay(bytes: string): readonly string[] {
  const lines: string[] = [""];
  let row = 0;
  for (const [part] of bytes.matchAll(/\u001b\[(?:(\d+)F|J|\?25[lh]|[\d;]*m)|\n|[^\u001b\n]+/g)) {
    if (part === "\n") {
      row += 1;
      lines[row] ??= "";
    } else if (part.endsWith("F") && part.startsWith("\u001b")) {
      row -= Number(/\d+/.exec(part)?.[0]);
    } else if (part === "\u001b[J") {
      lines.length = row + 1;
      lines[row] = "";
    } else if (!part.startsWith("\u001b")) {
      lines[row] = (lines[row] ?? "") + part;
    }
  }
  return lines.filter((line) => line !== "");
}
