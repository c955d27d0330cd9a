import type { BedView } from "./bed.ts";
import type { DemoView } from "./demo.ts";
import type { Effect } from "./effect.ts";
import type { FlowView } from "./flow.ts";
import type { LaunchView } from "./launch.ts";
import type { NodePane } from "./node.ts";
import type { Statistics } from "./public-api.ts";
import type { WirePane } from "./wire-pane.ts";

/** The views, in the order of their keys. */
export const viewNames = ["launch", "rack", "node", "wire", "flow"] as const;
/** One of {@link viewNames}. */
export type ViewName = (typeof viewNames)[number];

/** What the keys act on. */
export interface Selection {
  readonly kind: "node" | "wire";
  readonly name: string;
}

/** A sentence to the person, for a while. */
export interface Notice {
  readonly text: string;
  readonly kind: "done" | "problem";
  /** Wall clock at which it was said. */
  readonly at: number;
}

/** What a text that is being typed is for. */
export type InputPurpose = "frame-filter" | "log-filter" | "impairments" | "capture" | "exec";

/** What lies over the view and takes the keys. */
export type Overlay =
  | { readonly kind: "help" }
  | { readonly kind: "palette"; readonly input: string; readonly chosen: number }
  /** The ends of a trace: the second one when the first is there. */
  | { readonly kind: "ends"; readonly from: string | undefined; readonly input: string; readonly chosen: number }
  | { readonly kind: "confirm"; readonly question: string; readonly effects: readonly Effect[] }
  | {
      readonly kind: "input";
      readonly purpose: InputPurpose;
      readonly label: string;
      readonly input: string;
      /** It began with what is set: what is entered takes its place, and is not added to it. */
      readonly replaces?: boolean;
      /** How many entries back an earlier one is shown; 0 for what is typed now. */
      readonly back?: number;
    };

/** Everything that is on the screen, and what it is made of. */
export interface TuiState {
  /** Wall clock of the last tick, milliseconds since the epoch. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  readonly view: ViewName;
  readonly overlay: Overlay | undefined;
  readonly notice: Notice | undefined;
  /** Names of the testbeds that run. */
  readonly beds: readonly string[];
  /** The testbed that is attached to. */
  readonly bed: BedView | undefined;
  /** The last counters of it. */
  readonly statistics: Statistics | undefined;
  readonly selection: Selection | undefined;
  /** What was asked for and has not ended, as people say it. */
  readonly working: readonly string[];
  readonly launch: LaunchView;
  readonly node: NodePane;
  readonly wire: WirePane;
  readonly flow: FlowView;
  readonly demo: DemoView | undefined;
}

/** A state, and what is to be done in the world because of it. */
export interface Step {
  readonly state: TuiState;
  readonly effects: readonly Effect[];
}

/** A step that does something to the state, and maybe to the world. */
export function step(state: TuiState, ...effects: readonly Effect[]): Step {
  return { state, effects };
}

/** Say something to the person. */
export function say(state: TuiState, text: string, kind: Notice["kind"] = "done"): TuiState {
  return { ...state, notice: { text, kind, at: state.now } };
}

/** A key, what it does for a person, and what it does to the state. Help, footer and palette are made from these. */
export interface Binding {
  /** Names of keys, the first one is shown. */
  readonly keys: readonly string[];
  readonly title: string;
  /** What the footer calls it; it is not in the footer without. */
  readonly footer?: string | undefined;
  readonly run: () => Step;
}
