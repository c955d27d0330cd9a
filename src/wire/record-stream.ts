import type { Writable } from "node:stream";
import type { PanelClock } from "./panel-clock.ts";
import { encodeBlock, lostBlock } from "./record-blocks.ts";
import { RecordMerge } from "./record-merge.ts";
import type { Wire } from "./wire.ts";

/** Bytes that are gathered before they are written, so that many small runs make one write. */
const gatherBytes = 262_144;

/**
 * Writes recordings from a sequence number on as they grow, run by run: what one read of a port brought is one block, so
 * that a busy wire costs little for each frame. A reader that is so slow that frames were overwritten is told, and gets no more.
 */
export class RecordStream {
  readonly #output: Writable;
  readonly #clock: PanelClock;
  readonly #merge = new RecordMerge();
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #blocked = false;
  #lost = false;
  #until = Number.POSITIVE_INFINITY;
  readonly #finished = Promise.withResolvers<undefined>();

  constructor(output: Writable, clock: PanelClock, wires: readonly Wire[], since: number) {
    this.#output = output;
    this.#clock = clock;
    for (const wire of wires) this.#merge.add(wire, "oldest");
    this.#lost = wires.some(({ ring }) => ring.evictedThrough >= since);
    this.#merge.skipTo(since);
    output.on("drain", () => {
      this.#blocked = false;
      this.pump();
    });
    output.on("close", () => {
      this.#finished.resolve(undefined);
    });
    if (this.#lost) this.#end();
  }

  /** Follow a wire that was added meanwhile. */
  add(wire: Wire): void {
    if (!this.#merge.has(wire)) this.#merge.add(wire, "oldest");
  }

  /** Write what has been recorded since the last call, as far as the output takes it. */
  pump(): void {
    if (this.#lost) return;
    this.#merge.refresh();
    while (!this.#blocked && !this.#output.destroyed) {
      const found = this.#merge.next();
      if (found === undefined || found.reader.sequence >= this.#until) {
        this.#flush();
        if (this.#until < Number.POSITIVE_INFINITY) this.#finished.resolve(undefined);
        return;
      }
      const { reader, wire } = found;
      if (reader.lostFrames > 0) {
        this.#lost = true;
        this.#end();
        return;
      }
      const block = encodeBlock(wire.name, reader, this.#clock.toEpoch(reader.run.time));
      reader.advanceRun();
      this.#gathered.push(block);
      this.#gatheredBytes += block.length;
      if (this.#gatheredBytes >= gatherBytes) this.#flush();
    }
  }

  /** Write the frames before a sequence number and no more; resolves when they are written or nobody reads any more. */
  async finish(until: number): Promise<void> {
    this.#until = until;
    this.pump();
    await this.#finished.promise;
  }

  #end(): void {
    this.#gathered.push(lostBlock());
    this.#flush();
    this.#finished.resolve(undefined);
  }

  #flush(): void {
    if (this.#gathered.length === 0) return;
    this.#blocked = !this.#output.write(Buffer.concat(this.#gathered));
    this.#gathered = [];
    this.#gatheredBytes = 0;
  }
}
