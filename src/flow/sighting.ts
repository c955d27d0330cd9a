import { type Packet, parse } from "../packet/index.ts";
import type { DirectionName, Fate, FrameMark, WireRecord } from "../wire/index.ts";
import { describePacket } from "./inner-packet.ts";
import type { Wiring } from "./wiring.ts";

/** A frame seen on a wire or at a tap: its record, decoded, and the two ends it went between. */
export interface Sighting extends WireRecord {
  /** Who sent it: `h1:net0`, or the name of a segment. */
  readonly from: string;
  /** Whom the wire leads to. */
  readonly to: string;
  /** Decoded when first asked for. */
  readonly packet: Packet;
  /** The interface inside a node that it was seen at, `r1:gnv0`; undefined for a wire. */
  readonly tap?: string;
}

/** A sighting whose frame is decoded only when somebody looks at it. */
export class RecordedSighting implements Sighting {
  readonly sequence: number;
  readonly wire: string;
  readonly direction: DirectionName;
  readonly timestampNanoseconds: bigint;
  readonly fate: Fate;
  readonly marks: readonly FrameMark[];
  readonly comment?: string;
  readonly frame: Buffer;
  readonly from: string;
  readonly to: string;
  readonly tap?: string;
  readonly #decode: (frame: Buffer) => Packet;
  #packet: Packet | undefined;

  constructor(
    record: WireRecord,
    place: { readonly from: string; readonly to: string; readonly tap?: string },
    decode: (frame: Buffer) => Packet = parse,
  ) {
    this.sequence = record.sequence;
    this.wire = record.wire;
    this.direction = record.direction;
    this.timestampNanoseconds = record.timestampNanoseconds;
    this.fate = record.fate;
    this.marks = record.marks;
    if (record.comment !== undefined) this.comment = record.comment;
    this.frame = record.frame;
    this.from = place.from;
    this.to = place.to;
    if (place.tap !== undefined) this.tap = place.tap;
    this.#decode = decode;
  }

  get packet(): Packet {
    this.#packet ??= this.#decode(this.frame);
    return this.#packet;
  }
}

/** What a record of a wire shows. */
export function sighting(record: WireRecord, wiring: Wiring): Sighting {
  return new RecordedSighting(record, wiring.way(record.wire, record.direction));
}

/** A line of a list of sightings: time since `origin`, ends, what it was, and what became of it. */
export function describeSighting(seen: Sighting, originNanoseconds: bigint): string {
  const notes = [
    ...(seen.fate === "delivered" ? [] : [`not delivered: ${seen.fate}`]),
    // Who commented a frame has injected it.
    ...(seen.comment === undefined ? seen.marks : [seen.comment]),
  ];
  const note = notes.length === 0 ? "" : `  [${notes.join(", ")}]`;
  return `${elapsed(seen, originNanoseconds)}  ${seen.from} → ${seen.to}  ${describePacket(seen.packet)}${note}`;
}

/** Time of a sighting since `origin`, as `+1.234 ms`. */
export function elapsed({ timestampNanoseconds }: Sighting, originNanoseconds: bigint): string {
  const microseconds = Number((timestampNanoseconds - originNanoseconds) / 1000n);
  return `${microseconds < 0 ? "-" : "+"}${(Math.abs(microseconds) / 1000).toFixed(3)} ms`;
}
