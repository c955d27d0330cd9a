import type { DirectionSettings } from "../topology/index.ts";
import type { DirectionName, WireStatus } from "../wire/index.ts";
import type { FlowTestbed } from "./flow-testbed.ts";
import { readRecording, wirePlace } from "./recording.ts";
import type { Sighting } from "./sighting.ts";
import type { RecordedPlace, Watched } from "./watched.ts";
import { findPort } from "./wiring.ts";

/** A wire in the hands of a test. */
export class FlowWire implements Watched {
  readonly bed: FlowTestbed;
  /** `h1:net0--r1:net0`, unless the topology names it otherwise. */
  readonly name: string;

  constructor(bed: FlowTestbed, name: string) {
    this.bed = bed;
    this.name = name;
  }

  /** Its own name, once it is sure that there is such a wire. */
  async watchedWire(): Promise<string> {
    (await this.bed.wiring()).checkWire(this.name);
    return this.name;
  }

  /** Its recording, once it is sure that there is such a wire. */
  async place(): Promise<RecordedPlace> {
    const wiring = await this.bed.wiring();
    wiring.checkWire(this.name);
    return wirePlace(this.bed.testbed.wires, wiring, this.name);
  }

  /** What it carries: settings, counters, ends. */
  status(): Promise<WireStatus> {
    return this.#guarded("look at", async () => {
      const { wires } = await this.bed.testbed.wires.list();
      const status = wires.find(({ name }) => name === this.name);
      if (status === undefined) throw new Error(`wire ${this.name} has been removed`);
      return status;
    });
  }

  /** Frames recorded since the last send (or a cursor noted earlier), background included. */
  frames(since = this.bed.cursor): Promise<readonly Sighting[]> {
    return this.#guarded("read", async () =>
      readRecording(this.bed.testbed.wires, { wiring: await this.bed.wiring(), wires: [this.name], since }),
    );
  }

  /** Change what one direction, or both, do to frames from now on. */
  set(settings: Partial<DirectionSettings>, direction?: DirectionName): Promise<void> {
    return this.#guarded("set", () => this.bed.testbed.wires.set(this.name, settings, direction));
  }

  /** Silence in one direction or in both; the carrier stays. */
  cut(direction?: DirectionName): Promise<void> {
    return this.#guarded("cut", () => this.bed.testbed.wires.cut(this.name, direction));
  }

  /** The opposite of {@link cut}. */
  mend(direction?: DirectionName): Promise<void> {
    return this.#guarded("mend", () => this.bed.testbed.wires.mend(this.name, direction));
  }

  /** Take the carrier away at both ends. */
  down(): Promise<void> {
    return this.#guarded("take down", () => this.bed.testbed.wires.down(this.name));
  }

  /** The opposite of {@link down}. */
  up(): Promise<void> {
    return this.#guarded("bring up", () => this.bed.testbed.wires.up(this.name));
  }

  /** Plug an end into a port, which is pulled out of where it was. */
  async plug(end: "a" | "b", port: string): Promise<void> {
    findPort(this.bed.plan, port);
    await this.#guarded("plug in", () => this.bed.testbed.wires.attach(this.name, end === "a" ? 0 : 1, { port }));
  }

  /** Pull an end out. */
  unplug(end: "a" | "b"): Promise<void> {
    return this.#guarded("pull out", () => this.bed.testbed.wires.detach(this.name, end === "a" ? 0 : 1));
  }

  #guarded<Result>(verb: string, work: () => Promise<Result>): Promise<Result> {
    return this.bed.guarded(`${verb} wire ${this.name}`, async () => {
      await this.watchedWire();
      return work();
    });
  }
}
