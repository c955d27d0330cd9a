import type { Direction } from "../layer/layer.ts";
import { countedFaults, type ParseFault } from "../parse/parse-error.ts";

/** Faults that frames of one direction were dropped for. */
export type DropCounters = Record<(typeof countedFaults)[number], number>;

/** Counters of the whole engine, by the names of the kstat `xde` (specification, section 4.3). */
export interface DriverStats {
  readonly in_drop: DropCounters;
  readonly out_drop: DropCounters;
  in_drop_bad_tun_opt: number;
  /** Frames of the underlay that are no port's: they belong to the host's own stack. */
  in_not_ours: number;
  /** Frames between two ports of this sled. */
  loopback: number;
  loopback_drop: number;
  mcast_tx_local: number;
  mcast_tx_underlay: number;
  mcast_tx_external: number;
  /** Members whose port is gone. */
  mcast_tx_stale_local: number;
  mcast_tx_no_fwd_entry: number;
  mcast_tx_source_filtered: number;
  mcast_tx_fwd_source_filtered: number;
  mcast_rx_local: number;
  mcast_rx_stale_local: number;
  mcast_rx_no_subscribers: number;
  mcast_rx_bad_inner_dst: number;
  mcast_rx_source_filtered: number;
}

/** Counters, all zero. */
export function newDriverStats(): DriverStats {
  const drops = (): DropCounters => Object.fromEntries(countedFaults.map((fault) => [fault, 0])) as DropCounters;
  return {
    in_drop: drops(),
    out_drop: drops(),
    in_drop_bad_tun_opt: 0,
    in_not_ours: 0,
    loopback: 0,
    loopback_drop: 0,
    mcast_tx_local: 0,
    mcast_tx_underlay: 0,
    mcast_tx_external: 0,
    mcast_tx_stale_local: 0,
    mcast_tx_no_fwd_entry: 0,
    mcast_tx_source_filtered: 0,
    mcast_tx_fwd_source_filtered: 0,
    mcast_rx_local: 0,
    mcast_rx_stale_local: 0,
    mcast_rx_no_subscribers: 0,
    mcast_rx_bad_inner_dst: 0,
    mcast_rx_source_filtered: 0,
  };
}

/** Count a frame that could not be parsed. */
export function countFault(stats: DriverStats, direction: Direction, fault: ParseFault): void {
  if (fault === "none" || fault === "not_geneve") return;
  if (fault === "bad_tun_opt") stats.in_drop_bad_tun_opt += 1;
  else (direction === "in" ? stats.in_drop : stats.out_drop)[fault] += 1;
}
