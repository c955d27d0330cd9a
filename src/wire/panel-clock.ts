/** The panel's only notion of time: monotonic, mapped to the wall clock once. */
export interface PanelClock {
  /** Nanoseconds since the clock was made; never goes back. */
  now(): number;
  /** A reading of {@link now} as nanoseconds since the epoch. */
  toEpoch(time: number): bigint;
}

const nanosecondsPerMillisecond = 1_000_000;

/** The clock of this process. A later step of the wall clock does not show in it, so timestamps keep their distances. */
export function systemClock(): PanelClock {
  const origin = performance.now();
  const epoch = BigInt(Date.now()) * BigInt(nanosecondsPerMillisecond);
  return {
    now: () => (performance.now() - origin) * nanosecondsPerMillisecond,
    toEpoch: (time) => epoch + BigInt(Math.round(time)),
  };
}
