import { createHash } from "node:crypto";
import { KestrelError } from "../../error/kestrel-error.ts";
import { build, ipv4, ipv6, packet, type Packet, payload, udp } from "../../packet/index.ts";
import type { DirectionName } from "../../wire/index.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import type { FlowPort } from "../flow-port.ts";
import { linkToNextHop } from "../next-hop.ts";
import { wirePlace } from "../recording.ts";
import { runSeed } from "../seed.ts";
import type { Sighting } from "../sighting.ts";
import type { Wiring } from "../wiring.ts";
import { type StreamReport, StreamTally } from "./tally.ts";
import { streamText } from "./stream-text.ts";

/** What a stream is made of; all have defaults. */
export interface StreamOptions {
  /** Packets a second: 100 unless given. */
  readonly rate?: number;
  /** Bytes of the UDP payload: 64 unless given, at least 16. */
  readonly payloadBytes?: number;
  /** `ipv6` unless given, or the family that both ports have. */
  readonly family?: "ipv4" | "ipv6";
  /** UDP ports: 4000 and 9 (discard) unless given. */
  readonly srcPort?: number;
  readonly dstPort?: number;
  /** The port whose MAC the frames are sent to: the one at the other end of the wire unless given. */
  readonly via?: string;
  /** Other packets than UDP between the addresses of the ports; each has to carry the payload somewhere as it is. */
  readonly packet?: (content: Uint8Array) => Packet;
  /** How long packets that are still on their way are waited for at the end, milliseconds: 1000 unless given. */
  readonly drainMs?: number;
}

const defaultRate = 100;
const defaultPayloadBytes = 64;
const defaultDrainMs = 1000;
const markBytes = 12;
const leastPayloadBytes = markBytes + 4;
/** Frames that may be on their way to the panel at once: beyond it the stream is slower than asked. */
const mostUnderWay = 256;
/** Time between sends at the least, milliseconds: a faster stream sends several at a time. */
const shortestTick = 2;

let streams = 0;

/**
 * Numbered packets at a steady rate from one port to another, and what becomes of them. They are put on the wire of the
 * first port; all figures are read from the recordings: sent is what entered the first wire from there, received what was
 * delivered by the last wire. Both have one clock. A latency goes from the moment a packet enters the first wire to that in
 * which it enters the last.
 */
export class FlowStream implements AsyncDisposable {
  readonly bed: FlowTestbed;
  /** `h1:net0 → h2:net0`. */
  readonly name: string;
  readonly #tally = new StreamTally();
  readonly #mark: Buffer;
  readonly #options: StreamOptions;
  readonly #underWay = new Set<Promise<void>>();
  #sending: Promise<void> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();
  #injected = 0;
  /** As a step of the flow, which is refused once the flow has failed; and as what it does. */
  #stopped: Promise<StreamReport> | undefined;
  #ended: Promise<StreamReport> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  readonly #complete = new AbortController();
  readonly #stopSending = new AbortController();

  private constructor(bed: FlowTestbed, name: string, options: StreamOptions) {
    this.bed = bed;
    this.name = name;
    this.#options = options;
    streams += 1;
    this.#mark = createHash("sha256").update(`${runSeed()} stream ${streams}`).digest().subarray(0, markBytes);
  }

