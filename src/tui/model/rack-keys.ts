import { drawRack, neighbourOf } from "../rack/drawing.ts";
import { rackArea } from "../layout/areas.ts";
import { cableBindings, machineBindings } from "./machine-keys.ts";
import { goTo, open, select, selectNext } from "./navigation.ts";
import { type Binding, step, type TuiState } from "./state.ts";
import { traceFromSelection } from "./trace-keys.ts";

/** The keys of the rack view. */
export function rackBindings(state: TuiState): readonly Binding[] {
  const { selection } = state;
  const move = (key: string, letter: string, x: number, y: number): Binding => ({
    keys: [key, letter],
    title: `select ${key}`,
    run: () => step(moved(state, x, y)),
  });
  return [
    { keys: ["enter"], title: "open", footer: "open", run: () => open(state) },
    move("left", "h", -1, 0),
    move("right", "l", 1, 0),
    move("up", "k", 0, -1),
    move("down", "j", 0, 1),
    { keys: ["tab", "n"], title: "next wire", footer: "next wire", run: () => step(selectNext(state, 1, "wire")) },
    { keys: ["shift+tab", "N"], title: "wire before", run: () => step(selectNext(state, -1, "wire")) },
    ...(selection?.kind === "node" ? machineBindings(state, selection.name) : []),
    ...(selection?.kind === "wire" ? cableBindings(state, selection.name) : []),
    { keys: ["t"], title: "trace a packet", footer: "trace", run: () => traceFromSelection(state) },
    { keys: ["escape"], title: "list of testbeds", run: () => goTo(state, "launch") },
  ];
}

function moved(state: TuiState, x: number, y: number): TuiState {
  if (state.bed === undefined) return state;
  const area = rackArea(state);
  const drawing = drawRack(state.bed, state.selection, area.width, area.height);
  const next = neighbourOf(drawing.spots, state.selection, x, y);
  return next === undefined ? state : select(state, next);
}
