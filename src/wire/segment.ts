import type { Direction } from "./direction.ts";
import type { Sink } from "./frame-batch.ts";
import { Hub } from "./hub.ts";
import type { PanelEvent, SegmentDescription } from "./protocol.ts";
import { VdeLeg } from "./vde-leg.ts";
import { startVdeSwitch, type VdeSwitch } from "./vde-switch.ts";

/** Directory of the control directories of our own VDE switches, relative to the run directory. */
export const vdeDirectory = "vde";

/** What many wires end at. */
export interface Segment {
  readonly name: string;
  /** Plug in the wire whose direction away from the segment is given; returns where its other direction comes out. */
  plug(wire: string, away: Direction): Sink;
  unplug(away: Direction): void;
  close(): void;
}

/** Make a segment as described: a hub, or a VDE switch. */
export async function openSegment(
  description: SegmentDescription,
  report: (event: PanelEvent) => void,
): Promise<Segment> {
  const { name, vde } = description;
  if (vde === undefined) return new HubSegment(name);
  if (vde !== true)
    return new VdeSegment(name, { controlDirectory: vde.controlDirectory, close: () => undefined }, report);
  const own = await startVdeSwitch(`${vdeDirectory}/${name}`, (reason) => {
    report({ type: "segment-failed", segment: name, reason });
  });
  return new VdeSegment(name, own, report);
}

class HubSegment implements Segment {
  readonly name: string;
  readonly #hub = new Hub();

  constructor(name: string) {
    this.name = name;
  }

  plug(_wire: string, away: Direction): Sink {
    return this.#hub.plug(away);
  }

  unplug(away: Direction): void {
    this.#hub.unplug(away);
  }

  close(): void {
    // A hub is nothing but its legs.
  }
}

class VdeSegment implements Segment {
  readonly name: string;
  readonly #switch: VdeSwitch;
  readonly #report: (event: PanelEvent) => void;
  readonly #legs = new Map<Direction, VdeLeg>();

  constructor(name: string, vdeSwitch: VdeSwitch, report: (event: PanelEvent) => void) {
    this.name = name;
    this.#switch = vdeSwitch;
    this.#report = report;
  }

  plug(wire: string, away: Direction): Sink {
    const leg = new VdeLeg(
      this.#switch.controlDirectory,
      (batch) => {
        away.enter(batch);
      },
      (reason) => {
        this.#report({ type: "segment-failed", segment: this.name, wire, reason });
      },
    );
    this.#legs.set(away, leg);
    return leg;
  }

  unplug(away: Direction): void {
    this.#legs.get(away)?.close();
    this.#legs.delete(away);
  }

  close(): void {
    for (const leg of this.#legs.values()) leg.close();
    this.#legs.clear();
    this.#switch.close();
  }
}
