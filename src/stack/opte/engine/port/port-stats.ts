/** Counters of one direction of a port, by the names of its kstat (specification, section 4.3). */
export interface SideStats {
  drop: number;
  drop_handle_pkt: number;
  drop_layer: number;
  drop_tcp_err: number;
  hairpin: number;
  modified: number;
  process_err: number;
  uft_hit: number;
  uft_miss: number;
  /** Inner packets longer than the port's MTU. */
  oversize: number;
  /** Beyond the reference: packets over the port's bandwidth cap. */
  drop_bandwidth: number;
  /** Beyond the reference: packets handed to the agent, and those that its queue had no room for. */
  agent: number;
  agent_drop: number;
  /** Beyond the reference: bytes and packets that passed. */
  bytes: number;
}

/** Counters of a port. Gauges (flows, capacities) are read from its tables. */
export interface PortStats {
  readonly in: SideStats;
  readonly out: SideStats;
  /** Beyond the reference: packets lost because all ports of a SNAT pool were taken. */
  snat_exhausted: number;
}

/** Counters, all zero. */
export function newPortStats(): PortStats {
  const side: SideStats = {
    drop: 0,
    drop_handle_pkt: 0,
    drop_layer: 0,
    drop_tcp_err: 0,
    hairpin: 0,
    modified: 0,
    process_err: 0,
    uft_hit: 0,
    uft_miss: 0,
    oversize: 0,
    drop_bandwidth: 0,
    agent: 0,
    agent_drop: 0,
    bytes: 0,
  };
  return { in: { ...side }, out: { ...side }, snat_exhausted: 0 };
}
