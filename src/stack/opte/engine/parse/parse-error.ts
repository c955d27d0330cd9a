/**
 * What is wrong with a frame that cannot be parsed, and the counter that it goes to (`in_drop_…`, `out_drop_…`).
 * `not_geneve` is no fault: the frame is not the overlay's and belongs to the host's own stack.
 */
export const parseFaults = [
  "none",
  "not_geneve",
  "reject",
  "unwanted_proto",
  "truncated",
  "straddled",
  "illegal_val",
  "bad_len",
  "misc",
  "bad_tun_opt",
] as const;

export type ParseFault = (typeof parseFaults)[number];

/** Faults that have a counter for each direction; `bad_tun_opt` has one for In alone. */
export const countedFaults = [
  "reject",
  "unwanted_proto",
  "truncated",
  "straddled",
  "illegal_val",
  "bad_len",
  "misc",
] as const satisfies readonly ParseFault[];

/** Fault of a parse with where it was found and, for lengths and values, what was expected. */
export interface ParseFailure {
  readonly fault: ParseFault;
  /** Header and field, such as `Ipv4.total_len(min)`. */
  readonly location: string;
  readonly expected: number;
  readonly actual: number;
}
