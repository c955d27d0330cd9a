/** What is known of the carrier of a NIC: `unknown` before the kernel said anything, or when the NIC is not there. */
export type Carrier = "up" | "down" | "unknown";

/** A change of a link's state. */
export interface LinkEvent {
  /** Milliseconds on the daemon's clock. */
  readonly atMs: number;
  readonly state: Carrier;
}

/** How a link has been since it is watched. */
export interface LinkRecord {
  readonly state: Carrier;
  /** Times that it came up. */
  readonly ups: number;
  /** The latest changes, oldest first. */
  readonly history: readonly LinkEvent[];
}

/** Changes that are remembered of each link. */
const remembered = 100;

/** A link nobody told anything about. */
export const unknownLink: LinkRecord = { state: "unknown", ups: 0, history: [] };

/** The record after the kernel told the carrier; the same record if nothing changed. */
export function carrierTold(record: LinkRecord, state: Carrier, nowMs: number): LinkRecord {
  if (record.state === state) return record;
  return {
    state,
    ups: record.ups + (state === "up" ? 1 : 0),
    history: [...record.history, { atMs: nowMs, state }].slice(-remembered),
  };
}
