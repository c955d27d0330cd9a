import { demoBindings } from "./demo-keys.ts";
import { flowBindings } from "./flow-keys.ts";
import { launchBindings } from "./launch-keys.ts";
import { goTo } from "./navigation.ts";
import { nodeBindings } from "./node-keys.ts";
import { rackBindings } from "./rack-keys.ts";
import { type Binding, step, type TuiState, viewNames } from "./state.ts";
import { wireBindings } from "./wire-keys.ts";

/** Every key that does something now, in the order in which they are looked for. */
export function activeBindings(state: TuiState): readonly Binding[] {
  return [...demoBindings(state), ...viewBindings(state), ...globalBindings(state)];
}

/** The keys of the view that is shown. */
function viewBindings(state: TuiState): readonly Binding[] {
  switch (state.view) {
    case "launch":
      return launchBindings(state);
    case "rack":
      return rackBindings(state);
    case "node":
      return nodeBindings(state);
    case "wire":
      return wireBindings(state);
    case "flow":
      return flowBindings(state);
  }
}

/** Keys that do the same everywhere. */
function globalBindings(state: TuiState): readonly Binding[] {
  const views = viewNames.map((view, index): Binding => ({
    keys: [String(index + 1)],
    title: `${view} view`,
    run: () => goTo(state, view),
  }));
  return [
    ...views,
    {
      keys: ["?", "f1"],
      title: "help",
      footer: "help",
      run: () => step({ ...state, overlay: { kind: "help" } }),
    },
    {
      keys: [":", "ctrl+p"],
      title: "commands",
      footer: "commands",
      run: () => step({ ...state, overlay: { kind: "palette", input: "", chosen: 0 } }),
    },
    {
      keys: ["]"],
      title: "next testbed",
      run: () => otherBed(state, 1),
    },
    {
      keys: ["["],
      title: "testbed before",
      run: () => otherBed(state, -1),
    },
    {
      keys: ["D"],
      title: "detach: the testbed runs on",
      run: () => (state.bed === undefined ? step(state) : step(state, { type: "detach" })),
    },
    { keys: ["q", "ctrl+c"], title: "quit; testbeds run on", footer: "quit", run: () => quit(state) },
  ];
}

function otherBed(state: TuiState, by: 1 | -1): ReturnType<Binding["run"]> {
  const { beds, bed } = state;
  if (beds.length === 0) return step(state);
  const at = bed === undefined ? -1 : beds.indexOf(bed.name);
  const next = beds[(at + by + beds.length) % beds.length];
  return next === undefined || next === bed?.name ? step(state) : step(state, { type: "attach", name: next });
}

function quit(state: TuiState): ReturnType<Binding["run"]> {
  const { underWay } = state.launch;
  const unfinished = [
    ...(underWay !== undefined && underWay.failure === undefined ? [`the launch of ${underWay.bed.name}`] : []),
    ...(state.flow.run !== undefined && state.flow.run.ended === undefined ? ["the run of flows"] : []),
    ...(state.flow.campaign !== undefined && state.flow.campaign.ended === undefined ? ["the fault campaign"] : []),
  ];
  if (unfinished.length === 0) return step(state, { type: "quit" });
  const question = `${unfinished.join(" and ")} would end with this. Quit?`;
  return step({ ...state, overlay: { kind: "confirm", question, effects: [{ type: "quit" }] } });
}
