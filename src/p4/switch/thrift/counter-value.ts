import type { CounterValue } from "../state/cells.ts";

/** Counters are unsigned, in signed numbers on the wire. */
export function unsigned({ packets, bytes }: CounterValue): CounterValue {
  return { packets: BigInt.asUintN(64, packets), bytes: BigInt.asUintN(64, bytes) };
}
