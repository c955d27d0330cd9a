import { KestrelError } from "../../error/kestrel-error.ts";
import type { Guest, Running } from "../../guest/index.ts";
import { type Packet, parse } from "../../packet/index.ts";
import { PcapReader } from "../../packet/pcap-reader.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import { RecordedSighting, type Sighting } from "../sighting.ts";
import { noteStep } from "../timeline.ts";
import type { RecordedPlace, Until, Watched } from "../watched.ts";
import type { GuestClock } from "./guest-clock.ts";
import { readLastWords, type TapFigures } from "./last-words.ts";
import { tapFault } from "./tap-fault.ts";
import { type TappedFrame, TapRecording, type TapPosition } from "./tap-recording.ts";

/** Which frames of an interface are recorded. */
export interface TapOptions {
  /** A filter as of tcpdump (pcap-filter(7)), applied by the kernel of the node. All frames unless given. */
  readonly filter?: string;
  /** Name of the network namespace that the interface is in, as of `ip netns`. */
  readonly namespace?: string;
}

/**
 * The interface's MAC on standard error, then tcpdump: frames whole, each at once, times in nanoseconds, as pcap on standard
 * output. The interface itself stays as it is: it sees what it sees without a tap.
 */
const script =
  'cat "/sys/class/net/$0/address" >&2; ' +
  'exec tcpdump --interface="$0" --immediate-mode --packet-buffered --time-stamp-precision=nano --snapshot-length=0 ' +
  '--buffer-size=8192 --no-promiscuous-mode -n -w - -- "$@"';
const armDeadlineMs = 20_000;
const endDeadlineMs = 20_000;
const listening = /listening on [^\n]*link-type (\w+)/;

/** How the first layer of a frame is found, by tcpdump's names of link types. */
const decoders: Readonly<Record<string, (frame: Buffer) => Packet>> = {
  EN10MB: (frame) => parse(frame),
  RAW: (frame) => parse(frame, (frame[0] ?? 0) >> 4 === 6 ? "ipv6" : "ipv4"),
  IPV4: (frame) => parse(frame, "ipv4"),
  IPV6: (frame) => parse(frame, "ipv6"),
};

/** An interface inside a node whose frames are recorded like those of a wire. */
export class FlowTap implements Watched, AsyncDisposable {
  readonly bed: FlowTestbed;
  /** `r1:gnv0`. */
  readonly name: string;
  readonly #clock: GuestClock;
  readonly #running: Running;
  readonly #recording = new TapRecording();
  readonly #pcap = new PcapReader();
  readonly #listeners = new Set<() => void>();
  #words = "";
  #decode: (frame: Buffer) => Packet = parse;
  #mac: Buffer | undefined;
  #ended: { readonly reason: string } | undefined;
  #ending: Promise<TapFigures> | undefined;

  private constructor(bed: FlowTestbed, name: string, clock: GuestClock, running: Running) {
    this.bed = bed;
    this.name = name;
    this.#clock = clock;
    this.#running = running;
    const end = (reason: string): void => {
      this.#ended ??= { reason };
      this.#tell();
    };
    running.stdout.on("data", (chunk: Buffer) => {
      for (const frame of this.#pcap.push(chunk)) this.#recording.add(frame);
      if (this.#pcap.fault !== undefined) end(`what it sends cannot be read: ${this.#pcap.fault}`);
      this.#tell();
    });
    running.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#words += text;
      this.#tell();
    });
    // Why the streams break off, the result tells.
    for (const stream of [running.stdout, running.stderr]) stream.on("error", () => undefined);
    running.result.then(
      ({ exitCode, signal }) => {
        end(`tcpdump ended with ${signal ?? `exit code ${exitCode}`}`);
      },
      (error: unknown) => {
        end(error instanceof Error ? error.message : String(error));
      },
    );
  }

