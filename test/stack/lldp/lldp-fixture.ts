import { type Lldp, parse } from "../../../src/packet/index.ts";
import { LldpEngine, type SystemInformation } from "../../../src/stack/lldp/engine/lldp-engine.ts";
import type { LldpTimers } from "../../../src/stack/lldp/engine/timers.ts";

export const timers: LldpTimers = {
  transmitInterval: 30,
  holdMultiplier: 4,
  fastInterval: 1,
  fastCount: 4,
  creditLimit: 5,
  reinitializeDelay: 2,
};

export function system(systemName: string): SystemInformation {
  return { systemName, systemDescription: "a test", capabilities: ["router"] };
}

/** A frame on the wire between the two. */
export interface Passing {
  readonly atMs: number;
  readonly from: string;
  readonly bytes: Uint8Array;
}

/** Two systems, `a` and `b`, on both ends of a wire, on a clock of their own. */
export class LldpPair {
  readonly passed: Passing[] = [];
  readonly events: string[] = [];
  readonly a: LldpEngine;
  readonly b: LldpEngine;
  now = 0;
  /** Whether frames of `b` get to `a`. */
  hears = true;
  #queue: (() => void)[] = [];

  constructor(changed: Partial<LldpTimers> = {}) {
    const make = (name: string, other: () => LldpEngine): LldpEngine =>
      new LldpEngine({ ...timers, ...changed }, system(name), {
        send: (port, bytes) => {
          this.passed.push({ atMs: this.now, from: name, bytes });
          if (name === "a" || this.hears)
            this.#queue.push(() => {
              other().frame(port, bytes, this.now);
            });
        },
        neighbour: (_port, change, { chassisId }) => {
          this.events.push(`${this.now} ${name}: ${chassisId} ${change}`);
        },
      });
    this.a = make("a", () => this.b);
    this.b = make("b", () => this.a);
  }

  /** Interface `wire` of a system gets a carrier, or loses it. */
  port(engine: LldpEngine, isUp = true): void {
    engine.setPort("wire", { mac: engine === this.a ? "02:00:00:00:00:0a" : "02:00:00:00:00:0b", isUp }, this.now);
    this.#deliver();
  }

  /** Do something to a system. */
  act(what: () => void): void {
    what();
    this.#deliver();
  }

  /** Let time pass, moment by moment. */
  run(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(this.a.deadline ?? Infinity, this.b.deadline ?? Infinity);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.a.advance(this.now);
      this.b.advance(this.now);
      this.#deliver();
    }
    this.now = end;
  }

  /** When a system sent, in seconds. */
  sentAt(from: string): readonly number[] {
    return this.passed.filter((passing) => passing.from === from).map(({ atMs }) => atMs / 1000);
  }

  #deliver(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
  }
}

/** The LLDP of a frame. */
export function lldpOf(bytes: Uint8Array | undefined): Lldp | undefined {
  return bytes === undefined ? undefined : parse(bytes).find("lldp");
}
