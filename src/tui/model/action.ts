import type { Line } from "../line/line.ts";
import type { TopologyEntry } from "./launch.ts";
import type { NodeFacts } from "./node.ts";
import type {
  InstanceView,
  Plan,
  RunEvent,
  Statistics,
  TestbedEvent,
  TestbedStatus,
  WireStatus,
} from "./public-api.ts";
import type { Notice, Selection, ViewName } from "./state.ts";
import type { FrameRow } from "./wire-pane.ts";
import type { Tour } from "./demo.ts";

/** A key as it was typed. */
export interface Key {
  /** `a`, `A`, `enter`, `up`, `ctrl+p`, `shift+tab`, … ; `paste` for pasted text. */
  readonly name: string;
  /** What it types; empty for keys that type nothing. */
  readonly text: string;
  /** The bytes that came, as a console wants them. */
  readonly raw: string;
}

/** Everything that may happen to the user interface. */
export type Action =
  | { readonly type: "key"; readonly key: Key }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "tick"; readonly now: number }
  | { readonly type: "notice"; readonly text: string; readonly kind: Notice["kind"] }
  | { readonly type: "work"; readonly what: string; readonly done: boolean }
  // What the mouse does.
  | { readonly type: "select"; readonly selection: Selection; readonly open: boolean }
  | { readonly type: "choose"; readonly index: number; readonly open: boolean }
  /** Of a list that lies over the view. */
  | { readonly type: "pick"; readonly index: number }
  | { readonly type: "view"; readonly view: ViewName }
  | { readonly type: "explain"; readonly sequence: number }
  | { readonly type: "scroll"; readonly lines: number }
  // Testbeds.
  | { readonly type: "beds"; readonly names: readonly string[] }
  | { readonly type: "topologies"; readonly topologies: readonly TopologyEntry[] }
  | {
      readonly type: "launch-begins";
      readonly name: string;
      readonly file: string;
      readonly plan: Plan;
      /** Milliseconds that earlier launches took; undefined without any. */
      readonly expectedMs: number | undefined;
    }
  | { readonly type: "launch-events"; readonly events: readonly TestbedEvent[] }
  | { readonly type: "launch-failed"; readonly reason: string }
  | { readonly type: "launched" }
  | { readonly type: "attached"; readonly name: string; readonly plan: Plan }
  | { readonly type: "detached" }
  | { readonly type: "lost"; readonly bed: string; readonly reason: string }
  | { readonly type: "events"; readonly bed: string; readonly events: readonly TestbedEvent[] }
  | { readonly type: "status"; readonly bed: string; readonly status: TestbedStatus }
  | { readonly type: "instances"; readonly bed: string; readonly instances: readonly InstanceView[] }
  | { readonly type: "wires"; readonly bed: string; readonly wires: readonly WireStatus[] }
  | { readonly type: "statistics"; readonly bed: string; readonly statistics: Statistics }
  // Nodes.
  | { readonly type: "facts"; readonly facts: NodeFacts }
  | {
      readonly type: "console";
      readonly node: string;
      readonly lines: readonly Line[];
      readonly cursor: { readonly x: number; readonly y: number };
    }
  | { readonly type: "console-ended"; readonly node: string; readonly reason: string }
  | { readonly type: "log"; readonly node: string; readonly lines: readonly string[] }
  | { readonly type: "exec-output"; readonly node: string; readonly id: number; readonly lines: readonly string[] }
  | { readonly type: "exec-ended"; readonly node: string; readonly id: number; readonly outcome: string }
  // Wires.
  | { readonly type: "frames"; readonly wire: string; readonly frames: readonly FrameRow[]; readonly skipped: number }
  | { readonly type: "flapping"; readonly wire: string; readonly on: boolean }
  | {
      readonly type: "capturing";
      readonly capture:
        { readonly wire: string; readonly file: string; readonly bytes: number | undefined } | undefined;
    }
  // Flows.
  | { readonly type: "flow-files"; readonly files: readonly string[] }
  | { readonly type: "run-event"; readonly event: RunEvent }
  | { readonly type: "run-ended"; readonly outcome: string; readonly bundle: string | undefined }
  | { readonly type: "campaign-step"; readonly kind: string; readonly text: string; readonly failed: boolean }
  | { readonly type: "campaign-ended"; readonly outcome: string }
  | { readonly type: "traced"; readonly lines: readonly string[]; readonly verdict: "arrived" | "lost" | "failed" }
  // The tour.
  | { readonly type: "demo"; readonly tour: Tour }
  | { readonly type: "demo-failed"; readonly reason: string }
  /** There is no testbed for it. */
  | { readonly type: "demo-off" };
