import type { MatchParameter } from "../format/program.ts";
import type { BoundAction } from "./bound-action.ts";
import type { Group, Member } from "./profile-state.ts";

/** What happens on a hit or a miss: an action, or a member or group of the table's profile. */
export type Outcome =
  | { readonly kind: "call"; readonly call: BoundAction }
  | { readonly kind: "member"; readonly member: Member }
  | { readonly kind: "group"; readonly group: Group };

/** One entry of a table. */
export interface Entry {
  /** Lowest free number when it was added; the low 24 bits of the handle. */
  readonly slot: number;
  readonly handle: number;
  readonly key: readonly MatchParameter[];
  /** -1 in tables without priorities. */
  readonly priority: number;
  readonly identity: string;
  outcome: Outcome;
  /** Milliseconds; 0: never idle. */
  timeoutMs: number;
  /** When it was last hit or its timeout set, microseconds. */
  lastHit: number;
}

/** An entry to be put back under its handle. */
export type RestoredEntry = Pick<Entry, "slot" | "key" | "priority" | "outcome" | "timeoutMs">;

/** Note that an entry or a default leads there. */
export function hold(outcome: Outcome): void {
  if (outcome.kind === "member") outcome.member.uses += 1;
  if (outcome.kind === "group") outcome.group.uses += 1;
}

/** Note that an entry or a default leads there no longer. */
export function release(outcome: Outcome): void {
  if (outcome.kind === "member") outcome.member.uses -= 1;
  if (outcome.kind === "group") outcome.group.uses -= 1;
}
