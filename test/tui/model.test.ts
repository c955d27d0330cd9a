import { describe, expect, test } from "vitest";
import { routedTour } from "../../src/tui/demo/routed-tour.ts";
import { tours } from "../../src/tui/demo/tours.ts";
import { readTopology } from "../../src/topology/index.ts";
import { lineText } from "../../src/tui/line/line.ts";
import type { Action } from "../../src/tui/model/action.ts";
import { tuiBegins } from "../../src/tui/model/begin.ts";
import { commandsOf } from "../../src/tui/model/palette.ts";
import type { ServiceStatus } from "../../src/tui/model/public-api.ts";
import type { TuiState } from "../../src/tui/model/state.ts";
import { placedPanes, clickAt } from "../../src/tui/layout/screen.ts";
import { afterRunEvent, runBegins } from "../../src/tui/model/flow.ts";
import { actionsOf, after, key, replayed, typed } from "./replay.ts";

const size = { columns: 120, rows: 40 };

function rack(): TuiState {
  return after(replayed("routed", size), key("2")).state;
}

describe("views", () => {
  test("a number shows its view; what only the view before needed is let go", () => {
    const wire = after(rack(), key("4"));
    expect(wire.effects).toEqual([{ type: "follow-frames", wire: "h1:net0--r1:net0" }]);
    expect(after(wire.state, key("2")).effects).toEqual([{ type: "leave-frames" }]);
  });

  test("without a testbed there is no rack, and a sentence says why", () => {
    const { state } = after(tuiBegins(size, 0), key("2"));
    expect([state.view, state.notice?.kind]).toEqual(["launch", "problem"]);
  });

  test("enter opens what is selected, escape goes back", () => {
    const node = after(
      rack(),
      key("down"),
      key("right"),
      { type: "select", selection: { kind: "node", name: "h2" }, open: false },
      key("enter"),
    );
    expect(node.state.view).toBe("node");
    expect(node.effects).toContainEqual({ type: "inspect", node: "h2" });
    expect(after(node.state, key("escape")).state.view).toBe("rack");
    expect(after(rack(), key("tab"), key("enter")).state.view).toBe("wire");
  });

  test("a click selects, a second one opens", () => {
    const state = rack();
    const panes = placedPanes(state);
    const drawing = panes.find(({ name }) => name === "drawing");
    const spot = drawing?.pane.targets?.find(({ click }) => click.type === "select" && click.selection.name === "r1");
    if (drawing === undefined || spot === undefined) throw new Error("r1 is not drawn");
    const click = clickAt(panes, drawing.area.x + spot.area.x + 1, drawing.area.y + spot.area.y + 1);
    if (click === undefined) throw new Error("nothing there");
    const selected = after(state, click).state;
    expect(selected.selection).toEqual({ kind: "node", name: "r1" });
    const again = clickAt(placedPanes(selected), drawing.area.x + spot.area.x + 1, drawing.area.y + spot.area.y + 1);
    if (again === undefined) throw new Error("nothing there");
    expect(after(selected, again).state.view).toBe("node");
    expect(clickAt(panes, 21, 0)).toEqual({ type: "view", view: "node" });
  });
});

