import { ChangeSignal } from "../../daemon/held-answer.ts";
import type { DaemonLog } from "../../daemon/log.ts";
import type { VpcPort } from "../engine/vpc/vpc-port.ts";
import { isAmong, type NearLimit, nearLimits } from "./near-limits.ts";

/** Knows what of the ports is nearly used up, and tells those who wait for it. */
export class LimitWatch {
  readonly changes = new ChangeSignal();
  readonly #log: DaemonLog;
  #near: readonly NearLimit[] = [];

  constructor(log: DaemonLog) {
    this.#log = log;
  }

  get near(): readonly NearLimit[] {
    return this.#near;
  }

  /** See how it is now. */
  look(ports: readonly VpcPort[]): void {
    const before = this.#near;
    this.#near = nearLimits(before, ports);
    const added = this.#near.filter((one) => !isAmong(before, one));
    for (const one of added) this.#log.warn(one, "nearly used up");
    if (added.length > 0 || this.#near.length !== before.length) this.changes.changed();
  }
}
