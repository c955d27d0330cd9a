import type { NodeVerb } from "../../testbed/index.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import type { Breaker } from "./breaker.ts";
import type { MachineFault } from "./fault.ts";

const verbs = { paused: "pause", killed: "kill", "power-cycled": "power-cycle" } as const satisfies Record<
  MachineFault["kind"],
  NodeVerb
>;

/** A fault of a whole machine. */
export class MachineBreaker implements Breaker {
  readonly #fault: MachineFault;
  readonly #bed: FlowTestbed;

  constructor(fault: MachineFault, bed: FlowTestbed) {
    this.#fault = fault;
    this.#bed = bed;
  }

  begin(): Promise<void> {
    return this.#act(verbs[this.#fault.kind]);
  }

  async heal(): Promise<void> {
    const { state } = await this.#bed.testbed.node(this.#fault.node).status();
    if (state === "paused") await this.#act("resume");
    else if (state === "stopped" || state === "failed") await this.#act("start");
  }

  #act(verb: NodeVerb): Promise<void> {
    return this.#bed.testbed.node(this.#fault.node).act(verb);
  }
}
