import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Plan, Statistics, TestbedEvent } from "../model/public-api.ts";
import type { FrameRow } from "../model/wire-pane.ts";
import { placedPanes } from "../layout/screen.ts";
import { tuiBegins } from "../model/begin.ts";
import { paintLine } from "../line/palette.ts";
import { Store } from "./store.ts";

const seconds = 3600;
const eventsPerSecond = 100;

/** Bytes of the heap in the course of an hour of events. */
export interface HourOfEvents {
  readonly quarterBytes: number;
  readonly endBytes: number;
}

/** Let an hour of events, counters, log lines and frames pass through the model and its panes, as fast as they go. */
export function hourOfEvents(plan: Plan, size: { readonly columns: number; readonly rows: number }): HourOfEvents {
  const collect = garbageCollector();
  const store = new Store(
    tuiBegins(size, 0),
    () => undefined,
    () => undefined,
  );
  const { dispatch } = store;
  dispatch({ type: "attached", name: plan.name, plan });
  dispatch({ type: "key", key: { name: "4", text: "4", raw: "4" } });
  let quarterBytes = 0;
  for (let second = 1; second <= seconds; second += 1) {
    const now = second * 1000;
    dispatch({ type: "events", bed: plan.name, events: eventsOf(plan, second) });
    dispatch({ type: "statistics", bed: plan.name, statistics: statisticsOf(plan, second) });
    const wire = store.state.wire.following ?? "";
    dispatch({ type: "frames", wire, frames: framesOf(second), skipped: 0 });
    dispatch({ type: "tick", now });
    for (const { pane } of placedPanes(store.state))
      for (const each of pane.lines) paintLine(each, { color: true, unicode: true });
    if (second * 4 === seconds) quarterBytes = collect();
  }
  const endBytes = collect();
  return { quarterBytes, endBytes };
}

/** Collects garbage and says how many bytes are left. */
function garbageCollector(): () => number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}

function eventsOf(plan: Plan, second: number): readonly TestbedEvent[] {
  return Array.from({ length: eventsPerSecond }, (_, index) => {
    const sequence = second * eventsPerSecond + index;
    const node = plan.nodes[sequence % plan.nodes.length]?.name ?? "";
    const about = { sequence, time: second * 1000 + index, elapsedMs: second * 1000 + index };
    return sequence % 2 === 0
      ? { ...about, type: "node", node, state: sequence % 4 === 0 ? "paused" : "ready" }
      : { ...about, type: "notice", message: `something about ${node}` };
  });
}

function statisticsOf(plan: Plan, second: number): Statistics {
  const counters = {
    frames: second * 1000,
    bytes: second * 900_000,
    deliveredFrames: second * 990,
    deliveredBytes: second * 891_000,
    dropped: { queue: 0, loss: second * 10, cut: 0, down: 0, mtu: 0, absent: 0 },
    injected: 0,
    duplicated: 0,
    corrupted: 0,
    reordered: 0,
    inFlightFrames: 0,
    inFlightBytes: 0,
    waitingBytes: 0,
  };
  return {
    timestamp: `${second}000000000`,
    wires: Object.fromEntries(plan.wires.map(({ name }) => [name, { aToB: counters, bToA: counters }])),
  };
}

function framesOf(second: number): readonly FrameRow[] {
  return Array.from({ length: 100 }, (_, index) => toRow(second * 100 + index));
}

function toRow(sequence: number): FrameRow {
  return {
    sequence,
    timeMs: sequence * 10,
    direction: "aToB",
    fate: "delivered",
    marks: [],
    bytes: 98,
    summary: `IPv4 10.0.1.1 > 10.0.2.1 ttl 64 ICMP echo request id 7 seq ${sequence}`,
    explanation: [`ICMP seq ${sequence}`],
  };
}
