import type { DemoCommand } from "./demo.ts";
import type { DirectionName, NodeVerb } from "./public-api.ts";

/** What the model wants done in the world. The outcome comes back as an action. */
export type Effect =
  | { readonly type: "quit" }
  | { readonly type: "find-beds" }
  /** And testbeds. */
  | { readonly type: "find-topologies" }
  | { readonly type: "launch"; readonly file: string }
  | { readonly type: "cancel-launch" }
  | { readonly type: "attach"; readonly name: string }
  | { readonly type: "detach" }
  | { readonly type: "down"; readonly name: string }
  | { readonly type: "act"; readonly node: string; readonly verb: NodeVerb }
  | { readonly type: "carrier"; readonly wire: string; readonly up: boolean }
  | { readonly type: "silence"; readonly wire: string; readonly cut: boolean }
  | { readonly type: "flap"; readonly wire: string; readonly on: boolean }
  /** Words as `kestrel wire set` takes them. */
  | {
      readonly type: "impair";
      readonly wire: string;
      readonly words: readonly string[];
      readonly direction: DirectionName | undefined;
    }
  | { readonly type: "inspect"; readonly node: string }
  /** Of the control plane. */
  | { readonly type: "find-instances" }
  | { readonly type: "open-console"; readonly node: string; readonly columns: number; readonly rows: number }
  | { readonly type: "close-console" }
  | { readonly type: "type"; readonly text: string }
  | { readonly type: "resize-console"; readonly columns: number; readonly rows: number }
  | { readonly type: "follow-log"; readonly node: string }
  | { readonly type: "leave-log" }
  | { readonly type: "exec"; readonly node: string; readonly command: string; readonly id: number }
  | { readonly type: "follow-frames"; readonly wire: string }
  | { readonly type: "leave-frames" }
  | { readonly type: "start-capture"; readonly wire: string; readonly file: string }
  | { readonly type: "stop-capture" }
  | { readonly type: "find-flows" }
  | { readonly type: "run-flows"; readonly files: readonly string[] }
  | { readonly type: "stop-flows" }
  | { readonly type: "campaign"; readonly faults: number; readonly seed: string }
  | { readonly type: "stop-campaign" }
  | { readonly type: "trace"; readonly from: string; readonly to: string }
  | { readonly type: "open-report"; readonly bundle: string }
  /** Begin commands that go on in the background of a tour, and end some that do. */
  | { readonly type: "tour-commands"; readonly begin: readonly DemoCommand[]; readonly end: readonly string[] }
  /** End all of them. */
  | { readonly type: "leave-tour" };