describe("cables and machines", () => {
  const wire = (): TuiState => after(rack(), key("tab")).state;

  test.each([
    ["d", [{ type: "carrier", wire: "h1:net0--r1:net0", up: false }]],
    ["c", [{ type: "silence", wire: "h1:net0--r1:net0", cut: true }]],
    ["f", [{ type: "flap", wire: "h1:net0--r1:net0", on: true }]],
  ] as const)("%s on a wire", (press, effects) => {
    expect(after(wire(), key(press)).effects).toEqual(effects);
  });

  test("impairments are typed as the command line has them", () => {
    const { effects } = after(wire(), key("i"), key("ctrl+u"), ...typed("loss=1% delay=5ms"), key("enter"));
    expect(effects).toEqual([
      { type: "impair", wire: "h1:net0--r1:net0", words: ["clean", "loss=1%", "delay=5ms"], direction: undefined },
    ]);
  });

  test("impairments are edited where they are: what is taken out is gone, and clean clears all", () => {
    const words = (...keys: readonly Action[]): unknown =>
      after(wire(), key("i"), ...keys, key("enter")).effects.map((effect) => effect.type === "impair" && effect.words);
    expect(words()).toEqual([["clean", "delay=5ms", "loss=30%"]]);
    expect(words(key("ctrl+w"), ...typed("mtu=900"))).toEqual([["clean", "delay=5ms", "mtu=900"]]);
    expect(words(...typed("clean"))).toEqual([["clean"]]);
    expect(words(key("ctrl+u"))).toEqual([["clean"]]);
  });

  test("what is typed can be corrected, and escape forgets it", () => {
    const { effects, state } = after(wire(), key("i"), ...typed("lossy"), key("backspace"), key("escape"));
    expect([effects, state.overlay]).toEqual([[], undefined]);
  });

  test("killing asks first", () => {
    const asked = after(rack(), key("K"));
    expect(asked.effects).toEqual([]);
    expect(after(asked.state, key("n")).effects).toEqual([]);
    expect(after(asked.state, key("y")).effects).toEqual([{ type: "act", node: "h1", verb: "kill" }]);
  });
});

describe("console", () => {
  const opened = after(rack(), key("enter"), key("c"));

  test("it is opened in the size of its pane", () => {
    expect(opened.effects).toContainEqual({ type: "open-console", node: "h1", columns: 69, rows: 37 });
  });

  test("keys are typed into it as they came, until Ctrl-]", () => {
    const attached = after(opened.state, key("enter"));
    expect(after(attached.state, key("q"), key("escape")).effects).toEqual([
      { type: "type", text: "q" },
      { type: "type", text: "\u001b" },
    ]);
    const left = after(attached.state, { type: "key", key: { name: "ctrl+}", text: "", raw: "\u001d" } });
    expect(left.effects).toEqual([]);
    expect(after(left.state, key("q")).effects).toEqual([{ type: "quit" }]);
  });

  test("one that has ended is opened again", () => {
    const ended = after(opened.state, { type: "console-ended", node: "h1", reason: "it has ended" });
    expect(after(ended.state, key("enter")).effects).toContainEqual(expect.objectContaining({ type: "open-console" }));
  });
});

test("frames can be held, filtered and explained", () => {
  const state = replayed("routed", size, ({ type }) => type === "frames");
  const frames = actionsOf("routed").find((action) => action.type === "frames");
  if (frames?.type !== "frames") throw new Error("no frames were recorded");
  const far = after(state, { type: "select", selection: { kind: "wire", name: frames.wire }, open: true }).state;
  const seen = after(far, frames).state;
  expect(seen.wire.frames.length).toBeGreaterThan(0);
  const held = after(seen, key("space"), frames).state;
  expect(held.wire.frames).toEqual(seen.wire.frames);
  const explained = after(seen, key("up")).state;
  expect([explained.wire.paused, explained.wire.explained]).toEqual([true, seen.wire.frames.at(-1)?.sequence]);
  expect(after(explained, key("escape")).state.wire).toMatchObject({ paused: false, explained: undefined });
});

