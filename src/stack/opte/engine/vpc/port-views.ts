import { actionText } from "../layer/action.ts";
import type { Direction, LayerStats } from "../layer/layer.ts";
import { predicateText } from "../layer/predicate-text.ts";
import { type FlowId, flowIdOf, flowText } from "../parse/flow-key.ts";
import type { PortStats, SideStats } from "../port/port-stats.ts";
import { type TcpStateName, tcpStates } from "../table/tcp-state.ts";
import type { TcpCounters } from "../table/tcp-table.ts";
import type { VpcPort } from "./vpc-port.ts";

/** One layer in a list. */
export interface LayerRow {
  readonly name: string;
  readonly rulesIn: number;
  readonly rulesOut: number;
  readonly defaultIn: string;
  readonly defaultOut: string;
  readonly flows: number;
}

/** The layers of a port in order. */
export function listLayers({ port }: VpcPort): readonly LayerRow[] {
  return port.layers.map((layer, index) => ({
    name: layer.name,
    rulesIn: layer.in.rules.size,
    rulesOut: layer.out.rules.size,
    defaultIn: layer.spec.in,
    defaultOut: layer.spec.out,
    flows: port.store.layers[index]?.size ?? 0,
  }));
}

/** One rule of a layer. */
export interface RuleRow {
  readonly id: number;
  readonly priority: number;
  readonly hits: number;
  /** `*` alone for none. */
  readonly predicates: readonly string[];
  readonly action: string;
}

/** One flow of a table. */
export interface FlowRow {
  readonly flow: FlowId;
  readonly hits: number;
  readonly action: string;
}

/** One direction of a layer. */
export interface LayerSideView {
  readonly flows: readonly FlowRow[];
  readonly rules: readonly RuleRow[];
  readonly defaultAction: string;
  readonly defaultHits: number;
}

export type LayerView = Readonly<Record<Direction, LayerSideView>>;

/** Flows and rules of a layer. Throws `OpteError`, LayerNotFound. */
export function dumpLayer({ port }: VpcPort, name: string): LayerView {
  const layer = port.layer(name);
  const tables = port.store.layers[port.layers.indexOf(layer)];
  const view = (direction: Direction): LayerSideView => {
    const side = layer.side(direction);
    return {
      flows: [...(tables?.values() ?? [])].map((flow) => ({
        flow: flowIdOf(tables?.keyOf(flow, direction === "in") ?? new Int32Array()),
        hits: direction === "in" ? flow.inHits : flow.outHits,
        action: flow.descriptor?.text ?? "no-op",
      })),
      rules: side.rules.rules.map(({ id, priority, hits, predicates, action }) => ({
        id,
        priority,
        hits,
        predicates: predicates.length === 0 ? ["*"] : predicates.map(predicateText),
        action: actionText(action),
      })),
      defaultAction: layer.spec[direction],
      defaultHits: side.defaultHits,
    };
  };
  return { in: view("in"), out: view("out") };
}

/** One composed transform. */
export interface UftRow {
  readonly flow: FlowId;
  readonly hits: number;
  /** Beyond the reference: bytes of the guest's frames. */
  readonly bytes: number;
  readonly transforms: string;
}

/** The entries and the limit of one direction's cache. */
export interface UftView {
  readonly limit: number;
  readonly flows: readonly UftRow[];
}

/** Both caches of a port. Throws `OpteError`, BadState, while it is ready. */
export function dumpUft({ port }: VpcPort): Readonly<Record<Direction, UftView>> {
  port.requireState("dump UFT", "running", "paused", "restored");
  const view = (table: typeof port.store.uftIn): UftView => ({
    limit: table.limit,
    flows: [...table.values()].map((flow) => ({
      flow: flowIdOf(table.keyAt(flow.slot)),
      hits: table.hits(flow.slot),
      bytes: table.bytes(flow.slot),
      transforms: flow.transform.text,
    })),
  });
  return { in: view(port.store.uftIn), out: view(port.store.uftOut) };
}

/** One TCP connection. */
export interface TcpRow extends TcpCounters {
  /** `TCP:SOURCE:PORT:DESTINATION:PORT`, as the guest sends. */
  readonly flow: string;
  readonly state: TcpStateName;
}

/** The TCP connections of a port. Throws `OpteError`, BadState, while it is ready. */
export function dumpTcpFlows({ port }: VpcPort): readonly TcpRow[] {
  port.requireState("dump TCP flows", "running", "paused", "restored");
  const { tcp } = port.store;
  return [...tcp.values()].map((flow) => ({
    flow: flowText(tcp.keyAt(flow.slot)),
    state: tcpStates[flow.state] ?? "CLOSED",
    ...tcp.counters(flow.slot),
  }));
}

/** Gauges and counters of a layer, by the names of its kstat. */
export interface LayerStatsView extends LayerStats {
  readonly name: string;
  readonly evictions: number;
  readonly lft_capacity: number;
  readonly flows: number;
  /** Seconds. */
  readonly flow_ttl: number;
  readonly in_rules: number;
  readonly out_rules: number;
}

/** Counters and gauges of a port and its layers. */
export interface PortStatsView extends PortStats {
  readonly in: SideStats & UftGauges;
  readonly out: SideStats & UftGauges;
  readonly tcp_flows: number;
  readonly tcp_capacity: number;
  readonly tcp_evictions: number;
  readonly layers: readonly LayerStatsView[];
}

/** How full a cache is. */
export interface UftGauges {
  readonly uft_flows: number;
  readonly uft_capacity: number;
  readonly uft_evictions: number;
}

/** Everything that is counted at a port (specification, section 4.3). */
export function portStats({ port }: VpcPort): PortStatsView {
  const { stats, store } = port;
  const gauges = (table: typeof store.uftIn, evictions: number): UftGauges => ({
    uft_flows: table.size,
    uft_capacity: table.limit,
    uft_evictions: evictions,
  });
  return {
    ...stats,
    in: { ...stats.in, ...gauges(store.uftIn, store.evictions.uftIn) },
    out: { ...stats.out, ...gauges(store.uftOut, store.evictions.uftOut) },
    tcp_flows: store.tcp.size,
    tcp_capacity: store.tcp.limit,
    tcp_evictions: store.evictions.tcp,
    layers: port.layers.map((layer, index) => ({
      name: layer.name,
      ...layer.stats,
      evictions: store.evictions.layers[index] ?? 0,
      lft_capacity: layer.spec.limit,
      flows: store.layers[index]?.size ?? 0,
      flow_ttl: 60,
      in_rules: layer.in.rules.size,
      out_rules: layer.out.rules.size,
    })),
  };
}
