import type { FlowTestbed } from "../flow-testbed.ts";
import { ClockBreaker } from "./clock-breaker.ts";
import { DaemonBreaker } from "./daemon-breaker.ts";
import { type Fault, isMachineFault, isWireFault } from "./fault.ts";
import { GuestBreaker } from "./guest-breaker.ts";
import { MachineBreaker } from "./machine-breaker.ts";
import { WireBreaker, type WireBreakers } from "./wire-breaker.ts";

/** A fault in the hands of who carries it out. */
export interface Breaker {
  /** Break it; resolves when the effect is there. */
  begin(): Promise<void>;
  /**
   * Undo it, also where {@link begin} failed half-way, and leave alone what is healed already. Resolves when the testbed is
   * as it was.
   */
  heal(): Promise<void>;
}

/** Who carries out a fault. */
export function breakerOf(fault: Fault, bed: FlowTestbed, wires: WireBreakers): Breaker {
  if (isWireFault(fault)) return new WireBreaker(fault, wires);
  if (isMachineFault(fault)) return new MachineBreaker(fault, bed);
  const asking = fault.kind === "clock-step" ? new ClockBreaker(fault, bed) : new DaemonBreaker(fault, bed);
  return new GuestBreaker(fault.node, asking);
}
