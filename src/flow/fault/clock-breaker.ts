import type { FlowTestbed } from "../flow-testbed.ts";
import type { Breaker } from "./breaker.ts";
import type { ClockFault } from "./fault.ts";

/** A step of a guest's wall clock. */
export class ClockBreaker implements Breaker {
  readonly #fault: ClockFault;
  readonly #bed: FlowTestbed;
  #stepped = false;

  constructor(fault: ClockFault, bed: FlowTestbed) {
    this.#fault = fault;
    this.#bed = bed;
  }

  async begin(): Promise<void> {
    await this.#step(this.#fault.milliseconds);
    this.#stepped = true;
  }

  async heal(): Promise<void> {
    if (!this.#stepped) return;
    await this.#step(-this.#fault.milliseconds);
    this.#stepped = false;
  }

  /** date(1) reads and sets the clock in one process: what lies between is well below a millisecond. */
  async #step(milliseconds: number): Promise<void> {
    const seconds = (milliseconds / 1000).toFixed(6);
    await this.#bed
      .node(this.#fault.node)
      .ask(["date", "--set", `now ${milliseconds < 0 ? "" : "+"}${seconds} seconds`]);
  }
}