describe("a trace between two ends", () => {
  test("offers both ends, the likely ones first, and shows the outcome", () => {
    const { state, effects } = after(rack(), key("5"), key("t"), key("enter"), key("enter"));
    expect(effects).toContainEqual({ type: "trace", from: "h1:net0", to: "h2" });
    expect([state.view, state.flow.shown, state.overlay]).toEqual(["flow", "trace", undefined]);
  });

  test("takes any port and any node, found by their words, or an address", () => {
    const chosen = after(rack(), key("5"), key("t"), ...typed("r1 net1"), key("enter"), ...typed("h1"), key("enter"));
    expect(chosen.effects).toContainEqual({ type: "trace", from: "r1:net1", to: "h1" });
    const address = after(rack(), key("5"), key("t"), key("enter"), ...typed("fd00:2::1"), key("enter"));
    expect(address.effects).toContainEqual({ type: "trace", from: "h1:net0", to: "fd00:2::1" });
  });

  test("begins in the rack at the selected node, and a click chooses", () => {
    const asked = after(rack(), key("t")).state;
    expect(asked.overlay).toMatchObject({ kind: "ends", from: "h1:net0" });
    const list = placedPanes(asked).find(({ name }) => name === "ends");
    const [first] = list?.pane.targets ?? [];
    if (list === undefined || first === undefined) throw new Error("nothing to choose");
    const click = clickAt([list], list.area.x + 3, list.area.y + first.area.y);
    if (click === undefined) throw new Error("nothing there");
    expect(after(asked, click).effects).toContainEqual({ type: "trace", from: "h1:net0", to: "r1" });
  });

  test("nothing is sent where nothing has the words", () => {
    const { state, effects } = after(rack(), key("t"), ...typed("nobody"), key("enter"));
    expect([effects, state.overlay?.kind]).toEqual([[], "ends"]);
  });
});

test("commands that were run are there again on the exec prompt", () => {
  const run = (text: string): readonly Action[] => [key("enter"), ...typed(text), key("enter")];
  const { state } = after(rack(), key("enter"), key("e"), ...run("hostname"), ...run("ip route"));
  const input = (...keys: readonly Action[]): unknown => after(state, key("enter"), ...keys).state.overlay;
  expect(input(key("up"))).toMatchObject({ input: "ip route" });
  expect(input(key("up"), key("up"), key("up"))).toMatchObject({ input: "hostname" });
  expect(input(key("up"), key("down"))).toMatchObject({ input: "" });
});

test("facts that do not fit are scrolled, and no further than there are any", () => {
  const { state } = after(replayed("routed", { columns: 80, rows: 16 }), key("2"), key("enter"), key("o"), {
    type: "facts",
    facts: {
      ...{ node: "h1", jiffies: undefined, cpu: undefined, memory: undefined, load: undefined },
      ...{ services: undefined, optePorts: undefined, tables: [] },
      routes: Array.from({ length: 20 }, (_, index) => `10.0.${index}.0/24 dev net0`),
    },
  });
  const down = Array.from({ length: 90 }, () => key("down"));
  const end = after(state, ...down).state;
  expect(end.node.scroll).toBeGreaterThan(5);
  expect(after(end, key("up")).state.node.scroll).toBe(end.node.scroll - 1);
  const facts = (of: TuiState): string =>
    (placedPanes(of).find(({ name }) => name === "facts")?.pane.lines ?? []).map(lineText).join("\n");
  expect(facts(state)).toMatch(/\d+ more lines/);
  expect(facts(end)).toContain("10.0.19.0/24");
  expect(facts(end)).not.toContain("more lines");
});

test("a service that was to run once and has run well is done, and not failed", () => {
  const service = (name: string, exitCode: number): ServiceStatus => ({
    ...{ name, state: "failed", pid: null, restarts: 0 },
    exit: { exitCode, signal: null, timedOut: false },
  });
  const { state } = after(rack(), key("enter"), {
    type: "facts",
    facts: {
      ...{ node: "h1", jiffies: undefined, cpu: undefined, memory: undefined, load: undefined, routes: undefined },
      ...{ optePorts: undefined, tables: [], services: [service("set-up", 0), service("ddmd", 1)] },
    },
  });
  const facts = (placedPanes(state).find(({ name }) => name === "facts")?.pane.lines ?? []).map(lineText).join("\n");
  expect(facts).toMatch(/✔ set-up +done/);
  expect(facts).toMatch(/✖ ddmd +failed/);
});

test("what was done is told until the next key, what went wrong longer", () => {
  const told = (kind: "done" | "problem"): unknown =>
    after(rack(), { type: "notice", text: "so it is", kind }, key("down")).state.notice?.text;
  expect([told("done"), told("problem")]).toEqual([undefined, "so it is"]);
});

