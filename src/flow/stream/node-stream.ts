import { createHash } from "node:crypto";
import { once } from "node:events";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { Running } from "../../guest/index.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import { nodeOfEnd } from "../path/journey.ts";
import { followRecording } from "../recording.ts";
import { runSeed } from "../seed.ts";
import type { Sighting } from "../sighting.ts";
import { checkNode } from "../wiring.ts";
import { streamText } from "./stream-text.ts";
import { senderProgram } from "./sender-program.ts";
import { type StreamReport, StreamTally, mergeReports } from "./tally.ts";

/** What a node sends to another; all but the destination have defaults. */
export interface NodeStreamOptions {
  /** The address that the datagrams are sent to, IPv6 or IPv4. */
  readonly destination: string;
  /** The address that they come from; the kernel's choice unless given. */
  readonly source?: string;
  /** Source ports at once, each a 5-tuple of its own that may take another path: 4 unless given, at most 255. */
  readonly flows?: number;
  /** Packets a second in each of them: 50 unless given. */
  readonly rate?: number;
  /** The first source port, and the destination port: 4000 and 9 (discard) unless given. */
  readonly srcPort?: number;
  readonly dstPort?: number;
  /** How long packets that are still on their way are waited for at the end, milliseconds: 1000 unless given. */
  readonly drainMs?: number;
}

const markBytes = 12;
/** The number of a packet: its flow in the highest byte. */
const flowShift = 24;

let streams = 0;

/**
 * Numbered datagrams that a node itself sends, so that its kernel chooses the path, and what becomes of them. Sent is what
 * the node's program sent, whether or not it came onto a wire; received what any wire of the other node delivered.
 */
export class NodeStream implements AsyncDisposable {
  readonly bed: FlowTestbed;
  /** `rack0-sled0 → rack0-sled1`. */
  readonly name: string;
  readonly #from: string;
  readonly #to: string;
  readonly #mark: Buffer;
  readonly #drainMs: number;
  readonly #flows: readonly { readonly tally: StreamTally; next: number }[];
  #program: Running | undefined;
  #reading: Promise<void> = Promise.resolve();
  #deadline = Number.POSITIVE_INFINITY;
  #ended: Promise<StreamReport> | undefined;

  private constructor(bed: FlowTestbed, from: string, to: string, { flows = 4, drainMs = 1000 }: NodeStreamOptions) {
    this.bed = bed;
    this.name = `${from} → ${to}`;
    this.#from = from;
    this.#to = to;
    this.#drainMs = drainMs;
    this.#flows = Array.from({ length: flows }, () => ({ tally: new StreamTally(), next: 0 }));
    streams += 1;
    this.#mark = createHash("sha256").update(`${runSeed()} node stream ${streams}`).digest().subarray(0, markBytes);
  }

  /** Begin to send; resolves when the node does. */
  static async start(bed: FlowTestbed, from: string, to: string, options: NodeStreamOptions): Promise<NodeStream> {
    for (const node of [from, to]) checkNode(bed.plan, node);
    const stream = new NodeStream(bed, from, to, options);
    const { destination, source, flows = 4, rate = 50, srcPort = 4000, dstPort = 9 } = options;
    const since = await bed.mark();
    const guest = await bed.node(from).guest();
    const settings = { destination, source, flows, rate, srcPort, dstPort, mark: stream.#mark.toString("hex") };
    const program = guest.spawn(["node", "-e", senderProgram, JSON.stringify(settings)], { stdin: true });
    stream.#program = program;
    await begun(program, from);
    stream.#reading = stream.#read(since);
    return stream;
  }

  /** What is known by now, of all flows together or of one (from 0), while packets may be on their way. */
  report(flow?: number): StreamReport {
    const chosen = flow === undefined ? this.#flows : this.#flows.slice(flow, flow + 1);
    return mergeReports(chosen.map(({ tally }) => tally.report()));
  }

  /** Send no more, wait for what is on its way, and give the figures. May be called again. */
  stop(): Promise<StreamReport> {
    this.#ended ??= this.bed.guarded(`stop the stream ${this.name}`, () => this.#end());
    return this.#ended;
  }

  /** The figures of all flows together, as a person reads them. */
  toString(): string {
    return `stream ${this.name}\n${streamText(this.report())}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async #end(): Promise<StreamReport> {
    this.#program?.stdin.end();
    await this.#program?.result;
    this.#deadline = performance.now() + this.#drainMs;
    await this.#reading;
    return this.report();
  }

  async #read(since: number): Promise<void> {
    const wiring = await this.bed.wiring();
    const isOurs = (port: string): boolean => [this.#from, this.#to].includes(nodeOfEnd(port));
    const wires = this.bed.plan.wires.map(({ name }) => name).filter((wire) => wiring.ends(wire).some(isOurs));
    for await (const batch of followRecording(
      this.bed.testbed.wires,
      { wiring, wires, since },
      { deadline: () => this.#deadline },
    )) {
      for (const seen of batch) this.#take(seen);
    }
  }

  #take(seen: Sighting): void {
    const at = seen.frame.indexOf(this.#mark);
    if (at === -1 || at + markBytes + 4 > seen.frame.length) return;
    const mark = seen.frame.readUInt32BE(at + markBytes);
    const number = mark % 2 ** flowShift;
    const flow = this.#flows[mark >>> flowShift];
    // What quotes the packet, such as an ICMP error, goes the other way.
    if (flow === undefined) return;
    if (nodeOfEnd(seen.from) === this.#from) {
      // Those before it that were on no wire got lost inside the node.
      for (; flow.next <= number; flow.next += 1) flow.tally.tellSent(flow.next, seen.timestampNanoseconds);
    }
    if (nodeOfEnd(seen.to) !== this.#to || seen.fate !== "delivered") return;
    flow.tally.tellArrived(number, seen.timestampNanoseconds, seen.marks.includes("duplicated") ? 2 : 1);
  }
}

async function begun(program: Running, node: string): Promise<void> {
  let said = "";
  program.stderr.on("data", (piece: Buffer) => (said += piece.toString()));
  const ended = program.result.then(({ exitCode }) => {
    throw new KestrelError({
      kind: "flow",
      step: "start a stream",
      subject: node,
      expected: "a program that sends",
      found: `exit code ${exitCode}`,
      lastWords: said.trimEnd().split("\n").slice(-5),
    });
  });
  await Promise.race([once(program.stdout, "data"), ended]);
  ended.catch(() => undefined);
}
