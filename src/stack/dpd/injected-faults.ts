import { randomSource } from "../daemon/random.ts";
import type { DpdConfiguration } from "./configuration.ts";
import type { FaultInjection } from "./driver/held-tables.ts";
import { SwitchFault } from "./driver/switch-fault.ts";

/** Lets a share of the operations on the switch fail, as the configuration asks; undefined for none. */
export function faultInjection(configured: DpdConfiguration["injected_faults"]): FaultInjection | undefined {
  if (configured === undefined) return undefined;
  const { share, rollback_share: rollbackShare, seed } = configured;
  const draws = randomSource(seed, "dpd", "injected faults");
  const precision = 2 ** 30;
  return ({ table }, during) => {
    const hit = draws.below(precision) < (during === "change" ? share : rollbackShare) * precision;
    if (hit) throw new SwitchFault("injected", `a fault was injected into an operation on ${table}`);
  };
}
