import { snatExhausted } from "../layer/action.ts";
import type { Encapsulation } from "../layer/encapsulation.ts";
import type { Layer } from "../layer/layer.ts";
import { quotesPacket } from "../layer/icmp-embedded.ts";
import { applyTransform, type Transform } from "../layer/transform.ts";
import type { Walk } from "../layer/walk.ts";
import { keyWords, mirrorKey } from "../parse/flow-key.ts";
import type { Frame } from "../parse/frame.ts";
import { ulp } from "../parse/packet.ts";
import type { UnifiedTable } from "../table/unified-table.ts";
import type { FlowStore } from "./flow-store.ts";
import { LayerWalk } from "./layer-walk.ts";
import type { PortStats, SideStats } from "./port-stats.ts";
import type { ProbeListener } from "./probe.ts";
import { type Segment, TcpProcessor } from "./tcp-processor.ts";

/** What became of a frame. */
export type Verdict =
  /** The frame in the buffer goes on, changed. */
  | "modified"
  /** It was dropped: `walk.dropReason` and `dropLayer`, or the TCP flow, say why. */
  | "drop"
  /** It was consumed; `walk.reply` goes back to where it came from. */
  | "hairpin"
  /** Processing failed: `walk.failure`. */
  | "error"
  /** It waits for the agent. */
  | "agent";

/** How the frame was treated: by a composed transform, or by all layers. */
export const processPath = { fast: 1, medium: 2, slow: 3 } as const;

/** The part of processing that knows flows: caches, TCP, layers. One for each port. */
export class Processor {
  epoch = 1;
  /** How the last frame was treated. */
  path: number = processPath.slow;
  /** Outer headers of the last frame, where it was encapsulated. */
  encapsulation: Encapsulation | undefined = undefined;
  /** Hash of the last frame's flow, as it was encapsulated. */
  hash = 0;
  #probe: ProbeListener | undefined = undefined;
  readonly #store: FlowStore;
  readonly #stats: PortStats;
  readonly #walk: Walk;
  readonly #layers: LayerWalk;
  readonly #tcp: TcpProcessor;
  readonly #arrived = new Int32Array(keyWords);
  readonly #scratch = new Int32Array(keyWords);

  constructor(layers: readonly Layer[], store: FlowStore, stats: PortStats, walk: Walk) {
    this.#store = store;
    this.#stats = stats;
    this.#walk = walk;
    this.#layers = new LayerWalk(layers, store);
    this.#tcp = new TcpProcessor(store, walk);
  }

  set probe(listener: ProbeListener | undefined) {
    this.#probe = listener;
    this.#layers.probe = listener;
    this.#tcp.probe = listener;
  }

  /** Process the frame that the packet of the walk was read from. */
  process(frame: Frame, isIn: boolean, now: number): Verdict {
    const { packet } = this.#walk;
    const stats = isIn ? this.#stats.in : this.#stats.out;
    const table = isIn ? this.#store.uftIn : this.#store.uftOut;
    this.encapsulation = undefined;
    const slot = packet.family === 0 ? -1 : table.find(packet.key);
    if (slot >= 0) {
      const transform = table.transformAt(slot);
      if (table.epoch(slot) === this.epoch && transform.mapping?.isStale !== true) {
        const verdict = this.#cached(table, slot, transform, frame, stats, now);
        if (verdict !== undefined) return verdict;
      } else this.#tcp.invalidate(table.valueAt(slot));
    }
    return this.#slow(frame, isIn, stats, now);
  }

