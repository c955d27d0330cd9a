/** What became of frames. */
const names = [
  /** Frames that the switch gave to its processor, and frames given to the switch. */
  "fromSwitch",
  "toSwitch",
  /** Frames that the kernel sent on a port's interface, and frames given to the kernel there. */
  "fromKernel",
  "toKernel",
  /** Dropped: no whole sidecar header, or no whole Ethernet header. */
  "truncated",
  /** Dropped: longer than the MTU allows. */
  "tooLong",
  /** Dropped: a port that the switch does not have. */
  "unknownPort",
  /** Dropped: a code that has no meaning on the way to the processor. */
  "unknownCode",
  /** ICMP errors sent. */
  "icmpSent",
  /** ICMP errors not sent, by reason. */
  "icmpUnknownError",
  "icmpRateLimited",
  "icmpUnreadable",
  "icmpAboutError",
  "icmpAboutMulticast",
  "icmpNoSource",
  "icmpLaterFragment",
  /** Frames kept until their next hop is resolved. */
  "neighbourQueued",
  /** Frames sent on when it was. */
  "neighbourResent",
  /** Frames that gave way to later ones for the same next hop. */
  "neighbourOverflow",
  /** Frames dropped because too many next hops, or bytes, wait already. */
  "neighbourTableFull",
  /** Frames dropped because their next hop does not answer, or did not a moment ago, or its port has no carrier. */
  "neighbourUnreachable",
  /** Frames dropped whose next hop is no address of a station. */
  "neighbourInvalid",
  /** Next hops that were asked for, that answered, and that did not. */
  "resolutionsStarted",
  "resolutionsSucceeded",
  "resolutionsFailed",
] as const;

/** The name of a counter. */
export type CounterName = (typeof names)[number];

/** Counters since the start, by name. */
export type TfportCounters = Record<CounterName, number>;

/** All counters at zero. */
export function zeroCounters(): TfportCounters {
  return Object.fromEntries(names.map((name) => [name, 0])) as TfportCounters;
}

/** The names of all counters, in the order in which they are told. */
export const counterNames: readonly CounterName[] = names;
