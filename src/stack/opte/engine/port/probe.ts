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
  | "ft-entry-invalidated"
  | "uft-hit"
  | "uft-invalidate"
  | "uft-tcp-closed"
  | "tcp-err"
  | "tcp-flow-state"
  | "tcp-flow-drop"
  | MulticastProbe;

/** Of groups: their packets, and what is set for them. */
export type MulticastProbe =
  | "mcast-tx"
  | "mcast-rx"
  | "mcast-local-delivery"
  | "mcast-underlay-fwd"
  | "mcast-external-fwd"
  | "mcast-no-fwd-entry"
  | "mcast-source-filtered"
  | "mcast-fwd-source-filtered"
  | "mcast-map-set"
  | "mcast-map-clear"
  | "mcast-fwd-set"
  | "mcast-fwd-clear"
  | "mcast-subscribe"
  | "mcast-unsubscribe"
  | "mcast-unsubscribe-all";

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