  /** Treat a frame by its composed transform; `undefined` if its flow begins anew and it has to take the slow way. */
  #cached(
    table: UnifiedTable,
    slot: number,
    transform: Transform,
    frame: Frame,
    stats: SideStats,
    now: number,
  ): Verdict | undefined {
    const { packet } = this.#walk;
    const length = packet.frameEnd - packet.etherAt;
    // Whatever TCP makes of the flow, this packet is treated by what is known of it now.
    const port = table.port(slot);
    const hash = table.hash(slot);
    stats.uft_hit += 1;
    table.hit(slot, length, now);
    if (this.#probe !== undefined) {
      this.#walk.begin(frame, table.isIn, now);
      this.#probe({ probe: "uft-hit", walk: this.#walk });
    }
    if (packet.ulp === ulp.tcp) {
      const fate = this.#tcp.cached(table, slot, frame, length, now);
      if (fate === "begin-anew") return undefined;
      if (fate === "refuse") return this.#tcpDrop(stats);
    }
    applyTransform(frame, packet, transform, table.isIn, port, hash);
    this.encapsulation = transform.encapsulation;
    this.hash = hash;
    this.path = transform.embedded !== undefined && quotesPacket(packet) ? processPath.medium : processPath.fast;
    stats.modified += 1;
    stats.bytes += length;
    return "modified";
  }

  #slow(frame: Frame, isIn: boolean, stats: SideStats, now: number): Verdict {
    const walk = this.#walk;
    const { packet } = walk;
    this.path = processPath.slow;
    stats.uft_miss += 1;
    walk.begin(frame, isIn, now);
    this.#arrived.set(packet.key);
    const isTcp = packet.ulp === ulp.tcp;
    const length = packet.frameEnd - packet.etherAt;
    // Outbound, TCP is asked before the layers: by the guest's own tuple.
    const outbound = isTcp && !isIn ? this.#tcp.segment(this.#arrived, frame, false, length, now) : undefined;
    if (outbound === "refuse") return this.#tcpDrop(stats);
    const result = this.#layers.run(walk);
    if (result !== "allow") {
      // What this packet began does not outlive it.
      if (outbound?.isNew === true && outbound.tcp !== undefined) this.#store.removeTcpFlow(outbound.tcp);
      return this.#refused(result, stats);
    }
    let segment = outbound;
    if (isTcp && isIn) {
      mirrorKey(packet.key, this.#scratch);
      const inbound = this.#tcp.segment(this.#scratch, frame, true, length, now);
      if (inbound === "refuse") return this.#tcpDrop(stats);
      segment = inbound;
    }
    this.#finish(segment, isIn, length, now);
    stats.modified += 1;
    stats.bytes += length;
    this.encapsulation = walk.transform.encapsulation;
    this.hash = walk.hash;
    return "modified";
  }

  /** Cache what the layers decided. */
  #finish(segment: Segment | undefined, isIn: boolean, length: number, now: number): void {
    const walk = this.#walk;
    const { packet } = walk;
    if (packet.family === 0 || segment?.closes === true) {
      this.#tcp.close(segment?.tcp);
      return;
    }
    const { transform, port, hash } = walk;
    const spec = { transform, parents: walk.parents.slice(), epoch: this.epoch, port, hash, length, now };
    mirrorKey(packet.key, this.#scratch);
    const flow = this.#store.addUnifiedFlow(isIn, this.#arrived, spec, this.#scratch);
    const tcp = segment?.tcp;
    if (tcp?.isAlive !== true) return;
    this.#store.setTcpParents(tcp, spec.parents);
    if (isIn) tcp.inboundKey ??= this.#arrived.slice();
    if (flow !== undefined) this.#store.link(tcp, flow);
  }

  #tcpDrop(stats: SideStats): Verdict {
    this.#probe?.({ probe: "tcp-flow-drop", walk: this.#walk });
    stats.drop += 1;
    stats.drop_tcp_err += 1;
    this.#walk.dropReason = "";
    this.#walk.dropLayer = "";
    return "drop";
  }

  #refused(result: "deny" | "hairpin" | "error", stats: SideStats): Verdict {
    switch (result) {
      case "hairpin":
        stats.hairpin += 1;
        return "hairpin";
      case "error":
        stats.process_err += 1;
        if (this.#walk.failure === snatExhausted) this.#stats.snat_exhausted += 1;
        return "error";
      case "deny":
        stats.drop += 1;
        if (this.#walk.dropReason === "handle-packet") stats.drop_handle_pkt += 1;
        else stats.drop_layer += 1;
        return "drop";
    }
  }
}
