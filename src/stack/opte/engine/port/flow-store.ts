import type { Descriptor } from "../layer/descriptor.ts";
import { AgeList, LayerFlow, type TcpFlow, type UnifiedFlow } from "../table/flow.ts";
import { LayerTables } from "../table/layer-tables.ts";
import { tcpPhase } from "../table/tcp-state.ts";
import { TcpTable } from "../table/tcp-table.ts";
import { type Timed, TimerWheel } from "../table/timer-wheel.ts";
import { type UnifiedSpec, UnifiedTable } from "../table/unified-table.ts";
import { evictionCandidates } from "./eviction-candidates.ts";

/** Most entries of a port's tables. */
export interface FlowLimits {
  readonly layers: readonly number[];
  readonly uft: number;
  readonly tcp: number;
}

/** How often an established flow moves in its age list at most, in milliseconds. */
const listGranularity = 1000;

/**
 * All flow tables of a port and what ties their entries together: LFT entries are parents of the UFT and TCP entries that
 * were made with them. Parents outlive their children; when a parent goes, its children go.
 */
export class FlowStore {
  readonly layers: readonly LayerTables[];
  readonly uftIn: UnifiedTable;
  readonly uftOut: UnifiedTable;
  readonly tcp: TcpTable;
  readonly ages = { opening: new AgeList(), established: new AgeList(), closing: new AgeList() };
  readonly evictions: { readonly layers: number[]; uftIn: number; uftOut: number; tcp: number };
  /** Told of every entry that the timer ends. */
  onExpired: ((flow: LayerFlow | UnifiedFlow | TcpFlow) => void) | undefined = undefined;
  readonly #wheel = new TimerWheel();

  constructor(limits: FlowLimits, seed: number) {
    this.layers = limits.layers.map((limit) => new LayerTables(limit, seed));
    this.uftIn = new UnifiedTable(true, limits.uft, seed);
    this.uftOut = new UnifiedTable(false, limits.uft, seed);
    this.tcp = new TcpTable(limits.tcp, seed);
    this.evictions = { layers: limits.layers.map(() => 0), uftIn: 0, uftOut: 0, tcp: 0 };
  }

  /** Store a decision under the keys of both directions. `undefined` if the table is full and nothing may be evicted. */
  addLayerFlow(
    layer: number,
    inKey: Int32Array,
    outKey: Int32Array,
    descriptor: Descriptor | undefined,
    now: number,
  ): LayerFlow | undefined {
    const tables = this.layers[layer];
    if (tables === undefined) return undefined;
    // A flow that only shares one half of its identity with the new one would be in its way for ever.
    const oldOut = tables.get(false, outKey);
    if (oldOut !== undefined) this.removeLayerFlow(oldOut);
    const oldIn = tables.get(true, inKey);
    if (oldIn !== undefined) this.removeLayerFlow(oldIn);
    if (tables.isFull && !this.#evictLayerFlow(layer, now)) return undefined;
    const flow = new LayerFlow(layer, descriptor, now);
    tables.add(inKey, outKey, flow);
    this.#wheel.schedule(flow);
    return flow;
  }

  #evictLayerFlow(layer: number, now: number): boolean {
    for (const { parents } of evictionCandidates(this.ages, now)) {
      const parent = parents.find((each) => each.layer === layer && each.isAlive);
      if (parent === undefined) continue;
      this.removeLayerFlow(parent);
      this.evictions.layers[layer] = (this.evictions.layers[layer] ?? 0) + 1;
      return true;
    }
    return false;
  }

  /** Store a composed transform. `undefined` if the table is full and nothing may be evicted: it is used this once. */
  addUnifiedFlow(isIn: boolean, key: Int32Array, spec: UnifiedSpec, pairKey: Int32Array): UnifiedFlow | undefined {
    const own = isIn ? this.uftIn : this.uftOut;
    const old = own.get(key);
    if (old !== undefined) this.removeUnifiedFlow(old);
    if (own.isFull && !this.#evictUnifiedFlow(isIn, spec.now)) return undefined;
    const flow = own.add(key, spec);
    // A pair would be a child of the same decisions.
    const mayHavePair = spec.parents.length === 0 || spec.parents.some(({ hasChildren }) => hasChildren);
    const pair = mayHavePair ? (isIn ? this.uftOut : this.uftIn).get(pairKey) : undefined;
    if (pair !== undefined) {
      if (pair.pair !== undefined) pair.pair.pair = undefined;
      pair.pair = flow;
      flow.pair = pair;
    }
    for (const parent of spec.parents) parent.addChild(flow);
    this.#wheel.schedule(flow);
    return flow;
  }

  #evictUnifiedFlow(isIn: boolean, now: number): boolean {
    for (const { uftIn, uftOut } of evictionCandidates(this.ages, now)) {
      const flow = isIn ? uftIn : uftOut;
      if (flow === undefined) continue;
      this.removeUnifiedFlow(flow);
      if (isIn) this.evictions.uftIn += 1;
      else this.evictions.uftOut += 1;
      return true;
    }
    return false;
  }

  /** Begin a TCP flow. `undefined` if the table is full and nothing may be evicted. */
  addTcpFlow(key: Int32Array, state: number, now: number): TcpFlow | undefined {
    if (this.tcp.isFull) {
      const victim = evictionCandidates(this.ages, now)[0];
      if (victim === undefined) return undefined;
      this.removeTcpFlow(victim);
      this.evictions.tcp += 1;
    }
    const flow = this.tcp.add(key, state, now);
    this.#list(flow);
    this.#wheel.schedule(flow);
    return flow;
  }

