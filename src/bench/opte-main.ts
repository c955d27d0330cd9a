import { Frame } from "../stack/opte/engine/parse/frame.ts";
import { Packet } from "../stack/opte/engine/parse/packet.ts";
import { parseInner } from "../stack/opte/engine/parse/parse-inner.ts";
import { benchFrame, benchOffsets, type BenchSled, benchSled } from "./opte-sled.ts";

/*
 * One measurement of the OPTE benchmark, in a process of its own so that no other has shaped the compiled code:
 *   parse                    ns to read a frame
 *   hit FLOWS RULES ROUTES   ns of a frame of a known flow, the flows taken in turn
 *   miss RULES               ns of a frame that takes the slow way although its flow is known to the layers
 *   new COUNT                ns of the first frame of a flow
 *   table COUNT              bytes a flow, and ms to look for expired flows with none, 1000 and all of them expired
 * Prints a number, or for `table` {bytesPerFlow, expireNoneMs, expire1000Ms, expireAllMs}. Processor time, best of some rounds.
 */

const [mode = "", ...numbers] = process.argv.slice(2);
const [first = 0, second = 0, third = 0] = numbers.map(Number);

/** Milliseconds of processor time. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Nanoseconds of processor time of one of `count` calls, the best round of `rounds`. */
function best(rounds: number, count: number, call: (index: number) => void): number {
  let ns = Infinity;
  for (let round = 0; round < rounds; round++) {
    const before = cpuMs();
    for (let i = 0; i < count; i++) call(i);
    ns = Math.min(ns, ((cpuMs() - before) * 1e6) / count);
  }
  return ns;
}

const ack = 0x10;
const syn = 0x02;

/** Sends frames of one template, each with ports of its own. */
class Sender {
  readonly #sled: BenchSled;
  readonly #frame = new Frame(2048);
  readonly #template = benchFrame(1, 1, ["ACK"]);
  now = 1_000_000;

  constructor(sled: BenchSled) {
    this.#sled = sled;
  }

  /** A frame of flow `flow`: every flow has ports of its own. */
  send(flow: number, flags: number): void {
    const frame = this.#frame;
    frame.load(this.#template);
    frame.view.setUint16(frame.start + benchOffsets.sourcePort, 1024 + (flow & 0x7fff));
    frame.view.setUint16(frame.start + benchOffsets.destinationPort, 1 + (flow >>> 15));
    frame.view.setUint8(frame.start + benchOffsets.flags, flags);
    this.#sled.opte.fromGuest(this.#sled.port, frame, this.now);
  }

  /** Begin `count` flows, each of them established. */
  begin(count: number, from = 0): void {
    for (let i = from; i < from + count; i++) this.send(i, ack);
  }
}

function parseNs(): number {
  const frame = new Frame(2048);
  frame.load(benchFrame(1, 1, ["ACK"]));
  const packet = new Packet();
  return best(8, 2_000_000, () => {
    if (!parseInner(frame, frame.start, frame.end, true, packet)) throw new Error("expected a frame that can be read");
  });
}

function hitNs(flows: number, rules: number, routes: number): number {
  const sled = benchSled(rules, routes);
  const sender = new Sender(sled);
  sender.begin(flows);
  const count = 500_000;
  // Flows in an order that no cache can foresee.
  const ns = best(8, count, (i) => {
    sender.send((Math.imul(i, 0x9e3779b1) >>> 0) % flows, ack);
  });
  const { uft_hit: hits } = sled.port.port.stats.out;
  if (hits !== 8 * count) throw new Error(`expected ${8 * count} hits, found ${hits}`);
  return ns;
}

function missNs(rules: number): number {
  const sled = benchSled(rules);
  const sender = new Sender(sled);
  let flow = 0;
  const count = 20_000;
  const ns = best(6, count, () => {
    sender.send(flow++, syn);
  });
  const { uft_miss: misses } = sled.port.port.stats.out;
  if (misses !== 6 * count) throw new Error(`expected ${6 * count} misses, found ${misses}`);
  return ns;
}

function newFlowNs(count: number): number {
  const sender = new Sender(benchSled());
  const before = cpuMs();
  for (let i = 0; i < count; i++) sender.send(i, syn);
  return ((cpuMs() - before) * 1e6) / count;
}

function table(count: number): object {
  const sled = benchSled();
  const sender = new Sender(sled);
  const collect = globalThis.gc;
  collect?.();
  const before = process.memoryUsage();
  // A thousand flows are a minute older than the others.
  sender.begin(1000);
  sender.now += 30_000;
  sender.begin(count - 1000, 1000);
  collect?.();
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  const timed = (now: number): number => {
    const start = cpuMs();
    sled.opte.expire(now);
    return cpuMs() - start;
  };
  const held = sled.port.port.store.uftOut.size;
  if (held !== count) throw new Error(`expected ${count} flows, found ${held}`);
  const start = sender.now - 30_000;
  timed(start + 59_000);
  return {
    bytesPerFlow: bytes / count,
    expireNoneMs: timed(start + 59_999),
    expire1000Ms: timed(start + 60_001),
    expireAllMs: timed(start + 100_000),
  };
}

const measurements: Readonly<Record<string, () => number | object>> = {
  parse: parseNs,
  hit: () => hitNs(first, second, third),
  miss: () => missNs(first),
  new: () => newFlowNs(first),
  table: () => table(first),
};
const measure = measurements[mode];
if (measure === undefined) throw new Error(`expected one of ${Object.keys(measurements).join(", ")}, found "${mode}"`);
console.log(JSON.stringify(measure()));
