import type { StreamReport } from "./tally.ts";

/** The most that a stream may have lost. */
export interface LossLimit {
  /** Packets in all. */
  readonly packets?: number;
  /** The longest outage, milliseconds. */
  readonly forMs?: number;
}

/** A limit as a person says it: `5 packets, for 100 ms`. */
export function limitText({ packets, forMs }: LossLimit): string {
  return [
    ...(packets === undefined ? [] : [`${packets} packets`]),
    ...(forMs === undefined ? [] : [`for ${forMs} ms`]),
  ].join(", ");
}

/** Why a stream has lost too much, a line each; none when it has not. */
export function lossFaults(report: StreamReport, { packets, forMs }: LossLimit): readonly string[] {
  const longest = report.longestOutage?.forMs ?? 0;
  return [
    ...(packets !== undefined && report.lost > packets
      ? [`lost ${report.lost} of ${report.sent} packets, expected at most ${packets}`]
      : []),
    ...(forMs !== undefined && longest > forMs
      ? [`lost packets for ${longest.toFixed(1)} ms, expected at most ${forMs} ms`]
      : []),
  ];
}

/** The figures of a stream as a person reads them. */
export function streamText(report: StreamReport): string {
  const { sent, received, lost, duplicated, reordered, latencyMs, outages, longestOutage } = report;
  const { p50, p95, p99, maximum } = latencyMs;
  return [
    `sent ${sent}, received ${received}, lost ${lost}, duplicated ${duplicated}, reordered ${reordered}`,
    received === 0
      ? "latency unknown: nothing arrived"
      : `latency p50 ${figure(p50)}, p95 ${figure(p95)}, p99 ${figure(p99)}, at most ${figure(maximum)}`,
    longestOutage === undefined
      ? "no outage"
      : `longest outage ${figure(longestOutage.forMs)} (${longestOutage.packets} packets from number ${longestOutage.first}, ` +
        `sent ${figure(longestOutage.atMs)} after the first); outages in all: ${outages.length}`,
  ].join("\n");
}

function figure(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`;
}
