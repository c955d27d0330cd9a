import { closeSync, constants, createReadStream, createWriteStream, fstatSync, openSync, statSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { pcapHeader, pcapRecord } from "./pcap.ts";

/** Frames for the reader of a FIFO are dropped beyond this many bytes. */
const longestBacklog = 4 * 1024 * 1024;
/** How long the reader of a FIFO may take over what is left when the capture is closed. */
const drainMs = 5_000;

/**
 * A capture to be read, a file or a FIFO. Opening a FIFO waits for nobody, and reading one takes no thread: Node.js has a few
 * for all files, and a FIFO without news would keep one.
 */
export function openCapture(path: string): Readable {
  // Files do not know the difference.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return fstatSync(fd).isFIFO() ? new Socket({ fd, readable: true, writable: false }) : createReadStream(path, { fd });
}

/** A capture that is written: a file, or a FIFO, whose reader may come when it likes. */
export class CaptureWriter {
  readonly #stream: Writable;
  /** A reading end of the FIFO, without which it could not be opened before its reader comes. */
  readonly #placeholder: number | undefined;
  #dropped = 0;
  #closing = false;

  /**
   * Opened at once, so that a path that cannot be written is told as one, by the system's error.
   *
   * @param fail - told what goes wrong later
   */
  constructor(path: string, fail: (error: Error) => void) {
    const isFifo = statSync(path, { throwIfNoEntry: false })?.isFIFO() === true;
    if (isFifo) {
      this.#placeholder = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      this.#stream = new Socket({ fd, readable: false, writable: true });
    } else {
      this.#stream = createWriteStream(path, { fd: openSync(path, "w") });
    }
    this.#stream.on("error", (error) => {
      // At the end a FIFO may have no reader; then nobody misses what it refuses.
      if (!this.#closing) fail(new Error(`${path}: ${error.message}`));
    });
    this.#stream.write(pcapHeader());
  }

  /** Frames that a FIFO did not take because nobody read it. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Write a frame, `bytes[start, start + length)`, with the time of now; the bytes are not kept. */
  write(bytes: Uint8Array, start: number, length: number): void {
    if (this.#placeholder !== undefined && this.#stream.writableLength > longestBacklog) {
      this.#dropped += 1;
      return;
    }
    this.#stream.write(pcapRecord(bytes.subarray(start, start + length), Date.now() * 1000));
  }

  /** All is in the file, or the reader of the FIFO has taken it, has gone, or had its time. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#placeholder !== undefined) closeSync(this.#placeholder);
    if (this.#stream.closed) return;
    const closed = new Promise((resolve) => this.#stream.once("close", resolve));
    this.#stream.end();
    const late = this.#placeholder === undefined ? undefined : setTimeout(() => this.#stream.destroy(), drainMs);
    await closed;
    clearTimeout(late);
  }
}
