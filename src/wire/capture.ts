import type { Writable } from "node:stream";
import {
  enhancedPacket,
  enhancedPacketHeaderLength,
  enhancedPacketTrailerMaxLength,
  interfaceDescription,
  sectionHeader,
  writeEnhancedPacketHeader,
  writeEnhancedPacketTrailer,
} from "../packet/pcapng.ts";
import { maximumFrameBytes } from "./frame-batch.ts";
import type { PanelClock } from "./panel-clock.ts";
import { fates, marksOf, type WireEnd } from "./protocol.ts";
import { RecordMerge } from "./record-merge.ts";
import type { RingReader } from "./ring-reader.ts";
import type { Wire } from "./wire.ts";

const bufferBytes = 262_144;
const largestPlainBlock = enhancedPacketHeaderLength + maximumFrameBytes + enhancedPacketTrailerMaxLength;
const nanosecondsPerSecond = 1_000_000_000n;
const deliveredCode = fates.indexOf("delivered");

/**
 * Writes recordings as pcapng: an interface for each wire, "outbound" for what its end a sent and "inbound" for what end b
 * sent; a frame that did not come through, or not as it was, carries a comment which says so. A slow reader costs frames
 * (counted in a comment), never memory.
 */
export class Capture {
  readonly #output: Writable;
  readonly #clock: PanelClock;
  readonly #merge = new RecordMerge();
  readonly #interfaces = new Map<Wire, number>();
  readonly #reportedLosses = new Map<RingReader, number>();
  #buffer = Buffer.allocUnsafeSlow(bufferBytes);
  #filled = 0;
  #blocked = false;
  /** Frames from this sequence number on are not wanted. */
  #until = Number.POSITIVE_INFINITY;
  readonly #finished = Promise.withResolvers<undefined>();

  constructor(output: Writable, clock: PanelClock) {
    this.#output = output;
    this.#clock = clock;
    output.on("drain", () => {
      this.#blocked = false;
      this.pump();
    });
    output.on("close", () => {
      this.#finished.resolve(undefined);
    });
    this.#put(sectionHeader({ application: "Kestrel" }));
    this.#flush();
  }

  /** Capture a wire from its oldest recorded frame, or from the next one on. */
  add(wire: Wire, from: "oldest" | "next"): void {
    if (this.#interfaces.has(wire)) return;
    this.#interfaces.set(wire, this.#interfaces.size);
    const [a, b] = wire.ends.map(endName);
    this.#put(
      interfaceDescription({
        name: wire.name,
        description: `end a: ${a ?? "nothing"} (outbound), end b: ${b ?? "nothing"} (inbound)`,
      }),
    );
    this.#flush();
    this.#merge.add(wire, from);
  }

  /** Write what has been recorded since the last call, as far as the output takes it. */
  pump(): void {
    this.#merge.refresh();
    while (!this.#blocked && !this.#output.destroyed) {
      const found = this.#merge.next();
      if (found === undefined || found.reader.sequence >= this.#until) {
        this.#flush();
        if (this.#until < Number.POSITIVE_INFINITY) this.#finished.resolve(undefined);
        return;
      }
      this.#write(found.wire, found.reader);
      found.reader.advance();
    }
  }

  /** Write the frames before a sequence number and no more; resolves when they are written or nobody reads any more. */
  async finish(until: number): Promise<void> {
    this.#until = until;
    this.pump();
    await this.#finished.promise;
  }

  #write(wire: Wire, reader: RingReader): void {
    const { run, ring, frameStart, frameBytes } = reader;
    const interfaceId = this.#interfaces.get(wire) ?? 0;
    const epoch = this.#clock.toEpoch(run.time);
    const direction = run.direction === 0 ? "outbound" : "inbound";
    const lost = reader.lostFrames - (this.#reportedLosses.get(reader) ?? 0);
    if (run.fate !== deliveredCode || run.marks !== 0 || run.commentBytes > 0 || lost > 0) {
      this.#reportedLosses.set(reader, reader.lostFrames);
      const frame = ring.bytes.subarray(frameStart, frameStart + frameBytes);
      const comment = describe(reader, lost);
      this.#put(enhancedPacket({ interfaceId, timestampNanoseconds: epoch, frame, direction, comment }));
      return;
    }
    if (this.#filled + largestPlainBlock > bufferBytes) this.#flush();
    const seconds = epoch / nanosecondsPerSecond;
    const nanoseconds = Number(epoch - seconds * nanosecondsPerSecond);
    const buffer = this.#buffer;
    let offset = writeEnhancedPacketHeader(buffer, this.#filled, interfaceId, Number(seconds), nanoseconds, frameBytes);
    offset += ring.bytes.copy(buffer, offset, frameStart, frameStart + frameBytes);
    this.#filled = writeEnhancedPacketTrailer(buffer, offset, frameBytes, direction);
  }

  #put(block: Buffer): void {
    if (this.#filled + block.length > bufferBytes) this.#flush();
    this.#filled += block.copy(this.#buffer, this.#filled);
  }

  #flush(): void {
    if (this.#filled === 0) return;
    const full = this.#buffer.subarray(0, this.#filled);
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
    this.#filled = 0;
    this.#blocked = !this.#output.write(full);
  }
}

/** What is special about the reader's current frame, e.g. "lost by impairment (loss); corrupted". */
function describe(reader: RingReader, lost: number): string {
  const { run } = reader;
  const fate = fates[run.fate] ?? "delivered";
  const comment = reader.comment();
  return [
    ...(lost > 0 ? [`${lost} frames before this one were overwritten before they could be captured`] : []),
    ...(comment === undefined ? [] : [comment]),
    ...(fate === "delivered" ? [] : [`dropped: ${fate}`]),
    ...marksOf(run.marks),
  ].join("; ");
}

function endName(end: WireEnd): string {
  if (end === null) return "nothing";
  return "port" in end ? end.port : `segment ${end.segment}`;
}