  /**
   * Begin to record an interface; when this resolves, every frame from now on is.
   *
   * @throws KestrelError (input) when there is no such interface, or the filter is none
   */
  static async open(
    bed: FlowTestbed,
    guest: Guest,
    clock: GuestClock,
    interfaceName: string,
    { filter, namespace }: TapOptions = {},
  ): Promise<FlowTap> {
    const capture = ["sh", "-c", script, interfaceName, ...(filter === undefined ? [] : [filter])];
    const command = namespace === undefined ? capture : ["ip", "netns", "exec", namespace, ...capture];
    const name = `${guest.node}:${namespace === undefined ? "" : `${namespace}/`}${interfaceName}`;
    const tap = new FlowTap(bed, name, clock, guest.spawn(command));
    const deadline = performance.now() + armDeadlineMs;
    while (!listening.test(tap.#words)) {
      if (tap.#ended !== undefined || performance.now() >= deadline) {
        tap.#running.kill("SIGKILL");
        const { name } = tap;
        const heard = { words: tap.#words, ended: tap.#ended?.reason };
        throw await tapFault({ guest, name, interfaceName, filter, namespace, ...heard });
      }
      await tap.#news({ deadline: () => deadline });
    }
    tap.#learn();
    return tap;
  }

  /** Where the tap stands: everything that it has seen before this was called is before the position. */
  async position(): Promise<TapPosition> {
    const { arrived } = this.#recording;
    return { arrived, guestTime: await this.#clock.read() };
  }

  /** Note that the testbed's cursor was set when the tap stood there. */
  note(cursor: number, position: TapPosition): void {
    this.#recording.note(cursor, position);
  }

  place(): Promise<RecordedPlace> {
    return Promise.resolve(this.recorded);
  }

  /** What expectations read. */
  get recorded(): RecordedPlace {
    return { subject: this.#subject, wire: this.#subject, follow: (since, until) => this.#follow(since, until) };
  }

  /** Frames recorded since the last send (or a cursor noted earlier), background included. */
  frames(since = this.bed.cursor): readonly Sighting[] {
    return this.#seenFrom(this.#startOf(since));
  }

  /** End the tap and tell what it counted; frames recorded so far can still be looked at. */
  stop(): Promise<TapFigures> {
    this.#ending ??= this.#stop();
    return this.#ending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The node may be gone, and the tap with it: what matters was looked at.
    await this.stop().catch(() => undefined);
  }

  get #subject(): string {
    return `tap ${this.name}`;
  }

  async *#follow(since: number, { deadline, signal }: Until): AsyncGenerator<readonly Sighting[]> {
    // Until a frame settles it, the beginning moves on with what was still on its way.
    let next: number | undefined;
    for (;;) {
      if (signal?.aborted === true) return;
      const over = performance.now() >= deadline();
      const begin = next ?? this.#startOf(since);
      if (begin < this.#recording.oldest) throw this.#lost();
      const found = this.#seenFrom(begin);
      if (found.length > 0) {
        next = begin + found.length;
        yield found;
      }
      if (over) return;
      if (this.#ended !== undefined && this.#ending === undefined) throw this.#gone(this.#ended.reason);
      if (found.length === 0) await this.#news({ deadline, signal });
    }
  }

  #startOf(cursor: number): number {
    return this.#recording.startOf(cursor);
  }

  #seenFrom(ordinal: number): readonly Sighting[] {
    return this.#recording.from(ordinal).map((frame) => this.#sighting(frame));
  }

  #sighting({ ordinal, guestTime, frame }: TappedFrame): Sighting {
    const out = this.#mac === undefined || frame.subarray(6, 12).equals(this.#mac);
    const beyond = `(beyond ${this.name})`;
    const record = {
      sequence: ordinal,
      wire: this.#subject,
      direction: out ? ("aToB" as const) : ("bToA" as const),
      timestampNanoseconds: guestTime + this.#clock.offsetNanoseconds,
      fate: "delivered" as const,
      marks: [],
      frame,
    };
    const way = out ? { from: this.name, to: beyond } : { from: beyond, to: this.name };
    return new RecordedSighting(record, { ...way, tap: this.name }, this.#decode);
  }

  /** What tcpdump and the interface said of themselves. */
  #learn(): void {
    const [, linkType = ""] = listening.exec(this.#words) ?? [];
    const decode = decoders[linkType];
    if (decode === undefined) {
      this.#running.kill("SIGKILL");
      throw new KestrelError({
        kind: "input",
        step: "tap an interface",
        subject: this.name,
        expected: "Ethernet or bare IP packets",
        found: `frames of link type ${linkType}`,
      });
    }
    this.#decode = decode;
    const [, digits] = /^((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/m.exec(this.#words) ?? [];
    if (linkType === "EN10MB" && digits !== undefined) this.#mac = Buffer.from(digits.replaceAll(":", ""), "hex");
  }

  /** Wait for a frame, a word or the end, at most until the deadline. */
  #news({ deadline, signal }: Until): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, deadline() - performance.now()));
      this.#listeners.add(done);
      signal?.addEventListener("abort", done);
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #stop(): Promise<TapFigures> {
    if (this.#ended === undefined) this.#running.kill("SIGINT");
    const deadline = performance.now() + endDeadlineMs;
    while (this.#ended === undefined && performance.now() < deadline) await this.#news({ deadline: () => deadline });
    if (this.#ended === undefined) this.#running.kill("SIGKILL");
    this.bed.taps.forget(this);
    const figures = readLastWords(this.#words);
    if (figures === undefined) throw this.#gone(this.#ended?.reason ?? "no last words of tcpdump");
    if (figures.dropped > 0) {
      const text = `tap ${this.name} missed frames: the kernel dropped ${figures.dropped} of ${figures.received}`;
      noteStep({ kind: "note", testbed: this.bed.name, text, outcome: "failed", detail: figures });
    }
    return figures;
  }

  #gone(found: string): KestrelError {
    return new KestrelError({
      kind: "flow",
      step: "read a tap",
      subject: this.name,
      expected: "that it records until it is ended",
      found,
      lastWords: this.#words.trimEnd().split("\n").slice(-5),
    });
  }

  #lost(): KestrelError {
    return new KestrelError({
      kind: "flow",
      step: "read a tap",
      subject: this.name,
      expected: "every frame since the last send",
      found: "that the oldest ones had to make room for newer ones",
      hint: "give the tap a filter, or look at it sooner after the send",
    });
  }
}
