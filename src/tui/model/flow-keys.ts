import { goTo } from "./navigation.ts";
import { type Binding, say, type Step, step, type TuiState } from "./state.ts";
import { runBegins } from "./flow.ts";
import { askForEnds } from "./trace-keys.ts";

/** Faults of a campaign that is started from the user interface. */
const campaignFaults = 5;

/** The keys of the flow view. */
export function flowBindings(state: TuiState): readonly Binding[] {
  const { flow } = state;
  const runs = flow.run !== undefined && flow.run.ended === undefined;
  const breaks = flow.campaign !== undefined && flow.campaign.ended === undefined;
  const bundle = flow.run?.bundle;
  return [
    ...(runs
      ? [
          {
            keys: ["x"],
            title: "end the run",
            footer: "end the run",
            run: () => step(state, { type: "stop-flows" } as const),
          },
        ]
      : [
          { keys: ["enter"], title: "run the marked flows", footer: "run", run: () => run(state) },
          { keys: ["A"], title: "run all flows", run: () => runFiles(state, flow.files ?? []) },
        ]),
    { keys: ["space", "m"], title: "mark", footer: "mark", run: () => mark(state) },
    { keys: ["down", "j"], title: "next flow file", run: () => move(state, 1) },
    { keys: ["up", "k"], title: "flow file before", run: () => move(state, -1) },
    breaks
      ? {
          keys: ["c"],
          title: "end the campaign",
          footer: "end campaign",
          run: () => step(state, { type: "stop-campaign" } as const),
        }
      : { keys: ["c"], title: "fault campaign", footer: "campaign", run: () => campaign(state) },
    { keys: ["t"], title: "trace a packet", footer: "trace", run: () => askForEnds(state) },
    ...(bundle === undefined
      ? []
      : [
          {
            keys: ["b"],
            title: "open the report",
            footer: "report",
            run: () => step(state, { type: "open-report", bundle } as const),
          },
        ]),
    { keys: ["tab"], title: "run, campaign or trace", run: () => next(state) },
    { keys: ["pageup"], title: "scroll back", run: () => scroll(state, 5) },
    { keys: ["pagedown"], title: "scroll on", run: () => scroll(state, -5) },
    {
      keys: ["escape"],
      title: "back to the rack",
      run: () => goTo(state, state.bed === undefined ? "launch" : "rack"),
    },
  ];
}

function run(state: TuiState): Step {
  const { files = [], marked, chosen } = state.flow;
  const here = files[chosen];
  return runFiles(state, marked.length > 0 ? marked : here === undefined ? [] : [here]);
}

function runFiles(state: TuiState, files: readonly string[]): Step {
  if (files.length === 0)
    return step(say(state, "there are no flows here: they are files called *.flow.ts", "problem"));
  return step(
    { ...state, flow: { ...state.flow, run: runBegins, shown: "run", scroll: 0 } },
    { type: "run-flows", files },
  );
}

function mark(state: TuiState): Step {
  const { files = [], marked, chosen } = state.flow;
  const file = files[chosen];
  if (file === undefined) return step(state);
  const next = marked.includes(file) ? marked.filter((each) => each !== file) : [...marked, file];
  return step({ ...state, flow: { ...state.flow, marked: next } });
}

function move(state: TuiState, by: number): Step {
  const count = state.flow.files?.length ?? 0;
  const chosen = Math.max(0, Math.min(count - 1, state.flow.chosen + by));
  return step({ ...state, flow: { ...state.flow, chosen } });
}

function campaign(state: TuiState): Step {
  if (state.bed === undefined)
    return step(say(state, "attach to a testbed first: there is nothing to break", "problem"));
  const seed = `tui-${state.bed.lastSequence}`;
  const flow = {
    ...state.flow,
    campaign: { seed, steps: [], ended: undefined },
    shown: "campaign" as const,
    scroll: 0,
  };
  return step({ ...state, flow }, { type: "campaign", faults: campaignFaults, seed });
}

function next(state: TuiState): Step {
  const order = ["run", "campaign", "trace"] as const;
  const shown = order[(order.indexOf(state.flow.shown) + 1) % order.length] ?? "run";
  return step({ ...state, flow: { ...state.flow, shown, scroll: 0 } });
}

function scroll(state: TuiState, by: number): Step {
  return step({ ...state, flow: { ...state.flow, scroll: Math.max(0, state.flow.scroll + by) } });
}
