import type { Duplex } from "node:stream";
import { lastConsoleLines } from "../machine/index.ts";

/** Bytes of console output kept for a person who attaches and for errors. */
const historyBytes = 16_384;
/** A line that is longer is not waited for; characters. */
const longestLine = 4096;

/** The serial console of a node: always read, so that the guest never stalls on it; watched by any number of people. */
export class ConsoleTap {
  readonly #watchers = new Set<(chunk: Buffer) => void>();
  #history = Buffer.alloc(0);
  #stream: Duplex | undefined;

  /** Take the console of a machine that has just been started; what watches stays. */
  connect(stream: Duplex): void {
    this.#stream = stream;
    stream.on("data", (chunk: Buffer) => {
      this.#history = Buffer.concat([this.#history, chunk]).subarray(-historyBytes);
      for (const watcher of this.#watchers) watcher(chunk);
    });
  }

  /** Call `watcher` with the recent output and then with everything new. Returns how to stop. */
  watch(watcher: (chunk: Buffer) => void): () => void {
    if (this.#history.length > 0) watcher(this.#history);
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
    };
  }

  /** Call `heard` once when a line of what comes from now on has `words` in it and has ended. Returns how to stop. */
  listenFor(words: string, heard: () => void): () => void {
    let recent = "";
    const listener = (chunk: Buffer): void => {
      recent += chunk.toString("latin1");
      const at = recent.indexOf(words);
      recent = recent.slice(at < 0 ? -words.length : at);
      if (at < 0 || (!recent.includes("\n") && recent.length < longestLine)) return;
      this.#watchers.delete(listener);
      heard();
    };
    this.#watchers.add(listener);
    return () => {
      this.#watchers.delete(listener);
    };
  }

  /** Type into the console. */
  write(chunk: Buffer): void {
    this.#stream?.write(chunk);
  }

  /** The last lines that are not empty, oldest first; after a kernel panic, what led to it. */
  lastLines(count = 15): readonly string[] {
    return lastConsoleLines(this.#history.toString("utf8"), count);
  }
}
