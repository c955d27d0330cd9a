import type { Engine } from "../../../src/stack/ddm/engine/engine.ts";
import type { ForwardingPlan } from "../../../src/stack/ddm/engine/forwarding-plan.ts";
import type { NextHop } from "../../../src/stack/ddm/engine/input-output.ts";
import type { RouteKey } from "../../../src/stack/ddm/engine/route-key.ts";
import type { EngineSettings } from "../../../src/stack/ddm/engine/settings.ts";

/** What a router is made with; the rest has defaults. */
export type RouterOptions = Partial<Omit<EngineSettings, "routerId" | "random">> & Pick<EngineSettings, "kind">;

/** What the cables of a simulated network do to messages. */
export interface Impairment {
  /** Of datagrams and of requests and answers, 0 to 1. */
  readonly loss: number;
  /** Greatest delay of a message, milliseconds. */
  readonly delayMs: number;
}

/** A router of a simulated network. */
export interface SimulatedRouter {
  readonly name: string;
  readonly options: RouterOptions;
  readonly links: string[];
  readonly addresses: Map<string, string>;
  engine: Engine | undefined;
  /** Only the daemon is gone: its machine refuses connections. */
  isKilled: boolean;
  /** What the running engine wants in the table. */
  plan: ForwardingPlan;
  persisted: readonly RouteKey[];
  /** The forwarding table: outlives the engine, not the machine. */
  readonly fib: Map<string, readonly NextHop[]>;
}