  /** Begin to send. @throws KestrelError (input) when a port is plugged into nothing or has no address of the family */
  static async start(from: FlowPort, to: FlowPort, options: StreamOptions): Promise<FlowStream> {
    const { bed } = from;
    const { rate = defaultRate, payloadBytes = defaultPayloadBytes } = options;
    checkNumber("rate", rate, Number.MIN_VALUE);
    checkNumber("payloadBytes", payloadBytes, leastPayloadBytes);
    const stream = new FlowStream(bed, `${from.name} → ${to.name}`, options);
    const wiring = await bed.wiring();
    const first = wiring.wireOfPort(from.name);
    const last = wiring.wireOfPort(to.name);
    const wrap = options.packet ?? datagrams(from, to, wiring, options);
    const since = await bed.mark();
    stream.#reading = stream.#read(wiring, [first.wire, last.wire], { from: from.name, to: to.name, since });
    stream.#sending = stream.#send(first, (number) => build(wrap(stream.#content(number, payloadBytes))), rate);
    // Told by stop().
    for (const work of [stream.#reading, stream.#sending]) {
      work.catch((error: unknown) => {
        stream.#failure ??= { error };
        stream.#complete.abort();
      });
    }
    return stream;
  }

  /** What is known by now, while packets may be on their way. */
  report(): StreamReport {
    return this.#tally.report();
  }

  /** Send no more, wait for what is on its way, and give the figures. May be called again. */
  stop(): Promise<StreamReport> {
    const text = `stop the stream ${this.name}`;
    this.#stopped ??= this.bed.step("wait", text, () => this.bed.guarded(text, () => this.#end()));
    return this.#stopped;
  }

  /** The figures as a person reads them. */
  toString(): string {
    return `stream ${this.name}\n${streamText(this.report())}`;
  }

  /** Ends it whatever else has failed in the flow. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  #end(): Promise<StreamReport> {
    this.#ended ??= this.#stop();
    return this.#ended;
  }

  async #stop(): Promise<StreamReport> {
    this.#stopSending.abort();
    await this.#sending.catch(() => undefined);
    await Promise.all(this.#underWay);
    this.#deadline = performance.now() + (this.#options.drainMs ?? defaultDrainMs);
    this.#lookWhetherComplete();
    await this.#reading.catch(() => undefined);
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.report();
  }

  #content(number: number, bytes: number): Buffer {
    const content = Buffer.alloc(bytes, 0x5a);
    this.#mark.copy(content);
    content.writeUInt32BE(number, markBytes);
    return content;
  }

  async #send(
    { wire, direction }: { readonly wire: string; readonly direction: DirectionName },
    frameOf: (number: number) => Buffer,
    rate: number,
  ): Promise<void> {
    const { signal } = this.#stopSending;
    const startedAt = performance.now();
    while (!signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) / 1000) * rate) + 1;
      while (this.#injected < due && this.#underWay.size < mostUnderWay) {
        const sent: Promise<void> = this.bed.testbed.wires
          .inject(wire, direction, frameOf(this.#injected))
          .then(() => undefined)
          .catch((error: unknown) => {
            this.#failure ??= { error };
            this.#stopSending.abort();
          })
          .finally(() => this.#underWay.delete(sent));
        this.#underWay.add(sent);
        this.#injected += 1;
      }
      const next = startedAt + (this.#injected / rate) * 1000 - performance.now();
      await tick(Math.max(shortestTick, next), signal);
    }
  }

  async #read(
    wiring: Wiring,
    wires: readonly string[],
    { from, to, since }: { readonly from: string; readonly to: string; readonly since: number },
  ): Promise<void> {
    const until = { deadline: () => this.#deadline, signal: this.#complete.signal };
    await Promise.all(
      [...new Set(wires)].map(async (wire) => {
        for await (const batch of wirePlace(this.bed.testbed.wires, wiring, wire).follow(since, until)) {
          for (const seen of batch) this.#take(seen, from, to);
          this.#lookWhetherComplete();
        }
      }),
    );
  }

  #take(seen: Sighting, from: string, to: string): void {
    const at = seen.frame.indexOf(this.#mark);
    if (at === -1 || at + leastPayloadBytes > seen.frame.length) return;
    const number = seen.frame.readUInt32BE(at + markBytes);
    if (seen.from === from) this.#tally.tellSent(number, seen.timestampNanoseconds);
    if (seen.to !== to || seen.fate !== "delivered") return;
    const copies = seen.marks.includes("duplicated") ? 2 : 1;
    this.#tally.tellArrived(number, seen.timestampNanoseconds, copies);
  }

  #lookWhetherComplete(): void {
    if (this.#deadline === Number.POSITIVE_INFINITY) return;
    if (this.#tally.sent === this.#injected && this.#tally.received === this.#injected) this.#complete.abort();
  }
}

function tick(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}

/** UDP between the addresses of two ports, to the MAC at the other end of the first one's wire. */
function datagrams(
  from: FlowPort,
  to: FlowPort,
  wiring: Wiring,
  { family, srcPort = 4000, dstPort = 9, via }: StreamOptions,
): (content: Uint8Array) => Packet {
  const link = linkToNextHop(from, wiring, via);
  const hasBoth = [from, to].every(({ plan }) => plan.addresses.some((address) => address.includes(":")));
  const network =
    (family ?? (hasBoth ? "ipv6" : "ipv4")) === "ipv6"
      ? ipv6({ src: from.ipv6, dst: to.ipv6 })
      : ipv4({ src: from.ipv4, dst: to.ipv4 });
  return (content) => packet(link, network, udp({ srcPort, dstPort }), payload(content));
}

function checkNumber(name: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least) return;
  throw new KestrelError({
    kind: "input",
    step: "start a stream",
    subject: name,
    expected: least === Number.MIN_VALUE ? "a number above 0" : `a number of at least ${least}`,
    found: String(value),
  });
}
