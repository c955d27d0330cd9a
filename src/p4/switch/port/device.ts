import { type ControlOptions, SwitchControl } from "../control/switch-control.ts";
import type { EngineOutputs } from "../engine/contract.ts";
import type { Program } from "../format/program.ts";
import type { Port, PortEvents, PortOpener } from "./port.ts";

/** What a device does besides moving packets. */
export type DeviceOutputs = Pick<EngineOutputs, "notify" | "log">;

/** As many as 9 bits can say. */
const defaultPortCount = 512;

/** How a device works. */
export interface DeviceOptions extends Omit<ControlOptions, "clock"> {
  /** Ports have numbers below this (512). */
  readonly portCount?: number;
}

/** A switch with ports on the clock of this host. */
export class SwitchDevice implements AsyncDisposable {
  readonly control: SwitchControl;
  readonly #portCount: number;
  readonly #ports: (Port | undefined)[] = [];
  readonly #touched = new Set<Port>();
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #timerDue = Infinity;

  constructor(program: Program, outputs: DeviceOutputs = {}, options: DeviceOptions = {}) {
    const { portCount = defaultPortCount } = options;
    this.#portCount = portCount;
    const send = (port: number, bytes: Uint8Array, start: number, length: number): void => {
      // A packet to a port that is not there vanishes.
      const target = this.#ports[port];
      if (target === undefined) return;
      target.send(bytes, start, length);
      if (target.flush !== undefined) this.#touched.add(target);
    };
    this.control = new SwitchControl(program, { ...outputs, send }, { ...options, clock: () => this.now });
    this.#arm();
  }

  /** Microseconds since the device was made. */
  get now(): number {
    return Math.floor((performance.now() - this.#startedAt) * 1000);
  }

  /** Add a port under a number that is free; `end` is called when nothing more can come from it. */
  async addPort(number: number, open: PortOpener, end?: () => void): Promise<void> {
    if (!(number >= 0 && number < this.#portCount)) {
      throw new Error(`expected a port from 0 to ${this.#portCount - 1}, found ${number}`);
    }
    if (this.#ports[number] !== undefined) throw new Error(`port ${number} is taken by ${this.#ports[number].name}`);
    let now = -1;
    const events: PortEvents = {
      packet: (bytes, start, length) => {
        // One look at the clock for all packets that came together.
        if (now < 0) now = this.now;
        this.control.engine.receive(number, bytes, start, length, now);
      },
      batchEnd: () => {
        now = -1;
        this.settle();
      },
      ...(end === undefined ? {} : { end }),
    };
    this.#ports[number] = await open(events);
  }

  /** Remove a port; throws if there is none of that number. */
  async removePort(number: number): Promise<void> {
    const port = this.#ports[number];
    if (port === undefined) throw new Error(`there is no port ${number}`);
    this.#ports[number] = undefined;
    this.#touched.delete(port);
    await port.close();
  }

  /** Ports by number. */
  *ports(): Generator<readonly [number, Port]> {
    for (const [number, port] of this.#ports.entries()) if (port !== undefined) yield [number, port];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#timerDue = -Infinity;
    for (const [, port] of this.ports()) await port.close();
    this.#ports.length = 0;
  }

  /** Let out what was held back, and be there when the next packet may leave. To be called after a change by the control. */
  settle(): void {
    for (const port of this.#touched) port.flush?.();
    this.#touched.clear();
    this.#arm();
  }

  #arm(): void {
    const { deadline } = this.control.engine;
    if (deadline >= this.#timerDue) return;
    clearTimeout(this.#timer);
    this.#timerDue = deadline;
    const delayMs = Math.max(0, (deadline - this.now) / 1000);
    this.#timer = setTimeout(() => {
      this.#timerDue = Infinity;
      this.control.engine.advance(this.now);
      this.settle();
    }, Math.ceil(delayMs));
  }
}
