import { KestrelError } from "../../error/kestrel-error.ts";
import type { PanelClient } from "../../wire/index.ts";
import type { Breaker } from "./breaker.ts";
import type { WireFault } from "./fault.ts";
import { wireCalls, type WireCall, type WireCondition } from "./wire-condition.ts";

/** What a wire was like before its first fault, and the faults it has, in order of beginning. */
interface BrokenWire {
  readonly base: WireCondition;
  readonly faults: readonly WireFault[];
}

/** The broken wires of a testbed: whoever adds a fault or takes one away gets the union of what is left. */
export class WireBreakers {
  readonly #panel: PanelClient;
  readonly #broken = new Map<string, BrokenWire>();

  constructor(panel: PanelClient) {
    this.#panel = panel;
  }

  /** @throws KestrelError (input) when the flow has removed the wire */
  async add(fault: WireFault): Promise<void> {
    const current = await this.#condition(fault.wire);
    if (current !== undefined) return this.#change(fault.wire, current, (faults) => [...faults, fault]);
    throw new KestrelError({
      kind: "input",
      step: "break a wire",
      subject: fault.wire,
      expected: "a wire of the testbed",
      found: "that it has been removed",
    });
  }

  /** Take away this very fault; another that looks the same stays. A wire that was removed has taken its faults with it. */
  async remove(fault: WireFault): Promise<void> {
    const current = await this.#condition(fault.wire);
    if (current === undefined) this.#broken.delete(fault.wire);
    else await this.#change(fault.wire, current, (faults) => faults.filter((each) => each !== fault));
  }

  async #change(
    wire: string,
    current: WireCondition,
    change: (faults: readonly WireFault[]) => readonly WireFault[],
  ): Promise<void> {
    const { base, faults } = this.#broken.get(wire) ?? { base: current, faults: [] };
    const after = change(faults);
    // Noted before it is done: what is done only in part is healed too.
    this.#broken.set(wire, { base, faults: after });
    for (const call of wireCalls({ wire, base, current, before: faults, after })) await this.#call(call);
    if (after.length === 0) this.#broken.delete(wire);
  }

  async #condition(wire: string): Promise<WireCondition | undefined> {
    const status = (await this.#panel.list()).wires.find(({ name }) => name === wire);
    return status && { up: status.up, aToB: status.aToB.settings, bToA: status.bToA.settings };
  }

  #call(call: WireCall): Promise<void> {
    return call.type === "set"
      ? this.#panel.set(call.wire, call.settings, call.direction)
      : this.#panel[call.type](call.wire);
  }
}

/** A fault of a wire. */
export class WireBreaker implements Breaker {
  readonly #fault: WireFault;
  readonly #wires: WireBreakers;

  constructor(fault: WireFault, wires: WireBreakers) {
    // A copy, told apart from an equal fault by being another object.
    this.#fault = { ...fault };
    this.#wires = wires;
  }

  begin(): Promise<void> {
    return this.#wires.add(this.#fault);
  }

  heal(): Promise<void> {
    return this.#wires.remove(this.#fault);
  }
}
