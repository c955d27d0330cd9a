import type { PcapFrame } from "../../packet/pcap-reader.ts";

/** Memory for the frames of a tap, bytes: as much as a wire has. */
const defaultCapacityBytes = 8_388_608;

/** Where a tap stood at some moment. */
export interface TapPosition {
  /** Frames that had arrived at the host. */
  readonly arrived: number;
  /** What the clock of the node said, nanoseconds since the epoch. */
  readonly guestTime: bigint;
}

/** A frame of a tap, with its place in the order in which the tap saw frames. */
export interface TappedFrame {
  readonly ordinal: number;
  readonly guestTime: bigint;
  readonly frame: Buffer;
}

/**
 * The most recent frames of a tap, and where a flow's sends lie between them.
 *
 * A frame belongs to what came after a send when the tap saw it after the send. Frames arrive at the host in the order in
 * which the tap saw them, but late: some that were seen before a send may arrive after it. So before each send the node's own
 * clock is read, which is the clock that stamps the frames, and those that had not arrived by then belong to the past as long
 * as their time is before that reading. Host and guest clock are never compared, so it does not matter how they differ or
 * drift. The first frame that is not before the reading settles it: all behind it were seen later, whatever happens to the
 * clock afterwards. Frames that come while the clock is being read may be on either side; they are not the send's.
 */
export class TapRecording {
  readonly #capacityBytes: number;
  /** Those before `#gone` have left the recording; they are cut off now and then. */
  #frames: TappedFrame[] = [];
  #gone = 0;
  /** Ordinal of the first of `#frames`. */
  #first = 0;
  #bytes = 0;
  readonly #marks: { readonly cursor: number; readonly position: TapPosition }[] = [];

  /** @param capacityBytes - bytes of frames that are kept; the oldest give way */
  constructor(capacityBytes = defaultCapacityBytes) {
    this.#capacityBytes = capacityBytes;
  }

  /** Frames that have arrived. */
  get arrived(): number {
    return this.#first + this.#frames.length;
  }

  /** Ordinal of the oldest frame that is still there. */
  get oldest(): number {
    return this.#first + this.#gone;
  }

  /** Take in a frame. */
  add({ timestampNanoseconds, frame }: PcapFrame): void {
    this.#frames.push({ ordinal: this.arrived, guestTime: timestampNanoseconds, frame });
    this.#bytes += frame.length;
    for (; this.#bytes > this.#capacityBytes; this.#gone += 1)
      this.#bytes -= this.#frames[this.#gone]?.frame.length ?? 0;
    if (this.#gone * 2 <= this.#frames.length) return;
    this.#frames = this.#frames.slice(this.#gone);
    this.#first += this.#gone;
    this.#gone = 0;
  }

  /** Note that the testbed's cursor was set to `cursor` when the tap stood at `position`. */
  note(cursor: number, position: TapPosition): void {
    this.#marks.push({ cursor, position });
  }

  /** Ordinal of the first frame that was seen at or after a cursor, as far as is known by now. */
  startOf(cursor: number): number {
    const mark = this.#marks.findLast((each) => each.cursor <= cursor);
    if (mark === undefined) return 0;
    const { arrived, guestTime } = mark.position;
    let ordinal = arrived;
    while (ordinal < this.arrived && this.#isBefore(ordinal, guestTime)) ordinal += 1;
    return ordinal;
  }

  /** The frames from an ordinal on that are still there. */
  from(ordinal: number): readonly TappedFrame[] {
    return this.#frames.slice(Math.max(this.#gone, ordinal - this.#first));
  }

  #isBefore(ordinal: number, guestTime: bigint): boolean {
    if (ordinal < this.oldest) return false;
    const frame = this.#frames[ordinal - this.#first];
    // One that has left the recording cannot be asked any more; whoever reads from it learns that it is lost.
    return frame !== undefined && frame.guestTime < guestTime;
  }
}
