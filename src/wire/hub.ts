import type { Direction } from "./direction.ts";
import type { Sink } from "./frame-batch.ts";

/** A shared Ethernet: what comes out of one leg enters all the others. Each leg is a wire with impairments of its own. */
export class Hub {
  readonly #legs = new Set<Direction>();

  /** Plug a wire in. `away` is the direction that leaves the hub; returns what the other direction comes out at. */
  plug(away: Direction): Sink {
    this.#legs.add(away);
    return {
      connected: true,
      waitingBytes: 0,
      deliver: (batch) => {
        for (const leg of this.#legs) if (leg !== away) leg.enter(batch);
        return batch.end;
      },
    };
  }

  unplug(away: Direction): void {
    this.#legs.delete(away);
  }
}
