import type { RemoteInformation } from "./information.ts";

/** A neighbour on a port. */
export interface LldpNeighbour {
  readonly information: RemoteInformation;
  /** When it was first and last heard of, and until when what it said holds; ms on the engine's clock. */
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly expiresMs: number;
}

/** What a frame, or time, did to what is known of a neighbour. */
export type NeighbourChange = "new" | "changed" | "refreshed" | "left" | "expired";

/** The neighbours of one port; there is room for a bounded number of them. */
export class PortNeighbours {
  readonly #room: number;
  readonly #neighbours = new Map<string, LldpNeighbour>();

  constructor(room: number) {
    this.#room = room;
  }

  all(): readonly LldpNeighbour[] {
    return [...this.#neighbours.values()];
  }

  /** When the next one expires; Infinity for never. */
  get deadline(): number {
    let earliest = Infinity;
    for (const { expiresMs } of this.#neighbours.values()) earliest = Math.min(earliest, expiresMs);
    return earliest;
  }

  /** A frame was heard; undefined if it changes nothing: there is no room, or an unknown one leaves. */
  heard(information: RemoteInformation, now: number): NeighbourChange | undefined {
    const key = keyOf(information);
    const known = this.#neighbours.get(key);
    if (information.timeToLive === 0) return this.#neighbours.delete(key) ? "left" : undefined;
    if (known === undefined && this.#neighbours.size >= this.#room) return undefined;
    this.#neighbours.set(key, {
      information,
      firstSeenMs: known?.firstSeenMs ?? now,
      lastSeenMs: now,
      expiresMs: now + information.timeToLive * 1000,
    });
    if (known === undefined) return "new";
    return contentOf(known.information) === contentOf(information) ? "refreshed" : "changed";
  }

  /** Forget what does not hold any more; returns it. */
  expire(now: number): readonly LldpNeighbour[] {
    const gone: LldpNeighbour[] = [];
    for (const [key, neighbour] of this.#neighbours) {
      if (neighbour.expiresMs > now) continue;
      this.#neighbours.delete(key);
      gone.push(neighbour);
    }
    return gone;
  }
}

/** A neighbour is a port of a chassis (MSAP identifier, IEEE 802.1AB, section 8.2). */
function keyOf({ chassisSubtype, chassisId, portSubtype, portId }: RemoteInformation): string {
  return JSON.stringify([chassisSubtype, chassisId, portSubtype, portId]);
}

function contentOf(information: RemoteInformation): string {
  return JSON.stringify(information);
}
