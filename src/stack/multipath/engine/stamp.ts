/** Times as the elements of the DDM header carry them: microseconds modulo 2^24, which begin anew every 16.8 seconds. */

const wrap = 2 ** 24;

/** The stamp for a moment, milliseconds of any clock. */
export function stampOf(nowMs: number): number {
  return Math.floor(nowMs * 1000) % wrap;
}

/** Microseconds since the stamp was written, if that is less than 16.8 seconds ago. */
export function microsecondsSince(stamp: number, nowMs: number): number {
  return (stampOf(nowMs) - stamp + wrap) % wrap;
}
