import type { MeterRate } from "../state/cells.ts";

/** Rates of a meter as they come over the wire. */
export function ratesFromWire(
  rates: readonly { readonly unitsPerMicros: number; readonly burst: number }[],
): MeterRate[] {
  return rates.map(({ unitsPerMicros, burst }) => ({ unitsPerMicrosecond: unitsPerMicros, burst }));
}

/** Rates of a meter as they go over the wire. */
export function ratesToWire(
  rates: readonly MeterRate[],
): { readonly unitsPerMicros: number; readonly burst: number }[] {
  return rates.map(({ unitsPerMicrosecond, burst }) => ({ unitsPerMicros: unitsPerMicrosecond, burst }));
}
