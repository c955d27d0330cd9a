import type { Descriptor } from "../layer/descriptor.ts";
import type { Transform } from "../layer/transform.ts";
import type { TcpTable } from "./tcp-table.ts";
import { tcpLifetime } from "./tcp-state.ts";
import { Timed } from "./timer-wheel.ts";
import type { UnifiedTable } from "./unified-table.ts";

/** Milliseconds without a hit after which entries of LFT and UFT expire. */
export const flowLifetime = 60_000;

/** What is made with the decisions of layers, and goes with them. */
export type FlowChild = UnifiedFlow | TcpFlow;

/** A stateful decision of one layer, found from both directions. */
export class LayerFlow extends Timed {
  readonly kind = "layer";
  /** Place of the layer in the port's order. */
  readonly layer: number;
  readonly descriptor: Descriptor | undefined;
  inSlot = -1;
  outSlot = -1;
  lastHit: number;
  inHits = 0;
  outHits = 0;
  isAlive = true;
  /** The rules changed softly; it has to be looked at before its next use. */
  isDirty = false;
  /*
   * What was made with the help of this decision; it lives at least as long. Mostly two transforms and a TCP flow: an array
   * that grows would be larger than the rest.
   */
  #first: FlowChild | undefined = undefined;
  #second: FlowChild | undefined = undefined;
  #third: FlowChild | undefined = undefined;
  #more: FlowChild[] | undefined = undefined;

  constructor(layer: number, descriptor: Descriptor | undefined, now: number) {
    super();
    this.layer = layer;
    this.descriptor = descriptor;
    this.lastHit = now;
  }

  get hasChildren(): boolean {
    return this.#first !== undefined;
  }

  /** What was made with it. */
  get children(): readonly FlowChild[] {
    const few = [this.#first, this.#second, this.#third].filter((child) => child !== undefined);
    return this.#more === undefined ? few : [...few, ...this.#more];
  }

  addChild(child: FlowChild): void {
    if (this.#first === undefined) this.#first = child;
    else if (this.#second === undefined) this.#second = child;
    else if (this.#third === undefined) this.#third = child;
    else if (this.#more === undefined) this.#more = [child];
    else this.#more.push(child);
  }

  /** False if it is none of its children. */
  removeChild(child: FlowChild): boolean {
    // The last one takes the free place.
    if (child === this.#first) this.#first = this.#takeLast(1);
    else if (child === this.#second) this.#second = this.#takeLast(2);
    else if (child === this.#third) this.#third = this.#takeLast(3);
    else {
      const at = this.#more?.indexOf(child) ?? -1;
      if (at < 0 || this.#more === undefined) return false;
      const last = this.#more.pop();
      if (last !== undefined && at < this.#more.length) this.#more[at] = last;
    }
    return true;
  }

  /** Take the last child out that is behind place `place`; undefined if there is none. */
  #takeLast(place: number): FlowChild | undefined {
    const last = this.#more?.pop();
    if (last !== undefined) return last;
    if (place < 3 && this.#third !== undefined) {
      const third = this.#third;
      this.#third = undefined;
      return third;
    }
    const second = place < 2 ? this.#second : undefined;
    if (place < 2) this.#second = undefined;
    return second;
  }

  override get deadline(): number {
    return this.lastHit + flowLifetime;
  }
}

/** The composed transform of all layers for one direction of a flow. What a hit writes is in its table's record. */
export class UnifiedFlow extends Timed {
  readonly kind = "unified";
  readonly table: UnifiedTable;
  readonly slot: number;
  readonly parents: readonly LayerFlow[];
  isAlive = true;
  /** Entry of the other direction, once there is one. */
  pair: UnifiedFlow | undefined = undefined;
  tcp: TcpFlow | undefined = undefined;

  constructor(table: UnifiedTable, slot: number, parents: readonly LayerFlow[]) {
    super();
    this.table = table;
    this.slot = slot;
    this.parents = parents;
  }

  get isIn(): boolean {
    return this.table.isIn;
  }

  get transform(): Transform {
    return this.table.transformAt(this.slot);
  }

  get lastHit(): number {
    return this.table.lastHit(this.slot);
  }

  override get deadline(): number {
    return this.lastHit + flowLifetime;
  }
}

/** A TCP connection, by the guest's outbound tuple. What a segment changes is in its table's record. */
export class TcpFlow extends Timed {
  readonly kind = "tcp";
  readonly table: TcpTable;
  readonly slot: number;
  isAlive = true;
  parents: readonly LayerFlow[] = [];
  /** The flow as it arrives from the network, before NAT is reversed; known once a segment came in. */
  inboundKey: Int32Array | undefined = undefined;
  uftIn: UnifiedFlow | undefined = undefined;
  uftOut: UnifiedFlow | undefined = undefined;
  /** Neighbours among the flows of its phase, by last segment. */
  older: TcpFlow | undefined = undefined;
  newer: TcpFlow | undefined = undefined;
  list: AgeList | undefined = undefined;

  constructor(table: TcpTable, slot: number) {
    super();
    this.table = table;
    this.slot = slot;
  }

  get state(): number {
    return this.table.state(this.slot);
  }

  get lastHit(): number {
    return this.table.lastHit(this.slot);
  }

  override get deadline(): number {
    return this.lastHit + tcpLifetime(this.state);
  }
}

/** TCP flows of one phase, the longest at rest first. */
export class AgeList {
  oldest: TcpFlow | undefined = undefined;
  #newest: TcpFlow | undefined = undefined;

  /** Put a flow at the young end. */
  append(flow: TcpFlow): void {
    flow.list?.remove(flow);
    flow.list = this;
    flow.older = this.#newest;
    if (this.#newest === undefined) this.oldest = flow;
    else this.#newest.newer = flow;
    this.#newest = flow;
  }

  remove(flow: TcpFlow): void {
    if (flow.list !== this) return;
    if (flow.older === undefined) this.oldest = flow.newer;
    else flow.older.newer = flow.newer;
    if (flow.newer === undefined) this.#newest = flow.older;
    else flow.newer.older = flow.older;
    flow.older = flow.newer = undefined;
    flow.list = undefined;
  }
}
