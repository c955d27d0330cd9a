import { launchChoices } from "./choice.ts";
import { goTo } from "./navigation.ts";
import { type Binding, say, type Step, step, type TuiState } from "./state.ts";

/** The keys of the launch view. */
export function launchBindings(state: TuiState): readonly Binding[] {
  const { underWay } = state.launch;
  if (underWay !== undefined) return launchUnderWayBindings(state, underWay.failure !== undefined);
  const move = (by: number): Step => {
    const count = launchChoices(state).length;
    const chosen = Math.max(0, Math.min(count - 1, state.launch.chosen + by));
    return step({ ...state, launch: { ...state.launch, chosen } });
  };
  return [
    { keys: ["enter"], title: "launch or attach", footer: "open", run: () => enter(state) },
    { keys: ["down", "j"], title: "next", run: () => move(1) },
    { keys: ["up", "k"], title: "the one before", run: () => move(-1) },
    {
      keys: ["x"],
      title: "end the testbed",
      footer: launchChoices(state)[state.launch.chosen]?.kind === "bed" ? "end it" : undefined,
      run: () => end(state),
    },
    { keys: ["r"], title: "look again for topologies", run: () => step(state, { type: "find-topologies" }) },
    {
      keys: ["escape"],
      title: "back to the rack",
      run: () => (state.bed === undefined ? step(state) : goTo(state, "rack")),
    },
  ];
}

function launchUnderWayBindings(state: TuiState, failed: boolean): readonly Binding[] {
  const leave = (): Step =>
    step({ ...state, launch: { ...state.launch, underWay: undefined } }, { type: "find-topologies" });
  if (failed) return [{ keys: ["escape", "enter"], title: "back to the list", footer: "back", run: leave }];
  const question = `end the launch of ${state.launch.underWay?.bed.name ?? "the testbed"}? Nothing of it is left then.`;
  return [
    {
      keys: ["escape", "x"],
      title: "end the launch",
      footer: "end it",
      run: () => step({ ...state, overlay: { kind: "confirm", question, effects: [{ type: "cancel-launch" }] } }),
    },
  ];
}

function enter(state: TuiState): Step {
  const choice = launchChoices(state)[state.launch.chosen];
  if (choice === undefined) return step(state);
  if (choice.kind === "bed") return step(state, { type: "attach", name: choice.name });
  const entry = state.launch.topologies?.[choice.index];
  if (entry?.plan === undefined)
    return step(say(state, "this file has faults: correct them, then r looks again", "problem"));
  return step(state, { type: "launch", file: entry.file });
}

function end(state: TuiState): Step {
  const choice = launchChoices(state)[state.launch.chosen];
  if (choice?.kind !== "bed") return step(state);
  const question = `end testbed ${choice.name}? Its machines and wires go; its logs stay.`;
  return step({ ...state, overlay: { kind: "confirm", question, effects: [{ type: "down", name: choice.name }] } });
}
