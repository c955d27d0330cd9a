import type { Walk } from "../layer/walk.ts";

/** Names of the engine's probes (specification, section 4.4). */
export type ProbeName =
  | "bad-packet"
  | "guest-loopback"
  | "port-process-entry"
  | "port-process-return"
  | "layer-process-entry"
  | "layer-process-return"
  | "rule-match"
  | "rule-no-match"
  | "rule-deny"
  | "ht-run"
  | "gen-desc-fail"
  | "flow-expired"
  | "uft-hit"
  | "uft-invalidate"
  | "uft-tcp-closed"
  | "tcp-err"
  | "tcp-flow-state"
  | "tcp-flow-drop"
  | `mcast-${string}`;

/** What a probe tells. Made only while someone listens. */
export interface ProbeEvent {
  readonly probe: ProbeName;
  readonly port?: string;
  readonly layer?: string;
  readonly rule?: number | undefined;
  /** The packet on its way; valid only during the call. */
  readonly walk?: Walk;
  readonly detail?: string;
}

export type ProbeListener = (event: ProbeEvent) => void;
