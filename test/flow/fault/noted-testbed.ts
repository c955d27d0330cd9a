import { isDeepStrictEqual } from "node:util";
import { FlowTestbed } from "../../../src/flow/flow-testbed.ts";
import { TestbedFaults } from "../../../src/flow/fault/testbed-faults.ts";
import type { Testbed } from "../../../src/testbed/index.ts";
import { cleanDirection, type DirectionSettings } from "../../../src/topology/index.ts";
import { plan } from "../routed-bed.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** A testbed without machines that notes what is asked of it, when; some of it may fail. */
export class NotedTestbed {
  readonly clock = new VirtualClock();
  /** What was asked, such as `100 h1 pause`. */
  readonly asked: string[] = [];
  /** Something that is asked, without the time, to what happens then instead; for ever where a promise never resolves. */
  readonly instead = new Map<string, () => Promise<void>>();
  alive = true;
  readonly bed: FlowTestbed;
  readonly faults: TestbedFaults;
  readonly #states = new Map(plan.nodes.map(({ name }) => [name, "ready"]));
  readonly #wires = new Map(
    plan.wires.map(({ name }) => [name, { up: true, aToB: { ...cleanDirection }, bToA: { ...cleanDirection } }]),
  );

  constructor() {
    const states: Readonly<Record<string, string>> = {
      pause: "paused",
      resume: "ready",
      kill: "stopped",
      start: "ready",
      "power-cycle": "ready",
    };
    const testbed = {
      name: "noted",
      plan,
      status: () =>
        this.alive
          ? Promise.resolve({ state: "ready", panel: { running: true }, nodes: [] })
          : Promise.reject(new Error("gone")),
      node: (name: string) => ({
        name,
        status: () => Promise.resolve({ state: this.#states.get(name) }),
        act: async (verb: string) => {
          await this.#note(`${name} ${verb}`);
          this.#states.set(name, states[verb] ?? verb);
        },
      }),
      wires: {
        cursor: () => Promise.resolve(0),
        list: () =>
          Promise.resolve({
            wires: [...this.#wires].map(([name, { up, aToB, bToA }]) => ({
              name,
              up,
              aToB: { settings: { ...aToB } },
              bToA: { settings: { ...bToA } },
            })),
          }),
        up: (wire: string) => this.#setUp(wire, true),
        down: (wire: string) => this.#setUp(wire, false),
        set: async (wire: string, settings: Partial<DirectionSettings>, direction: "aToB" | "bToA") => {
          await this.#note(`${wire} ${direction} ${JSON.stringify(settings)}`);
          Object.assign(this.#wires.get(wire)?.[direction] ?? {}, settings);
        },
      },
    };
    this.bed = new FlowTestbed(testbed as unknown as Testbed, 0, () => {
      this.asked.push("given back");
      return Promise.resolve();
    });
    this.faults = new TestbedFaults(this.bed, this.clock);
  }

  /** Whether every machine runs and every wire is as planned. */
  get isWhole(): boolean {
    return (
      [...this.#states.values()].every((state) => state === "ready") &&
      [...this.#wires.values()].every((wire) =>
        isDeepStrictEqual(wire, { up: true, aToB: cleanDirection, bToA: cleanDirection }),
      )
    );
  }

  async #setUp(wire: string, up: boolean): Promise<void> {
    await this.#note(`${wire} ${up ? "up" : "down"}`);
    Object.assign(this.#wires.get(wire) ?? {}, { up });
  }

  async #note(what: string): Promise<void> {
    this.asked.push(`${this.clock.now()} ${what}`);
    await this.instead.get(what)?.();
  }
}
