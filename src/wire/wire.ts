import type { DirectionSettings } from "../topology/direction-settings.ts";
import { Direction } from "./direction.ts";
import type { PanelCore } from "./panel-core.ts";
import type { DirectionName, EndIndex, WireDescription, WireEnd, WireStatus } from "./protocol.ts";
import { RecordRing } from "./record-ring.ts";

/** A wire: two ends, two directions, one recording. */
export class Wire {
  readonly name: string;
  readonly ring: RecordRing;
  readonly aToB: Direction;
  readonly bToA: Direction;
  readonly ends: [WireEnd, WireEnd] = [null, null];
  #up = true;

  /** The ends are plugged in by the panel. */
  constructor(core: PanelCore, description: WireDescription, ringBytes: number) {
    this.name = description.name;
    this.ring = new RecordRing(ringBytes);
    this.aToB = new Direction(core, this.name, 0, this.ring, description.aToB ?? {});
    this.bToA = new Direction(core, this.name, 1, this.ring, description.bToA ?? {});
  }

  /** The direction into which an end sends. */
  from(end: EndIndex): Direction {
    return end === 0 ? this.aToB : this.bToA;
  }

  /** The direction that comes out at an end. */
  to(end: EndIndex): Direction {
    return end === 0 ? this.bToA : this.aToB;
  }

  /** Change settings of one direction, or of both. */
  set(settings: Partial<DirectionSettings>, direction?: DirectionName): void {
    if (direction !== "bToA") this.aToB.set(settings);
    if (direction !== "aToB") this.bToA.set(settings);
  }

  /** Take the carrier away or give it back, both ways: while it is down, frames are counted and dropped. */
  setUp(up: boolean): void {
    this.#up = up;
    this.aToB.setUp(up);
    this.bToA.setUp(up);
  }

  /** What is under way is forgotten. */
  close(): void {
    this.aToB.close();
    this.bToA.close();
  }

  status(): WireStatus {
    const { ring } = this;
    return {
      name: this.name,
      ends: this.ends,
      up: this.#up,
      aToB: { settings: this.aToB.settings, counters: this.aToB.counters() },
      bToA: { settings: this.bToA.settings, counters: this.bToA.counters() },
      recording: {
        capacityBytes: ring.capacityBytes,
        frames: ring.recordedFrames - ring.evictedFrames,
        overwrittenFrames: ring.evictedFrames,
      },
    };
  }
}
