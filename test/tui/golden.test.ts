import { expect, test } from "vitest";
import type { Action } from "../../src/tui/model/action.ts";
import type { TuiState } from "../../src/tui/model/state.ts";
import { actionsOf, after, key, replayed } from "./replay.ts";
import { coloredScreenOf, screenOf } from "./screen.ts";
import { screenSvg } from "./svg.ts";

const size = { columns: 110, rows: 32 };
const far = "r1:net1--h2:net0";

/** The last moment before something is recorded. */
function before(recorded: (action: Action) => boolean): TuiState {
  return replayed("routed", size, recorded);
}

/** One cable loses frames, another has lost its carrier, a machine is paused. */
function rack(): TuiState {
  const state = before((action) => action.type === "work" && action.what === `up ${far}`);
  return after({ ...state, columns: 120 }, key("2"), {
    type: "select",
    selection: { kind: "wire", name: "h1:net0--r1:net0" },
    open: false,
  }).state;
}

/** A console in which a command was run. */
function node(): TuiState {
  const consoles = actionsOf("routed").filter(({ type }) => type === "console");
  const state = before(({ type }) => type === "console");
  const opened = after(
    { ...state, columns: 134 },
    key("2"),
    { type: "select", selection: { kind: "node", name: "h1" }, open: true },
    key("c"),
  );
  return after(opened.state, ...consoles, key("enter")).state;
}

/** The frames of a cable, one of them explained. */
function wire(): TuiState {
  const frames = actionsOf("routed").filter(({ type }) => type === "frames");
  const state = before((action) => action.type === "work" && action.what.startsWith("impair"));
  const opened = after(state, key("2"), { type: "select", selection: { kind: "wire", name: far }, open: true });
  return after(opened.state, ...frames, key("up")).state;
}

test.each([
  ["rack", rack],
  ["node", node],
  ["wire", wire],
])("the %s view is as docs/tui.md shows it", async (name, make) => {
  const state = make();
  const text = (await screenOf(state)).join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot(`../../docs/tui/${name}.txt`);
  await expect(screenSvg(await coloredScreenOf(state), state.columns)).toMatchFileSnapshot(
    `../../docs/tui/${name}.svg`,
  );
});
