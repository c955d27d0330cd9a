import type { TuiState } from "./state.ts";

/** What the list of the launch view has at a position. */
export type LaunchChoice =
  { readonly kind: "bed"; readonly name: string } | { readonly kind: "topology"; readonly index: number };

/** The choices of the launch view: testbeds that run, then topologies. */
export function launchChoices({ beds, launch }: TuiState): readonly LaunchChoice[] {
  return [
    ...beds.map((name): LaunchChoice => ({ kind: "bed", name })),
    ...(launch.topologies ?? []).map((_, index): LaunchChoice => ({ kind: "topology", index })),
  ];
}

/** How many there are to choose from in the list of the view. */
export function chosenCount(state: TuiState): number {
  return state.view === "launch" ? launchChoices(state).length : (state.flow.files ?? []).length;
}
