import { describe, expect, test } from "vitest";
import type { Action } from "../../src/tui/model/action.ts";
import { viewNames } from "../../src/tui/model/state.ts";
import { tuiBegins } from "../../src/tui/model/begin.ts";
import { textColumns } from "../../src/tui/line/line.ts";
import { twoRacksTour } from "../../src/tui/demo/two-racks-tour.ts";
import { readTopology } from "../../src/topology/index.ts";
import { actionsOf, after, key, recordings, replayed } from "./replay.ts";
import { screenOf } from "./screen.ts";

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 60 },
] as const;

const viewKeys: readonly Action[] = viewNames.map((_, index) => key(String(index + 1)));

describe.each(recordings)("%s", (recording) => {
  test.each(sizes)("every view fits $columns x $rows, and has its header and footer", async (size) => {
    const state = replayed(recording, size);
    for (const [index, view] of viewNames.entries()) {
      const { state: shown } = after(state, { type: "tick", now: state.now + 60_000 }, viewKeys[index] ?? key("1"));
      const lines = await screenOf(shown);
      expect(lines).toHaveLength(size.rows);
      expect(lines.filter((line) => textColumns(line) > size.columns)).toEqual([]);
      expect(lines[0]).toContain(` ${index + 1} ${view} `);
      expect(lines[0]).toContain(recording);
      expect(lines.at(-1)).toContain("help");
      expect(lines.join("\n")).not.toMatch(/undefined|NaN|\[object|null/);
      // Beyond header and footer there is something in every view.
      expect(lines.slice(1, -1).join("").trim()).not.toBe("");
    }
  });

  test("the rack view shows every node and every wire", async () => {
    const state = after(replayed(recording, { columns: 120, rows: 40 }), key("2")).state;
    const text = (await screenOf(state)).join("\n");
    for (const name of state.bed?.nodes.keys() ?? []) expect(text).toContain(`● ${name}`);
    for (const name of state.bed?.wires.keys() ?? []) expect(text).toContain(name.slice(0, 20));
  });

  test("of what is only planned nothing is known, and nothing is zero", async () => {
    const attached = actionsOf(recording).find(({ type }) => type === "attached");
    if (attached === undefined) throw new Error("nobody attached to it");
    for (const size of sizes) {
      const { state } = after(tuiBegins(size, 0), attached);
      for (const press of ["2", "3", "4"]) {
        const lines = await screenOf(after(state, key(press)).state);
        const body = lines.slice(1, -1).join("\n");
        expect(body).toContain("–");
        expect(body).not.toMatch(/(?<![\w.:/-])0( |\/s|%|bit|$)/m);
      }
    }
  });
});

test("20 x 5 gets a sentence", async () => {
  const lines = await screenOf(replayed("routed", { columns: 20, rows: 5 }));
  expect(lines.join(" ").replaceAll(/\s+/g, " ")).toBe("20x5 is too small: kestrel needs 60x16. q quits. ");
});

test("a window that is made small and large again shows what it showed", async () => {
  const state = after(replayed("routed", { columns: 80, rows: 24 }), key("2")).state;
  const before = await screenOf(state);
  const small = after(state, { type: "resize", columns: 20, rows: 5 });
  expect((await screenOf(small.state)).join("")).toContain("too small");
  expect(await screenOf(after(small.state, { type: "resize", columns: 80, rows: 24 }).state)).toEqual(before);
});

test("a launch shows each node's state while it comes up", async () => {
  const state = replayed(
    "routed",
    { columns: 80, rows: 24 },
    (action) =>
      action.type === "launch-events" &&
      action.events.some((event) => event.type === "node" && event.state === "ready"),
  );
  const text = (await screenOf(state)).join("\n");
  expect(text).toContain("launch of routed");
  expect(text).toContain("0 of 3 nodes ready");
  for (const name of ["h1", "r1", "h2"])
    expect(text).toMatch(new RegExp(`[◐○?] ${name} +(starting|identifying|settling)`));
});

test("without colours the screen says the same", async () => {
  const state = after(replayed("routed", { columns: 80, rows: 24 }), key("2")).state;
  expect(await screenOf(state, { color: false, unicode: true })).toEqual(await screenOf(state));
});

test("a terminal of ASCII gets ASCII, in the same places", async () => {
  const state = after(replayed("routed", { columns: 80, rows: 24 }), key("2")).state;
  const lines = await screenOf(state, { color: false, unicode: false });
  expect(lines.join("")).toMatch(/^[ -~]*$/);
  const unicode = await screenOf(state);
  expect(lines.map((line) => line.trimEnd().length)).toEqual(unicode.map((line) => line.trimEnd().length));
});

test("a testbed that vanishes leaves a sentence, and its last picture", async () => {
  const state = after(replayed("routed", { columns: 80, rows: 24 }), key("2")).state;
  const lost = after(
    state,
    { type: "tick", now: state.now + 10_000 },
    { type: "lost", bed: "routed", reason: "testbed routed has ended" },
  );
  const lines = await screenOf(lost.state);
  expect(lines[0]).toContain("✖ gone");
  expect(lines.at(-1)).toContain("testbed routed has ended");
  expect(lines.join("\n")).toContain("● r1");
});

test("an event stream that stops is said to be silent", async () => {
  const state = replayed("routed", { columns: 120, rows: 40 });
  const lines = await screenOf(after(state, { type: "tick", now: state.now + 90_000 }).state);
  expect(lines[0]).toMatch(/silent for 1 min \d+ s/);
});

test("a tour is announced while its machines come up, and every node's way there is seen above it", async () => {
  const { topology, parameters = {} } = twoRacksTour;
  const plan = await readTopology(new URL(`../../topologies/${topology}`, import.meta.url).pathname, { parameters });
  const about = { time: 1000, elapsedMs: 1000 };
  const { state } = after(
    tuiBegins({ columns: 80, rows: 24 }, 0),
    { type: "demo", tour: twoRacksTour },
    { type: "launch-begins", name: "two-racks", file: topology, plan, expectedMs: 53_000 },
    {
      type: "launch-events",
      events: [
        { ...about, sequence: 1, type: "phase", phase: "nodes", message: "start 6 nodes" },
        { ...about, sequence: 2, type: "node", node: "rack0-sled0", state: "settling", message: "waits for ddmd" },
      ],
    },
    { type: "tick", now: 3000 },
  );
  const text = (await screenOf(state)).join("\n");
  expect(text).toContain("A tour in 8 steps. It begins when all machines are up");
  expect(text).toMatch(/0 of 6 nodes ready, about 50 s to go/);
  expect(text).toMatch(/◐ rack0-sled0 +settling +1\.0 s +waits for ddmd/);
  expect(text).toMatch(/– rack1-switch1 +not begun/);
});
