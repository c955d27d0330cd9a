import { createWriteStream, type WriteStream } from "node:fs";
import { EventEmitter } from "node:events";
import type { Happening, TestbedEvent } from "./protocol.ts";

/** Events that a late subscriber can still be given from memory. */
const kept = 10_000;

/** The event stream of a testbed: numbered, timed, written to a file, given to whoever follows. */
export class EventLog {
  readonly #file: WriteStream;
  readonly #events: TestbedEvent[] = [];
  readonly #followers = new EventEmitter<{ event: [TestbedEvent] }>();
  readonly #startedAt = performance.now();
  #sequence = 0;

  /** @param path - file that events are appended to, one JSON object a line */
  constructor(path: string) {
    this.#file = createWriteStream(path, { flags: "a", mode: 0o600 });
    // A full disk must not end the testbed: the stream in memory goes on.
    this.#file.on("error", () => undefined);
    this.#followers.setMaxListeners(0);
  }

  emit(happening: Happening): void {
    const event: TestbedEvent = {
      sequence: ++this.#sequence,
      time: Date.now(),
      elapsedMs: Math.round(performance.now() - this.#startedAt),
      ...happening,
    };
    this.#events.push(event);
    if (this.#events.length > kept) this.#events.shift();
    this.#file.write(`${JSON.stringify(event)}\n`);
    this.#followers.emit("event", event);
  }

  /** Give `listener` all kept events after `since`, then each new one. Returns how to stop. */
  follow(since: number, listener: (event: TestbedEvent) => void): () => void {
    for (const event of this.#events) if (event.sequence > since) listener(event);
    this.#followers.on("event", listener);
    return () => {
      this.#followers.off("event", listener);
    };
  }

  /** The kept events after `since`. */
  after(since: number): readonly TestbedEvent[] {
    return this.#events.filter(({ sequence }) => sequence > since);
  }

  /** Resolves when everything is in the file. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#file.end(() => {
        resolve();
      });
    });
  }
}