  /** Say that a TCP flow has another state: its lifetime is another. */
  tcpStateChanged(flow: TcpFlow): void {
    this.#list(flow);
    this.#wheel.schedule(flow);
  }

  #list(flow: TcpFlow): void {
    const phase = tcpPhase(flow.state);
    if (phase !== "closed") this.ages[phase].append(flow);
    this.tcp.setListedAt(flow.slot, flow.lastHit);
  }

  /** Note a segment of a TCP flow whose state stays. */
  tcpTouched(slot: number, now: number): void {
    if (now - this.tcp.listedAt(slot) < listGranularity) return;
    const flow = this.tcp.valueAt(slot);
    if (flow !== undefined) this.#list(flow);
  }

  /** Tie a TCP flow to the transforms of one direction. */
  link(tcp: TcpFlow, flow: UnifiedFlow): void {
    flow.tcp = tcp;
    flow.table.setTcpSlot(flow.slot, tcp.slot);
    if (flow.isIn) tcp.uftIn = flow;
    else tcp.uftOut = flow;
  }

  #unlink(flow: UnifiedFlow | undefined, tcp: TcpFlow): void {
    if (flow?.tcp !== tcp) return;
    flow.tcp = undefined;
    flow.table.setTcpSlot(flow.slot, -1);
  }

  /** Tie a TCP flow to the decisions of its last walk; the list is kept. */
  setTcpParents(flow: TcpFlow, parents: readonly LayerFlow[]): void {
    const { parents: before } = flow;
    if (before.length === 0) {
      for (const parent of parents) parent.addChild(flow);
      flow.parents = parents;
      return;
    }
    if (before.length === parents.length && before.every((parent, i) => parent === parents[i])) return;
    for (const parent of before) if (!parents.includes(parent)) this.#leave(parent, flow);
    for (const parent of parents) if (!before.includes(parent)) parent.addChild(flow);
    flow.parents = parents;
  }

  removeLayerFlow(flow: LayerFlow): void {
    if (!flow.isAlive) return;
    flow.isAlive = false;
    this.layers[flow.layer]?.remove(flow);
    this.#wheel.cancel(flow);
    // Each goes out of the list as it goes.
    if (flow.hasChildren) for (const child of flow.children) this.#remove(child);
    flow.descriptor?.release();
  }

  removeUnifiedFlow(flow: UnifiedFlow): void {
    if (!flow.isAlive) return;
    flow.isAlive = false;
    flow.table.remove(flow.slot);
    this.#wheel.cancel(flow);
    if (flow.pair?.pair === flow) flow.pair.pair = undefined;
    flow.pair = undefined;
    if (flow.tcp?.uftIn === flow) flow.tcp.uftIn = undefined;
    if (flow.tcp?.uftOut === flow) flow.tcp.uftOut = undefined;
    flow.tcp = undefined;
    for (const parent of flow.parents) this.#leave(parent, flow);
  }

  removeTcpFlow(flow: TcpFlow): void {
    if (!flow.isAlive) return;
    flow.isAlive = false;
    this.tcp.remove(flow.slot);
    this.#wheel.cancel(flow);
    flow.list?.remove(flow);
    this.#unlink(flow.uftIn, flow);
    this.#unlink(flow.uftOut, flow);
    for (const parent of flow.parents) this.#leave(parent, flow);
  }

  #remove(flow: LayerFlow | UnifiedFlow | TcpFlow): void {
    if (flow.kind === "layer") this.removeLayerFlow(flow);
    else if (flow.kind === "unified") this.removeUnifiedFlow(flow);
    else this.removeTcpFlow(flow);
  }

  /** A child is gone: its parent was in use as long as the child was. */
  #leave(parent: LayerFlow, child: UnifiedFlow | TcpFlow): void {
    if (!parent.removeChild(child)) return;
    parent.lastHit = Math.max(parent.lastHit, child.lastHit);
    if (!parent.hasChildren && parent.isAlive) this.#wheel.schedule(parent);
  }

  /** End everything whose time has come. */
  expire(now: number): void {
    this.#wheel.advance(now, (timed: Timed) => {
      const flow = timed as LayerFlow | UnifiedFlow | TcpFlow;
      // A parent waits for its last child.
      if (flow.kind === "layer" && flow.hasChildren) return;
      this.onExpired?.(flow);
      this.#remove(flow);
    });
  }

  /** End all decisions of a layer, and what was made with them. */
  clearLayer(layer: number): void {
    for (const flow of [...(this.layers[layer]?.values() ?? [])]) this.removeLayerFlow(flow);
  }

  /** Forget all composed transforms. */
  clearUnified(): void {
    for (const table of [this.uftIn, this.uftOut]) for (const flow of [...table.values()]) this.removeUnifiedFlow(flow);
  }

  /** Forget every flow. */
  clear(): void {
    for (const layer of this.layers.keys()) this.clearLayer(layer);
    this.clearUnified();
    for (const flow of [...this.tcp.values()]) this.removeTcpFlow(flow);
  }

  /** Let a layer's decisions be looked at again before their next use. */
  markDirty(layer: number): void {
    for (const flow of this.layers[layer]?.values() ?? []) flow.isDirty = true;
  }
}
