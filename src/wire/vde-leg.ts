import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { boundaryBefore, type FrameBatch, frameLengthAt, lengthPrefixBytes, type Sink } from "./frame-batch.ts";
import type { FrameConsumer } from "./port.ts";

/** Bytes of the length that precedes each frame on vde_plug's standard streams (u16 big-endian). */
const vdePrefixBytes = 2;
const longestVdeFrame = 0xffff;
const lastWordsBytes = 2000;

/** A port of a VDE switch: `vde_plug` as a child process, its standard input and output carrying the frames. */
export class VdeLeg implements Sink {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #consume: FrameConsumer;
  #rest: Buffer = Buffer.alloc(0);
  #running = true;
  #lastWords = "";

  /** `failed` is called once with the reason if the plug ends without having been closed. */
  constructor(controlDirectory: string, consume: FrameConsumer, failed: (reason: string) => void) {
    this.#consume = consume;
    this.#process = spawnBound("vde_plug", [controlDirectory]);
    const child = this.#process;
    child.stdout.on("data", (bytes: Buffer) => {
      this.#received(bytes);
    });
    child.stderr.on("data", (bytes: Buffer) => {
      this.#lastWords = (this.#lastWords + bytes.toString()).slice(-lastWordsBytes);
    });
    // A write into the pipe of a plug that has just died; its end is reported below.
    child.stdin.on("error", () => undefined);
    const ended = (reason: string) => {
      if (!this.#running) return;
      this.#running = false;
      failed(this.#lastWords === "" ? reason : `${reason}: ${this.#lastWords.trim()}`);
    };
    child.on("error", (error) => {
      ended(`vde_plug: ${error.message}`);
    });
    child.on("close", (code, signal) => {
      ended(`vde_plug ended with ${signal ?? `exit code ${code ?? "unknown"}`}`);
    });
  }

  get connected(): boolean {
    return this.#running;
  }

  get waitingBytes(): number {
    return this.#process.stdin.writableLength;
  }

  deliver(batch: FrameBatch, limitBytes: number): number {
    const { buffer, start } = batch;
    const end = boundaryBefore(buffer, start, batch.end, start + Math.max(0, limitBytes - this.waitingBytes));
    const bytes = Buffer.allocUnsafe(end - start);
    let written = 0;
    for (let offset = start; offset < end;) {
      const length = frameLengthAt(buffer, offset);
      const frame = offset + lengthPrefixBytes;
      offset = frame + length;
      if (length > longestVdeFrame) continue;
      written = bytes.writeUInt16BE(length, written);
      written += buffer.copy(bytes, written, frame, offset);
    }
    if (written > 0) this.#process.stdin.write(bytes.subarray(0, written));
    return end;
  }

  /** Unplug. */
  close(): void {
    this.#running = false;
    this.#process.kill("SIGKILL");
  }

  #received(bytes: Buffer): void {
    const input = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let offset = 0;
    let frames = 0;
    // At most one prefix grows by two bytes for every two bytes of input.
    const output = Buffer.allocUnsafe(input.length * 2);
    let written = 0;
    while (offset + vdePrefixBytes <= input.length) {
      const length = input.readUInt16BE(offset);
      const frame = offset + vdePrefixBytes;
      if (frame + length > input.length) break;
      written = output.writeUInt32BE(length, written);
      written += input.copy(output, written, frame, frame + length);
      offset = frame + length;
      frames += 1;
    }
    this.#rest = input.subarray(offset);
    if (frames > 0) {
      this.#consume({ buffer: output, start: 0, end: written, frames, owner: undefined, source: undefined });
    }
  }
}

/** Start a child that dies with this process, however that ends. */
export function spawnBound(
  command: string,
  args: readonly string[],
): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn("setpriv", ["--pdeathsig", "KILL", "--", command, ...args], { stdio: ["pipe", "pipe", "pipe"] });
}
