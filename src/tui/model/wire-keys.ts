import { cableBindings } from "./machine-keys.ts";
import { enterWire, goTo, selectNext, wireInView } from "./navigation.ts";
import { type Binding, type Step, step, type TuiState } from "./state.ts";
import { shownFrames } from "./wire-pane.ts";

/** The keys of the wire view. */
export function wireBindings(state: TuiState): readonly Binding[] {
  const name = wireInView(state);
  if (name === undefined) return [];
  const { wire } = state;
  const ask = (purpose: "frame-filter" | "capture", label: string, input: string): Step =>
    step({ ...state, overlay: { kind: "input", purpose, label, input } });
  return [
    {
      keys: ["space"],
      title: wire.paused ? "go on" : "hold the frames",
      footer: wire.paused ? "go on" : "hold",
      run: () => pause(state),
    },
    {
      keys: ["/"],
      title: "filter frames",
      footer: "filter",
      run: () => ask("frame-filter", "frames with these words", wire.filter),
    },
    ...cableBindings(state, name),
    {
      keys: ["x"],
      title: "direction to impair",
      run: () => step({ ...state, wire: { ...wire, direction: nextDirection(wire.direction) } }),
    },
    {
      keys: ["w"],
      title: wire.capture === undefined ? "capture to a file" : "end the capture",
      footer: wire.capture === undefined ? "capture" : "end capture",
      run: () =>
        wire.capture === undefined
          ? ask("capture", "capture to file", `${name.replaceAll(/[^A-Za-z0-9-]+/g, "-")}.pcapng`)
          : step(state, { type: "stop-capture" }),
    },
    { keys: ["up", "k"], title: "older frame", run: () => explain(state, -1) },
    { keys: ["down", "j"], title: "newer frame", run: () => explain(state, 1) },
    { keys: ["tab", "n", "right"], title: "next wire", run: () => enterWire(selectNext(state, 1, "wire")) },
    { keys: ["shift+tab", "N", "left"], title: "wire before", run: () => enterWire(selectNext(state, -1, "wire")) },
    {
      keys: ["escape"],
      title: "back to the rack",
      run: () =>
        wire.explained === undefined
          ? goTo(state, "rack")
          : step({ ...state, wire: { ...wire, explained: undefined, paused: false } }),
    },
  ];
}

function pause(state: TuiState): Step {
  const { wire } = state;
  return step({
    ...state,
    wire: { ...wire, paused: !wire.paused, explained: wire.paused ? undefined : wire.explained },
  });
}

/** Explain the frame before or after; what is explained must not run away, so the frames are held. */
function explain(state: TuiState, by: 1 | -1): Step {
  const frames = shownFrames(state.wire);
  const at = frames.findIndex(({ sequence }) => sequence === state.wire.explained);
  const next = frames[at < 0 ? frames.length - 1 : Math.max(0, Math.min(frames.length - 1, at + by))];
  if (next === undefined) return step(state);
  return step({ ...state, wire: { ...state.wire, explained: next.sequence, paused: true } });
}

function nextDirection(direction: TuiState["wire"]["direction"]): TuiState["wire"]["direction"] {
  if (direction === undefined) return "aToB";
  return direction === "aToB" ? "bToA" : undefined;
}
