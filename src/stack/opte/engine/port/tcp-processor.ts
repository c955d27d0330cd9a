import type { Walk } from "../layer/walk.ts";
import { transformKey } from "../layer/transform.ts";
import { keyWords, mirrorKey } from "../parse/flow-key.ts";
import type { Frame } from "../parse/frame.ts";
import type { TcpFlow, UnifiedFlow } from "../table/flow.ts";
import { tcpStates } from "../table/tcp-state.ts";
import type { UnifiedTable } from "../table/unified-table.ts";
import type { FlowStore } from "./flow-store.ts";
import type { ProbeListener } from "./probe.ts";
import { stepResult, tcpStep } from "./tcp-step.ts";

/** What a segment of a cached flow comes to: its transform, the slow way as a new flow, or nothing. */
export type CachedFate = "go-on" | "begin-anew" | "refuse";

/** A TCP segment's flow. */
export interface Segment {
  readonly tcp: TcpFlow | undefined;
  /** This segment began it. */
  readonly isNew: boolean;
  /** This segment ends it. */
  readonly closes: boolean;
}

/** The part of processing that follows TCP connections. One for each port. */
export class TcpProcessor {
  probe: ProbeListener | undefined = undefined;
  readonly #store: FlowStore;
  readonly #walk: Walk;
  readonly #arrived = new Int32Array(keyWords);
  readonly #scratch = new Int32Array(keyWords);

  constructor(store: FlowStore, walk: Walk) {
    this.#store = store;
    this.#walk = walk;
  }

  /** Forget a transform and that of the other direction. */
  invalidate(flow: UnifiedFlow | undefined): void {
    if (flow === undefined) return;
    this.probe?.({ probe: "uft-invalidate", walk: this.#walk });
    if (flow.pair !== undefined) this.#store.removeUnifiedFlow(flow.pair);
    this.#store.removeUnifiedFlow(flow);
  }

  /** What a segment does to a flow whose transform is cached. */
  cached(table: UnifiedTable, slot: number, frame: Frame, length: number, now: number): CachedFate {
    const { packet } = this.#walk;
    const { isIn } = table;
    const { tcp } = this.#store;
    let tcpSlot = table.tcpSlot(slot);
    if (tcpSlot < 0) tcpSlot = this.#findTcp(table, slot);
    const step = tcpStep(tcp, tcpSlot, isIn, frame.view, packet);
    switch (step) {
      case "stay":
        tcp.count(tcpSlot, isIn, frame.view, packet, length, now);
        this.#store.tcpTouched(tcpSlot, now);
        return "go-on";
      case "misfit":
        this.probe?.({ probe: "tcp-err", walk: this.#walk });
        tcp.count(tcpSlot, isIn, frame.view, packet, length, now);
        return "go-on";
      case "change":
        if (tcpSlot < 0) return this.#beginCachedSegment(table, slot, frame, length, now);
        this.#changeState(tcpSlot, stepResult.state);
        tcp.count(tcpSlot, isIn, frame.view, packet, length, now);
        this.#stateChanged(tcpSlot);
        return "go-on";
      case "close":
        // Without an entry nothing but the transforms was left of the flow.
        if (tcpSlot < 0) this.invalidate(table.valueAt(slot));
        else this.close(tcp.valueAt(tcpSlot));
        return "go-on";
      case "new-flow":
        this.close(tcp.valueAt(tcpSlot));
        return "begin-anew";
      case "refuse":
        return "refuse";
    }
  }

  /** A segment of a flow whose transforms are known but whose TCP state expired. */
  #beginCachedSegment(table: UnifiedTable, slot: number, frame: Frame, length: number, now: number): CachedFate {
    const { packet } = this.#walk;
    const state = stepResult.state;
    this.#guestKey(table, slot);
    const tcp = this.#store.addTcpFlow(this.#scratch, state, now);
    // Making room may have taken the flow itself away.
    const flow = table.valueAt(slot);
    if (tcp === undefined) return "refuse";
    if (table.isIn) tcp.inboundKey = this.#arrived.slice();
    this.#store.tcp.count(tcp.slot, table.isIn, frame.view, packet, length, now);
    if (flow !== undefined) {
      this.#store.setTcpParents(tcp, flow.parents);
      this.#store.link(tcp, flow);
    }
    return "go-on";
  }

  /** The TCP entry of a flow that lost its link to it, -1 if there is none. */
  #findTcp(table: UnifiedTable, slot: number): number {
    this.#guestKey(table, slot);
    const tcp = this.#store.tcp.get(this.#scratch);
    const flow = table.valueAt(slot);
    if (tcp !== undefined && flow !== undefined) this.#store.link(tcp, flow);
    return tcp?.slot ?? -1;
  }

  /** Put the guest's outbound tuple of the packet into `#scratch`, the arrived one into `#arrived`. */
  #guestKey(table: UnifiedTable, slot: number): void {
    const { packet } = this.#walk;
    const { key, sourcePort, destinationPort } = packet;
    this.#arrived.set(key);
    if (!table.isIn) {
      this.#scratch.set(key);
      return;
    }
    transformKey(packet, table.transformAt(slot), true, table.port(slot));
    mirrorKey(key, this.#scratch);
    key.set(this.#arrived);
    packet.sourcePort = sourcePort;
    packet.destinationPort = destinationPort;
  }

  /** TCP's part of the slow way: the flow of the segment, made if it begins one; "refuse" if it belongs to none. */
  segment(key: Int32Array, frame: Frame, isIn: boolean, length: number, now: number): Segment | "refuse" {
    const { packet } = this.#walk;
    const table = this.#store.tcp;
    let tcp = table.get(key);
    let step = tcpStep(table, tcp?.slot ?? -1, isIn, frame.view, packet);
    if (step === "new-flow") {
      this.close(tcp);
      tcp = undefined;
      step = tcpStep(table, -1, isIn, frame.view, packet);
    }
    if (step === "refuse") return "refuse";
    if (step === "close") return { tcp, isNew: false, closes: true };
    if (step === "misfit") this.probe?.({ probe: "tcp-err", walk: this.#walk });
    const isNew = tcp === undefined;
    tcp ??= this.#store.addTcpFlow(key, stepResult.state, now);
    if (tcp === undefined) return "refuse";
    if (step === "change") this.#changeState(tcp.slot, stepResult.state);
    table.count(tcp.slot, isIn, frame.view, packet, length, now);
    if (step === "change" && !isNew) this.#stateChanged(tcp.slot);
    return { tcp, isNew, closes: false };
  }

  #changeState(tcpSlot: number, state: number): void {
    this.#store.tcp.setState(tcpSlot, state);
    this.probe?.({ probe: "tcp-flow-state", walk: this.#walk, detail: tcpStates[state] ?? "" });
  }

  #stateChanged(tcpSlot: number): void {
    const tcp = this.#store.tcp.valueAt(tcpSlot);
    if (tcp !== undefined) this.#store.tcpStateChanged(tcp);
  }

  /** The flow is over: its entry and its transforms go, what the layers decided stays. */
  close(tcp: TcpFlow | undefined): void {
    if (tcp === undefined) return;
    this.probe?.({ probe: "uft-tcp-closed", walk: this.#walk });
    const { uftIn, uftOut } = tcp;
    if (uftIn !== undefined) this.#store.removeUnifiedFlow(uftIn);
    if (uftOut !== undefined) this.#store.removeUnifiedFlow(uftOut);
    this.#store.removeTcpFlow(tcp);
  }
}