test("the palette finds nodes, wires and commands by their words", () => {
  const state = rack();
  expect(commandsOf(state, "r1 node").map(({ title }) => title)).toContain("node r1");
  const opened = after(state, key(":"), ...typed("node r1"), key("enter")).state;
  expect([opened.view, opened.selection, opened.overlay]).toEqual(["node", { kind: "node", name: "r1" }, undefined]);
});

test("quitting while something is unfinished asks first", () => {
  expect(after(rack(), key("q")).effects).toEqual([{ type: "quit" }]);
  const running = after(rack(), key("5"), { type: "flow-files", files: ["a.flow.ts"] }, key("enter"));
  expect(running.effects).toContainEqual({ type: "run-flows", files: ["a.flow.ts"] });
  const asked = after(running.state, key("q"));
  expect(asked.effects).toEqual([]);
  expect(after(asked.state, key("y")).effects).toEqual([{ type: "quit" }]);
});

test("a run is told flow by flow, with its failures", () => {
  const flow = { file: "a.flow.ts", name: "one" };
  const failures = [{ message: "expected 63, found 64", diff: "- 63\n+ 64" }];
  const round = {
    round: 1,
    state: "failed",
    startedAt: 0,
    durationMs: 12,
    failures,
    leftBehind: [],
    underWay: [],
    evidence: [],
  } as const;
  const run = [
    { type: "begins", seed: "s", files: 1, rounds: 1 },
    { type: "flow-begins", flow },
    { type: "flow-ends", flow, round },
  ] as const;
  expect(run.reduce(afterRunEvent, runBegins)).toMatchObject({
    seed: "s",
    flows: [{ ...flow, round }],
    ended: undefined,
  });
});

describe("tour", () => {
  const begun = (): TuiState => after(rack(), { type: "demo", tour: routedTour }).state;

  test("each step does its deed on one key, and waits for its fact", () => {
    const first = after(begun(), key("space"));
    expect(first.state.demo).toMatchObject({ at: 0, outcome: "done" });
    const second = after(first.state, key("space"));
    expect(second.state.demo).toMatchObject({ at: 1, outcome: "waiting" });
    expect(second.effects).toContainEqual({ type: "tour-commands", begin: routedTour.steps[1]?.background, end: [] });
    // Until the fact is there the key does nothing.
    expect(after(second.state, key("space")).state.demo?.at).toBe(1);
  });

  test("a fact that does not come in time is said not to have come", () => {
    const waiting = after(begun(), key("space"), key("space")).state;
    const late = after(waiting, { type: "tick", now: waiting.now + 60_000 }).state;
    expect(late.demo?.outcome).toBe("late");
  });

  test("before its machines are there it is announced, and the keys are those of the launch", () => {
    const { state } = after(tuiBegins(size, 0), { type: "demo", tour: routedTour }, key("space"));
    expect(state.demo?.at).toBe(-1);
    expect(after(state, { type: "demo-off" }).state.demo).toBeUndefined();
  });

  test("leaving it ends what it started", () => {
    expect(after(begun(), key("Q")).effects).toEqual([{ type: "leave-tour" }]);
  });

  test.each(Object.values(tours))("the wires and nodes of $name are those of its topology", async (tour) => {
    const { parameters = {} } = tour;
    const plan = await readTopology(new URL(`../../topologies/${tour.topology}`, import.meta.url).pathname, {
      parameters,
    });
    const nodes = plan.nodes.map(({ name }) => name);
    const wires = plan.wires.map(({ name }) => name);
    for (const { selection, effects, background = [] } of tour.steps) {
      if (selection?.kind === "node") expect(nodes).toContain(selection.name);
      if (selection?.kind === "wire") expect(wires).toContain(selection.name);
      for (const { node } of background) expect(nodes).toContain(node);
      for (const effect of effects) {
        if ("wire" in effect) expect(wires).toContain(effect.wire);
        if ("node" in effect) expect(nodes).toContain(effect.node);
      }
    }
  });
});
