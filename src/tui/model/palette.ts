import { activeBindings } from "./bindings.ts";
import { goTo, open, select } from "./navigation.ts";
import { wordSearch } from "./search.ts";
import { type Step, step, type TuiState } from "./state.ts";

/** Something that the palette offers. */
export interface Command {
  readonly title: string;
  /** The key that does the same; empty without one. */
  readonly key: string;
  readonly run: () => Step;
}

/** The commands that have all the words typed so far in their title, those of keys first. */
export function commandsOf(state: TuiState, input: string): readonly Command[] {
  const wanted = wordSearch(input);
  return allCommands({ ...state, overlay: undefined }).filter(({ title }) => wanted(title));
}

function allCommands(state: TuiState): readonly Command[] {
  const { bed, beds, launch } = state;
  return [
    ...activeBindings(state).map(({ keys, title, run }) => ({ title, key: keys[0] ?? "", run })),
    ...(bed?.plan.nodes ?? []).map(({ name }) => ({
      title: `node ${name}`,
      key: "",
      run: () => goTo(select(state, { kind: "node", name }), "node"),
    })),
    ...[...(bed?.wires.keys() ?? [])].map((name) => ({
      title: `wire ${name}`,
      key: "",
      run: () => open(select(state, { kind: "wire", name })),
    })),
    ...beds
      .filter((name) => name !== bed?.name)
      .map((name) => ({ title: `attach to ${name}`, key: "", run: () => step(state, { type: "attach", name }) })),
    ...beds.map((name) => ({
      title: `end testbed ${name}`,
      key: "",
      run: () =>
        step({
          ...state,
          overlay: { kind: "confirm", question: `end testbed ${name}?`, effects: [{ type: "down", name }] },
        }),
    })),
    ...(launch.topologies ?? []).flatMap(({ file, plan }) =>
      plan === undefined
        ? []
        : [
            {
              title: `launch ${file}`,
              key: "",
              run: () => step({ ...state, view: "launch" as const }, { type: "launch" as const, file }),
            },
          ],
    ),
  ];
}
