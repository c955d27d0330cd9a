import type { Layer, Direction, DirectedRules } from "../layer/layer.ts";
import type { RuleSpec } from "../layer/rule-set.ts";
import type { Walk } from "../layer/walk.ts";
import { flowText } from "../parse/flow-key.ts";
import type { Frame } from "../parse/frame.ts";
import { OpteError } from "./opte-error.ts";
import { FlowStore } from "./flow-store.ts";
import { newPortStats } from "./port-stats.ts";
import type { ProbeListener } from "./probe.ts";
import { Processor, type Verdict } from "./process.ts";

export type PortState = "ready" | "running" | "paused" | "restored";

/** Most entries of the two flow caches and of the TCP table. */
export interface PortLimits {
  readonly uft: number;
  readonly tcp: number;
}

/** What a port asks before the layers: an answer ends the frame's way. */
export interface PortGatekeeper {
  ask(walk: Walk, frame: Frame, isIn: boolean, now: number): Verdict | undefined;
}

/**
 * One guest's NIC: ordered layers with their rules, flow tables, state and counters. Knows nothing of VPCs; `vpc/` makes
 * the layers.
 */
export class Port {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly store: FlowStore;
  readonly stats = newPortStats();
  readonly walk: Walk;
  /** Asked about every frame before its flow is looked up. */
  gatekeeper: PortGatekeeper | undefined = undefined;
  #state: PortState = "ready";
  #probe: ProbeListener | undefined = undefined;
  readonly #processor: Processor;

  /** `walk` may be shared by all ports of one process; `seed` is that of the tables' hashes. */
  constructor(name: string, layers: readonly Layer[], limits: PortLimits, walk: Walk, seed: number) {
    this.name = name;
    this.layers = layers;
    this.walk = walk;
    this.store = new FlowStore({ layers: layers.map(({ spec }) => spec.limit), ...limits }, seed);
    this.#processor = new Processor(layers, this.store, this.stats, walk);
  }

  get state(): PortState {
    return this.#state;
  }

  get epoch(): number {
    return this.#processor.epoch;
  }

  /** How the last frame was treated: 1 by a composed transform, 2 by one that changes its body, 3 by all layers. */
  get path(): number {
    return this.#processor.path;
  }

  /** Outer headers that the last frame got. */
  get encapsulation(): Processor["encapsulation"] {
    return this.#processor.encapsulation;
  }

  /** Hash of the last frame's flow: it chooses among next hops. */
  get hash(): number {
    return this.#processor.hash;
  }

  /** Have probes told; `undefined` ends it. */
  set probe(listener: ProbeListener | undefined) {
    if (listener === undefined) {
      this.#probe = undefined;
      this.store.onExpired = undefined;
    } else {
      this.#probe = (event) => {
        listener({ port: this.name, ...event });
      };
      this.store.onExpired = (flow) => {
        this.#probe?.({ probe: "flow-expired", detail: flow.kind });
      };
    }
    this.#processor.probe = this.#probe;
  }

  /** Process a frame that was read into the packet of the walk. The frame is changed in place. */
  process(direction: Direction, frame: Frame, now: number): Verdict {
    const isIn = direction === "in";
    if (this.#state !== "running") {
      this.walk.begin(frame, isIn, now);
      this.walk.failure = `port is ${this.#state}`;
      return "error";
    }
    if (this.#probe === undefined) return this.#process(frame, isIn, now);
    const { packet } = this.walk;
    const before = flowText(packet.key);
    this.#probe({ probe: "port-process-entry", detail: `${direction} ${before}` });
    const verdict = this.#process(frame, isIn, now);
    const after = `${before} -> ${flowText(packet.key)}`;
    const detail = `${direction} ${after} epoch ${this.epoch} ${verdict} path ${this.path}`;
    this.#probe({ probe: "port-process-return", walk: this.walk, detail });
    return verdict;
  }

  #process(frame: Frame, isIn: boolean, now: number): Verdict {
    return this.gatekeeper?.ask(this.walk, frame, isIn, now) ?? this.#processor.process(frame, isIn, now);
  }

  start(): void {
    this.#state = "running";
  }

  /** Throws {@link OpteError} unless running. */
  pause(): void {
    this.requireState("pause port", "running");
    this.#state = "paused";
  }

  /** Forget all flows; rules stay. */
  reset(): void {
    this.store.clear();
    this.#state = "ready";
  }

  /** State was brought from another port: it waits to be started. */
  markRestored(): void {
    this.#state = "restored";
  }

  /** Throws {@link OpteError}, BadState, unless the port is in one of the states. */
  requireState(step: string, ...states: readonly PortState[]): void {
    if (states.includes(this.#state)) return;
    throw new OpteError("BadState", step, this.name, `a port that is ${states.join(" or ")}`, this.#state);
  }

  /** Throws {@link OpteError}, LayerNotFound. */
  layer(name: string): Layer {
    const layer = this.layers.find((each) => each.name === name);
    if (layer !== undefined) return layer;
    const names = this.layers.map((each) => each.name).join(", ");
    throw new OpteError("LayerNotFound", "find layer", this.name, `one of ${names}`, `"${name}"`);
  }

  /** Add a rule; flows that were decided before go on. Returns its id. */
  addRule(layerName: string, direction: Direction, rule: RuleSpec): number {
    this.requireState("add rule", "ready", "running");
    const layer = this.layer(layerName);
    const id = layer.side(direction).rules.add(rule);
    layer.stats.add_rule_called += 1;
    this.bumpEpoch();
    return id;
  }

  /** Remove a rule; flows that it allowed go on. Throws {@link OpteError}, RuleNotFound. */
  removeRule(layerName: string, direction: Direction, id: number): void {
    this.requireState("remove rule", "ready", "running");
    const layer = this.layer(layerName);
    if (!layer.side(direction).rules.remove(id)) {
      throw new OpteError("RuleNotFound", "remove rule", this.name, `a rule of ${layerName} ${direction}`, String(id));
    }
    layer.stats.remove_rule_called += 1;
    this.bumpEpoch();
  }

  /** The first rule that is the same as this one: by predicates, priority and action. */
  findRule(layerName: string, direction: Direction, rule: RuleSpec): number | undefined {
    return this.layer(layerName).side(direction).rules.find(rule);
  }

  /** Have these rules in a layer. `hard` ends the flows that it decided; otherwise each is looked at again. */
  setRules(layerName: string, rules: DirectedRules, kind: "hard" | "soft"): void {
    this.requireState("set rules", "ready", "running");
    const layer = this.layer(layerName);
    const index = this.layers.indexOf(layer);
    layer.replaceRules(rules);
    layer.stats.set_rules_called += 1;
    if (kind === "hard") this.store.clearLayer(index);
    else this.store.markDirty(index);
    this.bumpEpoch();
  }

  /** Make all cached transforms invalid. */
  bumpEpoch(): void {
    this.#processor.epoch += 1;
  }

  /** End the flows whose time has come. */
  expire(now: number): void {
    this.requireState("expire flows", "running");
    this.store.expire(now);
  }

  clearUft(): void {
    this.requireState("clear UFT", "running");
    this.store.clearUnified();
  }

  clearLft(layerName: string): void {
    this.requireState("clear LFT", "running");
    this.store.clearLayer(this.layers.indexOf(this.layer(layerName)));
  }
}
